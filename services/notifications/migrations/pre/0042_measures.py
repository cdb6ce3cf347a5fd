"""The referrals of a period."""

from alembic import op

revision = "notifications_0042"
down_revision = "notifications_0041"


def upgrade() -> None:
    op.execute("CREATE INDEX referral_received ON referral (authority, received_at)")
