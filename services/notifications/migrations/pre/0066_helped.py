"""Whether the help that a decision named happened."""

from alembic import op

revision = "notifications_0066"
down_revision = "notifications_0065"


def upgrade() -> None:
    op.execute(
        """
        -- Decisions that no team takes on, and when to look whether to ask what became of them.
        CREATE TABLE help (
            decision_id uuid PRIMARY KEY,
            referral_id uuid NOT NULL REFERENCES referral,
            authority   text NOT NULL,
            ask_at      timestamptz NOT NULL,
            looked_at   timestamptz
        );
        CREATE INDEX help_due ON help (ask_at) WHERE looked_at IS NULL;

        -- What whoever was asked said: a code, no words of their own.
        CREATE TABLE help_answer (
            message_id uuid PRIMARY KEY REFERENCES message,
            authority  text NOT NULL,
            answer     text NOT NULL,
            said_at    timestamptz NOT NULL
        );
        CREATE INDEX help_answer_counted ON help_answer (authority, said_at);
        """
    )
