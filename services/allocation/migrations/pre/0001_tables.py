"""Allocation's cases, allocations and clocks."""

from alembic import op

revision = "allocation_0001"
down_revision = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE referral (
            referral_id uuid PRIMARY KEY,
            authority   text NOT NULL,
            -- What rules and clocks ask of a case: codes, ids and times.
            document    jsonb NOT NULL
        ) WITH (fillfactor = 85);

        CREATE TABLE allocation (
            allocation_id uuid PRIMARY KEY,
            referral_id   uuid NOT NULL REFERENCES referral,
            authority     text NOT NULL,
            kind          text NOT NULL,
            assignee      text NOT NULL,
            rule          text NOT NULL,
            reason        text NOT NULL,
            rag           text NOT NULL,
            urgent        boolean NOT NULL,
            children      uuid[] NOT NULL,
            state         text NOT NULL CHECK (state IN ('assigned', 'accepted', 'ended')),
            assigned_at   timestamptz NOT NULL,
            accepted_at   timestamptz,
            accepted_by   uuid,
            ended_at      timestamptz,
            CHECK (state <> 'accepted' OR accepted_at IS NOT NULL)
        );

        -- One referral's allocations, and a page of an authority's.
        CREATE INDEX allocation_of_referral ON allocation (referral_id);
        CREATE INDEX allocation_of_authority ON allocation (authority, allocation_id);

        CREATE TABLE clock (
            clock_id         uuid PRIMARY KEY,
            referral_id      uuid NOT NULL REFERENCES referral,
            authority        text NOT NULL,
            name             text NOT NULL,
            subject_id       uuid,
            state            text NOT NULL
                CHECK (state IN ('running', 'paused', 'met', 'breached', 'cancelled')),
            started_at       timestamptz NOT NULL,
            counted_from     timestamptz NOT NULL,
            rag              text,
            due_at           timestamptz NOT NULL,
            warn_at          timestamptz,
            explanation      text NOT NULL,
            calendar_version text NOT NULL,
            pauses           jsonb NOT NULL,
            pack_version     text NOT NULL,
            warned_at        timestamptz,
            stopped_at       timestamptz,
            breached_at      timestamptz,
            paused_since     timestamptz,
            -- When the clock next has to be looked at; null when nobody has to any more.
            fires_at         timestamptz,
            CHECK ((state = 'running') = (fires_at IS NOT NULL)),
            CHECK (state <> 'breached' OR breached_at IS NOT NULL)
        ) WITH (fillfactor = 85);

        -- One referral's clocks, and a page of an authority's.
        CREATE INDEX clock_of_referral ON clock (referral_id);
        CREATE INDEX clock_of_authority ON clock (authority, clock_id);
        -- What is due: only armed clocks are in it, so it stays as small as the work in hand.
        CREATE INDEX clock_due ON clock (fires_at) WHERE fires_at IS NOT NULL;
        """
    )
