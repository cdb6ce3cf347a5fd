"""Intake's searches: that somebody of the hub searched before they took a call down."""

from alembic import op

revision = "intake_0030"
down_revision = "intake_0020"


def upgrade() -> None:
    op.execute(
        """
        -- What was searched for is nowhere kept.
        CREATE TABLE search (
            search_id   uuid PRIMARY KEY,
            authority   text NOT NULL,
            staff_id    uuid NOT NULL,
            searched_at timestamptz NOT NULL
        );

        -- Forgetting them after some days.
        CREATE INDEX search_searched ON search (searched_at);
        """
    )
