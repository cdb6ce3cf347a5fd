"""Intake's clients: a secret that was replaced holds for a while beside the new one."""

from alembic import op

revision = "intake_0031"
down_revision = "intake_0030"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE client
            ADD COLUMN old_secret_digest bytea,
            ADD COLUMN old_secret_until  timestamptz,
            ADD CHECK ((old_secret_digest IS NULL) = (old_secret_until IS NULL));
        """
    )
