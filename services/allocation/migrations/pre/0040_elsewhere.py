"""What was decided to be another authority's, until it has gone."""

from alembic import op

revision = "allocation_0040"
down_revision = "allocation_0039"


def upgrade() -> None:
    op.execute(
        """
        CREATE INDEX referral_elsewhere ON referral (authority, referral_id)
            WHERE document -> 'outcomes' ? 'another_authority' AND document ->> 'ended' IS NULL
        """
    )
