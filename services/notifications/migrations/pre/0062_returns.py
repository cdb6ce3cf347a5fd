"""How often a provider gave a message back for now."""

from alembic import op

revision = "notifications_0062"
down_revision = "notifications_0061"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE message ADD COLUMN returns smallint NOT NULL DEFAULT 0 CHECK (returns >= 0)"
    )
