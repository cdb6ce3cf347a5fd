"""Where a local service is there for, in its directory's words."""

from alembic import op

revision = "intake_0059"
down_revision = "intake_0058"


def upgrade() -> None:
    op.execute("ALTER TABLE local_service ADD COLUMN area text")
