"""Panels: items by meeting, actions by owner, and what became of each meeting."""

from alembic import op

revision = "allocation_0033"
down_revision = "allocation_0032"


def upgrade() -> None:
    op.execute(
        """
        -- The case's document holds items and actions; here they are found by meeting and by day.
        CREATE TABLE panel_item (
            item_id       uuid PRIMARY KEY,
            referral_id   uuid NOT NULL REFERENCES referral,
            authority     text NOT NULL,
            allocation_id uuid NOT NULL REFERENCES allocation,
            panel         text NOT NULL,
            meeting_on    date NOT NULL,
            state         text NOT NULL CHECK (state IN ('listed', 'concluded', 'deferred')),
            outcome       text,
            listed_at     timestamptz NOT NULL
        );

        -- One item is listed at one meeting.
        CREATE UNIQUE INDEX panel_item_listed ON panel_item (allocation_id) WHERE state = 'listed';
        CREATE INDEX panel_item_of_meeting ON panel_item (authority, panel, meeting_on);

        CREATE TABLE panel_action (
            action_id   uuid PRIMARY KEY,
            referral_id uuid NOT NULL REFERENCES referral,
            authority   text NOT NULL,
            panel       text NOT NULL,
            meeting_on  date NOT NULL,
            owner       text NOT NULL,
            by_day      date NOT NULL,
            state       text NOT NULL CHECK (state IN ('asked', 'accepted', 'declined', 'done'))
        );

        CREATE INDEX panel_action_open ON panel_action (authority, by_day, action_id)
            WHERE state IN ('asked', 'accepted', 'declined');

        CREATE TABLE panel_meeting (
            authority   text NOT NULL,
            panel       text NOT NULL,
            held_on     date NOT NULL,
            attended    text[] NOT NULL,
            recorded_by uuid NOT NULL,
            recorded_at timestamptz NOT NULL,
            PRIMARY KEY (authority, panel, held_on)
        );
        """
    )
