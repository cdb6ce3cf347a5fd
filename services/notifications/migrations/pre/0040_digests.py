"""Digests: what is due soon or overdue, gathered for a team, duty or the manager."""

from alembic import op

revision = "notifications_0040"
down_revision = "notifications_0020"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE digest (
            digest_id uuid PRIMARY KEY,
            authority text NOT NULL,
            recipient text NOT NULL,
            -- A team's list of the day.
            morning   boolean NOT NULL,
            made_at   timestamptz NOT NULL,
            state     text NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed',
                                                     'cancelled')),
            cuts      integer NOT NULL CHECK (cuts >= 0),
            -- When it may be sent next; while it is being sent, when its sender's lease ends.
            due_at    timestamptz NOT NULL,
            claim     uuid,
            sent_at   timestamptz,
            reason    text,
            CHECK ((state = 'sent') = (sent_at IS NOT NULL))
        ) WITH (fillfactor = 70);
        CREATE INDEX digest_due ON digest (due_at) WHERE state IN ('queued', 'sending');

        CREATE TABLE nudge (
            -- The event, or the day, that it comes from.
            cause       uuid NOT NULL,
            clock_id    uuid NOT NULL,
            -- duty, manager, or team: and a code.
            recipient   text NOT NULL,
            referral_id uuid NOT NULL REFERENCES referral,
            authority   text NOT NULL,
            clock       text NOT NULL,
            about       text NOT NULL CHECK (about IN ('warned', 'breached', 'escalated', 'today')),
            due_at      timestamptz NOT NULL,
            rag         text,
            goes_at     timestamptz NOT NULL,
            -- Nobody is to be nudged about it any more.
            settled     boolean NOT NULL DEFAULT false,
            digest_id   uuid REFERENCES digest,
            PRIMARY KEY (cause, clock_id, recipient)
        ) WITH (fillfactor = 70);
        CREATE INDEX nudge_waiting ON nudge (goes_at) WHERE digest_id IS NULL AND NOT settled;
        CREATE INDEX nudge_of_clock ON nudge (clock_id) WHERE NOT settled;
        CREATE INDEX nudge_of_digest ON nudge (digest_id);
        CREATE INDEX nudge_of_referral ON nudge (referral_id);

        -- Days whose lists were made.
        CREATE TABLE morning (
            authority text NOT NULL,
            day       date NOT NULL,
            PRIMARY KEY (authority, day)
        );
        """
    )
