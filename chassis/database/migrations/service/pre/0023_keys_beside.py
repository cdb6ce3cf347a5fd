"""Keys of what stands beside a referral and goes with it."""

from alembic import op

revision = "chassis_0023"
down_revision = "chassis_0022"


def upgrade() -> None:
    op.execute(
        """
        -- The referral with which a key is destroyed, where it is another's than its own.
        ALTER TABLE vault_key ADD COLUMN goes_with uuid;
        CREATE INDEX vault_key_goes_with ON vault_key (goes_with) WHERE goes_with IS NOT NULL;
        """
    )
