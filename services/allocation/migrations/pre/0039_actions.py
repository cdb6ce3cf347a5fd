"""Actions that are asked for outside panels, and of whom."""

from alembic import op

revision = "allocation_0039"
down_revision = "allocation_0038"


def upgrade() -> None:
    op.execute(
        """
        -- Outside a panel there is neither panel nor meeting.
        ALTER TABLE panel_action ALTER COLUMN panel DROP NOT NULL,
                                 ALTER COLUMN meeting_on DROP NOT NULL,
                                 ADD COLUMN worker_id uuid REFERENCES worker,
                                 ADD COLUMN kind text;

        -- What somebody, or an organisation's workers, were asked for and have yet to do.
        CREATE INDEX panel_action_of_worker ON panel_action (worker_id, by_day, action_id)
            WHERE state IN ('asked', 'accepted');
        """
    )
