"""Who is reading a referral lies in its document; here is when that ends."""

from alembic import op

revision = "triage_0020"
down_revision = "triage_0003"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE referral ADD COLUMN claim_lapses_at timestamptz;

        -- What nobody gave back in time.
        CREATE INDEX referral_claim_lapses ON referral (claim_lapses_at)
         WHERE claim_lapses_at IS NOT NULL;
        """
    )
