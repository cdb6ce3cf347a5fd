"""Whoever asked for advice and left an address is told of the answer, and asked after the help."""

from alembic import op

revision = "intake_0058"
down_revision = "intake_0057"


def upgrade() -> None:
    op.execute(
        """
        -- What is yet to be mailed, and from when. The address stays sealed with the question.
        CREATE TABLE consultation_mail (
            consultation_id uuid NOT NULL REFERENCES consultation,
            about           text NOT NULL CHECK (about IN ('answer', 'help')),
            due_at          timestamptz NOT NULL,
            PRIMARY KEY (consultation_id, about)
        );
        CREATE INDEX consultation_mail_due ON consultation_mail (due_at);
        """
    )
