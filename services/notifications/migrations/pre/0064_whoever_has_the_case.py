"""Messages to the team and the worker who have a case that is open."""

from alembic import op

revision = "notifications_0064"
down_revision = "notifications_0063"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE message DROP CONSTRAINT message_audience_check;
        -- As before, nothing that is there has to be looked through.
        ALTER TABLE message ADD CONSTRAINT message_audience_check
            CHECK (audience IN ('referrer', 'agency', 'duty', 'manager', 'team', 'worker'))
            NOT VALID;
        """
    )
