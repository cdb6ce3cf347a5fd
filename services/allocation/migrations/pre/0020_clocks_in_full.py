"""Clocks that are counted again, and that climb a ladder once they are breached."""

from alembic import op

revision = "allocation_0020"
down_revision = "allocation_0002"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE clock
            -- The version of the pack in force when somebody last looked whether it is shorter.
            ADD COLUMN compared_with text,
            -- How many steps of its ladder a breached clock has climbed.
            ADD COLUMN escalated smallint NOT NULL DEFAULT 0,
            DROP CONSTRAINT clock_check,
            ADD CONSTRAINT clock_fires CHECK (
                CASE state WHEN 'running' THEN fires_at IS NOT NULL
                           WHEN 'breached' THEN fires_at IS NULL OR stopped_at IS NULL
                           ELSE fires_at IS NULL END) NOT VALID;

        -- What is open, by when it is due: forecasts, and clocks to be counted again.
        CREATE INDEX clock_open ON clock (authority, due_at)
            WHERE state IN ('running', 'paused');
        -- What ran out and was not stopped: few, and whoever manages asks for them.
        CREATE INDEX clock_overdue ON clock (authority)
            WHERE state = 'breached' AND stopped_at IS NULL;
        """
    )
