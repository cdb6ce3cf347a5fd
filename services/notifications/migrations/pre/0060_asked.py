"""What somebody was told that they are asked to do."""

from alembic import op

revision = "notifications_0060"
down_revision = "notifications_0050"


def upgrade() -> None:
    op.execute(
        """
        -- Offers and actions, by their ids, that whoever was asked had an email about.
        CREATE TABLE asked (
            thing_id  uuid PRIMARY KEY,
            authority text NOT NULL,
            staff_id  uuid NOT NULL,
            told_at   timestamptz NOT NULL
        );
        CREATE INDEX asked_told ON asked (told_at);
        """
    )
