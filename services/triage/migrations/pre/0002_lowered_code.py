"""Why a decision goes below the suggestion: a code, where it was free text."""

from alembic import op

revision = "triage_0002"
down_revision = "triage_0001"


def upgrade() -> None:
    op.execute("ALTER TABLE decision ADD COLUMN lowered_code text")
