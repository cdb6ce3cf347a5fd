"""The console's read model, its sessions, and the watchdog's notes."""

from alembic import op

revision = "console_0001"
down_revision = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE queue_row (
            referral_id     uuid PRIMARY KEY,
            authority       text NOT NULL,
            received_at     timestamptz NOT NULL,
            -- When the next open clock is due; the year 9999 when none counts.
            due_at          timestamptz NOT NULL,
            claim_lapses_at timestamptz,
            claimed_by      uuid,
            number          integer NOT NULL CHECK (number > 0),
            -- 1 for what is looked at first (Red, in danger now, not rated yet), otherwise 2.
            place           smallint NOT NULL CHECK (place IN (1, 2)),
            -- 0 for Red to 3 for no service: who comes first of those due at the same time.
            severity        smallint NOT NULL CHECK (severity BETWEEN 0 AND 3),
            immediate_danger boolean NOT NULL,
            restricted      boolean NOT NULL,
            withdrawal_asked boolean NOT NULL,
            raised          boolean NOT NULL,
            reference       text NOT NULL,
            stage           text NOT NULL
                            CHECK (stage IN ('to_decide', 'decided', 'withdrawn', 'erased')),
            rag             text CHECK (rag IN ('red', 'amber', 'green', 'none')),
            suggested       text CHECK (suggested IN ('red', 'amber', 'green', 'none')),
            urgency         text CHECK (urgency IN ('immediate', 'same_day', 'standard')),
            source_agency   text NOT NULL,
            locality        text,
            claimed_role    text,
            -- Codes that are shown and never searched.
            age_bands       jsonb NOT NULL,
            concerns        jsonb NOT NULL,
            outcomes        jsonb NOT NULL,
            clocks          jsonb NOT NULL,
            assignments     jsonb NOT NULL,
            CHECK (stage <> 'decided' OR rag IS NOT NULL)
        ) WITH (fillfactor = 80);

        -- What is to decide, in the order in which it is shown: a page is read off the index, and
        -- the counts beside it need nothing else.
        CREATE INDEX queue_row_to_decide
            ON queue_row (authority, place, due_at, severity, referral_id)
            INCLUDE (rag, claimed_by, locality) WHERE stage = 'to_decide';

        -- What was decided, and everything: newest first.
        CREATE INDEX queue_row_newest
            ON queue_row (authority, received_at DESC, referral_id DESC)
            WHERE stage <> 'erased';

        -- People ask for a referral by its reference.
        CREATE INDEX queue_row_reference ON queue_row (upper(reference));

        CREATE TABLE timeline (
            referral_id uuid NOT NULL,
            number      integer NOT NULL CHECK (number > 0),
            at          timestamptz NOT NULL,
            event_id    uuid NOT NULL,
            authority   text NOT NULL,
            kind        text NOT NULL,
            codes       jsonb NOT NULL,
            PRIMARY KEY (referral_id, number)
        );

        -- Rises whenever a row of an authority changes: what the doorbell tells open queues.
        CREATE TABLE revision (
            authority text PRIMARY KEY,
            number    bigint NOT NULL CHECK (number > 0)
        ) WITH (fillfactor = 50);

        -- Referrals that the house could not process. There should be none.
        CREATE TABLE attention (
            referral_id uuid PRIMARY KEY,
            authority   text NOT NULL,
            reason      text NOT NULL,
            since       timestamptz NOT NULL
        );

        CREATE TABLE session (
            -- SHA-256 of the secret in the cookie.
            session_hash  bytea PRIMARY KEY CHECK (length(session_hash) = 32),
            -- Where the person works first; the access token says all their authorities.
            authority     text NOT NULL,
            staff_id      uuid NOT NULL,
            -- The access token, sealed with a key that only the cookie yields.
            sealed_token  bytea NOT NULL,
            signed_in_at  timestamptz NOT NULL,
            last_seen_at  timestamptz NOT NULL,
            expires_at    timestamptz NOT NULL CHECK (expires_at > signed_in_at)
        );

        -- Finds the sessions that are over.
        CREATE INDEX session_expiry ON session (expires_at);
        """
    )
