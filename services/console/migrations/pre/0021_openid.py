"""Sessions of people who signed in at the council's provider."""

from alembic import op

revision = "console_0021"
down_revision = "console_0020"


def upgrade() -> None:
    op.execute(
        """
        SET LOCAL lock_timeout = '5s';

        ALTER TABLE session
            -- The provider's ID token, sealed like the access token: it signs them out there.
            ADD COLUMN sealed_id_token bytea;
        """
    )
