"""What the scorecard counts by: when referrals were received, and the clocks of early help."""

from alembic import op

revision = "allocation_0035"
down_revision = "allocation_0034"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE referral ADD COLUMN received_at timestamptz;
        UPDATE referral SET received_at = (document ->> 'received_at')::timestamptz;

        CREATE INDEX referral_received ON referral (authority, received_at);
        CREATE INDEX clock_measured ON clock (authority, name, started_at)
            WHERE name IN ('lead_professional_allocated', 'first_contact', 'early_help_assessment',
                           'plan', 'review');
        CREATE INDEX allocation_accepted ON allocation (authority, accepted_at)
            WHERE worker_id IS NOT NULL AND accepted_at IS NOT NULL;
        """
    )
