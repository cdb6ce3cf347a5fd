"""Whether an erasure stands in the list outside the database, which is replayed after a restore."""

from alembic import op

revision = "chassis_0021"
down_revision = "chassis_0020"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE erasure ADD COLUMN listed boolean NOT NULL DEFAULT false;
        -- What is still to be listed.
        CREATE INDEX erasure_unlisted ON erasure (referral_id) WHERE NOT listed;
        """
    )
