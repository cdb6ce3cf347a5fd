"""Weekly summaries for referring organisations."""

from alembic import op

revision = "notifications_0050"
down_revision = "notifications_0044"


def upgrade() -> None:
    op.execute(
        """
        -- Weeks, by their Mondays, whose summaries were made.
        CREATE TABLE week (
            authority text NOT NULL,
            monday    date NOT NULL,
            PRIMARY KEY (authority, monday)
        );
        """
    )
