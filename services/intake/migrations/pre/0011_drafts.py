"""Intake's drafts: forms that are begun and not sent yet."""

from alembic import op

revision = "intake_0011"
down_revision = "intake_0010"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE draft (
            -- Becomes the id of the referral, under whose key the words are sealed already.
            draft_id         uuid PRIMARY KEY,
            authority        text NOT NULL,
            organisation_id  uuid NOT NULL,
            client_id        text NOT NULL,
            version          integer NOT NULL CHECK (version > 0),
            created_at       timestamptz NOT NULL,
            updated_at       timestamptz NOT NULL,
            expires_at       timestamptz NOT NULL CHECK (expires_at > updated_at),
            submitting_until timestamptz,
            content          bytea NOT NULL,
            holder           bytea
        );

        -- What a client holds.
        CREATE INDEX draft_held ON draft (organisation_id, client_id, updated_at);
        -- What is to be forgotten.
        CREATE INDEX draft_expiry ON draft (expires_at);
        """
    )
