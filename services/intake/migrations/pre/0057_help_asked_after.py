"""Whether the help that an answer to a question for advice named happened."""

from alembic import op

revision = "intake_0057"
down_revision = "intake_0056"


def upgrade() -> None:
    op.execute(
        """
        -- When whoever asked is asked, and what they said: a code, no words of their own.
        ALTER TABLE consultation
            ADD COLUMN help_ask_at timestamptz,
            ADD COLUMN help_answer text,
            ADD COLUMN help_said_at timestamptz;
        CREATE INDEX consultation_help_counted
            ON consultation (authority, help_said_at) WHERE help_answer IS NOT NULL;
        """
    )
