"""In whose words a message was written."""

from alembic import op

revision = "notifications_0063"
down_revision = "notifications_0062"


def upgrade() -> None:
    op.execute(
        """
        -- The version of the pack whose authority wrote the template itself; nothing for one that
        -- is shipped.
        ALTER TABLE message ADD COLUMN template text;
        ALTER TABLE rating ADD COLUMN template text;
        """
    )
