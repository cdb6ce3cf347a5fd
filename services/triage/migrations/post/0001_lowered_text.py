"""The free text that a code has replaced, before any release."""

from alembic import op

revision = "triage_post_0001"
down_revision = None


def upgrade() -> None:
    op.execute("ALTER TABLE decision DROP COLUMN lowered_because")
