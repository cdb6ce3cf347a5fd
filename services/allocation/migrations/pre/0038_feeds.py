"""Calendars that somebody subscribed to."""

from alembic import op

revision = "allocation_0038"
down_revision = "allocation_0037"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE panel_feed (
            feed_id   uuid PRIMARY KEY,
            authority text NOT NULL,
            panel     text NOT NULL,
            staff_id  uuid NOT NULL,
            -- The digest of the address's secret part, which is kept nowhere.
            digest    bytea NOT NULL UNIQUE,
            made_at   timestamptz NOT NULL,
            until     timestamptz NOT NULL,
            ended_at  timestamptz,
            read_on   date
        );

        CREATE INDEX panel_feed_of_authority ON panel_feed (authority, feed_id)
            WHERE ended_at IS NULL;
        """
    )
