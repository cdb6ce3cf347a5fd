"""Whether messages were useful."""

from alembic import op

revision = "notifications_0043"
down_revision = "notifications_0042"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE rating (
            message_id uuid PRIMARY KEY REFERENCES message,
            authority  text NOT NULL,
            kind       text NOT NULL,
            useful     boolean NOT NULL,
            -- A code; words of their own are not asked for.
            because    text,
            rated_at   timestamptz NOT NULL,
            CHECK (useful = (because IS NULL))
        );
        CREATE INDEX rating_counted ON rating (authority, rated_at);
        """
    )
