"""Messages to agencies that are asked for information."""

from alembic import op

revision = "notifications_0030"
down_revision = "notifications_0001"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE message DROP CONSTRAINT message_audience_check;
        -- What is there already keeps the narrower rule, so that nothing has to be looked through.
        ALTER TABLE message ADD CONSTRAINT message_audience_check
            CHECK (audience IN ('referrer', 'agency', 'duty', 'manager')) NOT VALID;
        """
    )
