"""News of disagreements and of requests for information: what it is about."""

from alembic import op

revision = "notifications_0065"
down_revision = "notifications_0064"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE notice
            ADD COLUMN about uuid,
            ALTER COLUMN stage DROP NOT NULL;
        """
    )
