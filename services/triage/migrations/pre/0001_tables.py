"""Triage's cases and decisions."""

from alembic import op

revision = "triage_0001"
down_revision = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE referral (
            referral_id  uuid PRIMARY KEY,
            authority    text NOT NULL,
            reference    text NOT NULL,
            received_at  timestamptz NOT NULL,
            status       text NOT NULL CHECK (status IN ('to_decide', 'decided', 'withdrawn')),
            version      integer NOT NULL CHECK (version > 0),
            rag          text NOT NULL CHECK (rag IN ('red', 'amber', 'green', 'none')),
            suggested    text NOT NULL CHECK (suggested IN ('red', 'amber', 'green', 'none')),
            -- 0 for red to 3 for none: the queue's first key.
            place        smallint NOT NULL CHECK (place BETWEEN 0 AND 3),
            level        smallint NOT NULL CHECK (level BETWEEN 1 AND 4),
            urgency      text NOT NULL,
            withdrawal_requested_at timestamptz,
            decided_at   timestamptz,
            updated_at   timestamptz NOT NULL,
            -- Facts, children, reasons and clauses: codes, ids and times.
            document     jsonb NOT NULL,
            CHECK (status <> 'decided' OR decided_at IS NOT NULL)
        ) WITH (fillfactor = 85);

        -- The queue: most severe first, then who waited longest.
        CREATE INDEX referral_queue
            ON referral (authority, status, place, received_at, referral_id);

        CREATE TABLE decision (
            decision_id  uuid PRIMARY KEY,
            referral_id  uuid NOT NULL REFERENCES referral,
            authority    text NOT NULL,
            kind         text NOT NULL CHECK (kind IN ('decision', 'rating', 'withdrawal')),
            decided_at   timestamptz NOT NULL,
            staff_id     uuid NOT NULL,
            staff_name   text NOT NULL,
            role         text NOT NULL,
            rag          text NOT NULL,
            suggested    text NOT NULL,
            previous     text,
            child_id     uuid,
            children     jsonb NOT NULL,
            clauses      text[] NOT NULL,
            pack_version text NOT NULL,
            -- Words that people wrote, sealed with the referral's key in this service.
            rationale    bytea NOT NULL,
            analysis     bytea,
            no_clause_because bytea,
            lowered_because bytea,
            actions      bytea
        );

        -- A referral's decisions, in order.
        CREATE INDEX decision_of_referral ON decision (referral_id, decided_at);
        """
    )
