"""The queue says where another agency tells of the same incident."""

from alembic import op

revision = "console_0024"
down_revision = "console_0023"


def upgrade() -> None:
    op.execute(
        """
        SET LOCAL lock_timeout = '5s';

        -- Ids of other referrals that tell of the same incident.
        ALTER TABLE queue_row ADD COLUMN incidents jsonb NOT NULL DEFAULT '[]';
        """
    )
