"""What a decider saw, why help that was refused is decided on, and the words beside duties."""

from alembic import op

revision = "triage_0022"
down_revision = "triage_0032"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE decision
            ADD COLUMN without_agreement text,
            -- References of other services, sealed with the referral's key in this service.
            ADD COLUMN duties bytea,
            -- Codes, ids, versions and places in texts; no words. NULL for what ends a withdrawal.
            ADD COLUMN seen jsonb
        """
    )
