"""Links to web forms that are mailed to whoever began them."""

from alembic import op

revision = "notifications_0044"
down_revision = "notifications_0043"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE form_link (
            link_id        uuid PRIMARY KEY,
            authority      text NOT NULL,
            -- As long as the form can be come back to.
            until          timestamptz NOT NULL,
            asked_at       timestamptz NOT NULL,
            state          text NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed',
                                                          'late')),
            cuts           integer NOT NULL CHECK (cuts >= 0),
            -- When it may be sent next; while it is being sent, when its sender's lease ends.
            due_at         timestamptz NOT NULL,
            claim          uuid,
            reason         text,
            -- Keyed: how many were mailed of one form, and to one address, is counted for a day.
            form_digest    bytea NOT NULL,
            address_digest bytea NOT NULL,
            key_id         text,
            -- The address and the link, until they went.
            sealed_words   bytea,
            CHECK ((sealed_words IS NOT NULL) = (state IN ('queued', 'sending'))),
            CHECK ((sealed_words IS NULL) = (key_id IS NULL))
        );
        CREATE INDEX form_link_due ON form_link (due_at) WHERE state IN ('queued', 'sending');
        CREATE INDEX form_link_of_form ON form_link (form_digest);
        CREATE INDEX form_link_to_address ON form_link (address_digest);
        """
    )
