"""Intake's clients: whose case system one is."""

from alembic import op

revision = "intake_0051"
down_revision = "intake_0050"


def upgrade() -> None:
    op.execute(
        """
        SET LOCAL lock_timeout = '5s';

        ALTER TABLE client ADD COLUMN authority text;
        """
    )
