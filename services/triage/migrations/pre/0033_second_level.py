"""The level of need that a second rating of the audit sample gave; its reasons are words."""

from alembic import op

revision = "triage_0033"
down_revision = "triage_0032"


def upgrade() -> None:
    op.execute("ALTER TABLE audit_sample ADD COLUMN IF NOT EXISTS second_level smallint")
