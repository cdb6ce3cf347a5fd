"""Sessions that end when their person signs out at the council's provider."""

from alembic import op

revision = "console_0022"
down_revision = "console_0021"


def upgrade() -> None:
    op.execute(
        """
        SET LOCAL lock_timeout = '5s';

        ALTER TABLE session
            -- SHA-256 of what the provider calls its own session, and the person; none for those
            -- who signed in here.
            ADD COLUMN provider_session bytea,
            ADD COLUMN provider_person  bytea;
        """
    )
