"""Notifications' cases and messages."""

from alembic import op

revision = "notifications_0001"
down_revision = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE referral (
            referral_id uuid PRIMARY KEY,
            authority   text NOT NULL,
            reference   text NOT NULL,
            received_at timestamptz NOT NULL,
            decided     boolean NOT NULL,
            erased      boolean NOT NULL,
            -- Codes and ids that messages need.
            document    jsonb NOT NULL
        ) WITH (fillfactor = 85);

        CREATE TABLE message (
            message_id  uuid PRIMARY KEY,
            referral_id uuid NOT NULL REFERENCES referral,
            authority   text NOT NULL,
            kind        text NOT NULL,
            channel     text NOT NULL,
            audience    text NOT NULL CHECK (audience IN ('referrer', 'duty', 'manager')),
            -- The event that asked for it.
            cause       uuid NOT NULL,
            -- The decision or rating whose words it carries.
            about       uuid,
            details     jsonb,
            -- The trace of what asked for it, for its sender to go on with.
            traceparent text,
            state       text NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed',
                                                       'uncertain', 'held', 'cancelled')),
            -- 0 for alerts, 1 for the rest: which go first.
            place       smallint NOT NULL CHECK (place IN (0, 1)),
            attempt     integer NOT NULL CHECK (attempt >= 0),
            cuts        integer NOT NULL CHECK (cuts >= 0),
            queued_at   timestamptz NOT NULL,
            -- When it may be sent next; while it is being sent, when its sender's lease ends.
            due_at      timestamptz NOT NULL,
            claim       uuid,
            sent_at     timestamptz,
            reason      text,
            -- What was sent, under the referral's key.
            rendered    bytea,
            UNIQUE (referral_id, kind, cause, audience),
            CHECK (state <> 'sending' OR claim IS NOT NULL),
            CHECK ((state = 'sent') = (sent_at IS NOT NULL))
        ) WITH (fillfactor = 70);

        -- The sender's queue. A sent message leaves it.
        CREATE INDEX message_due ON message (place, due_at)
            WHERE state IN ('queued', 'uncertain', 'sending');
        -- Staff's list, in order of queueing.
        CREATE INDEX message_listed ON message (authority, queued_at, message_id);
        """
    )
