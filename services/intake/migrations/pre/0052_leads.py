"""Intake's organisations: where their safeguarding leads read the week's summary."""

from alembic import op

revision = "intake_0052"
down_revision = "intake_0051"


def upgrade() -> None:
    op.execute("ALTER TABLE organisation ADD COLUMN lead_email text")
