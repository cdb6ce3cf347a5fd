"""Intake's organisations, clients and staff; referrals with their words; keys of children."""

from alembic import op

revision = "intake_0001"
down_revision = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE organisation (
            organisation_id uuid PRIMARY KEY,
            name            text NOT NULL,
            agency          text NOT NULL,
            email_domain    text,
            created_at      timestamptz NOT NULL
        );

        CREATE TABLE client (
            client_id       text PRIMARY KEY,
            organisation_id uuid NOT NULL REFERENCES organisation,
            secret_digest   bytea NOT NULL,
            scopes          text[] NOT NULL,
            created_at      timestamptz NOT NULL,
            disabled_at     timestamptz
        );

        CREATE TABLE staff (
            staff_id       uuid PRIMARY KEY,
            username       text NOT NULL UNIQUE,
            password_hash  text NOT NULL,
            roles          text[] NOT NULL,
            qualifications text[] NOT NULL,
            authorities    text[] NOT NULL,
            created_at     timestamptz NOT NULL,
            disabled_at    timestamptz
        );

        CREATE TABLE reference_counter (
            authority text PRIMARY KEY,
            next      bigint NOT NULL CHECK (next > 0)
        );

        CREATE TABLE referral (
            referral_id     uuid PRIMARY KEY,
            authority       text NOT NULL,
            reference       text NOT NULL UNIQUE,
            organisation_id uuid NOT NULL,
            client_id       text NOT NULL,
            received_at     timestamptz NOT NULL,
            updated_at      timestamptz NOT NULL,
            version         integer NOT NULL CHECK (version > 0),
            -- A keyed digest of the referrer's own reference.
            your_reference  bytea,
            -- What the referrer may be told: codes, ids and times.
            document        jsonb NOT NULL
        ) WITH (fillfactor = 85);

        -- A partner's own list, in the order of change.
        CREATE INDEX referral_of_organisation
            ON referral (organisation_id, updated_at, referral_id);
        -- Whether this organisation used its own reference before.
        CREATE INDEX referral_your_reference
            ON referral (organisation_id, your_reference) WHERE your_reference IS NOT NULL;
        -- The watchdog's question: what was received lately.
        CREATE INDEX referral_received ON referral (received_at);

        CREATE TABLE words (
            text_id     uuid PRIMARY KEY,
            referral_id uuid NOT NULL REFERENCES referral,
            authority   text NOT NULL,
            kind        text NOT NULL CHECK (kind IN ('form', 'information', 'withdrawal')),
            received_at timestamptz NOT NULL,
            sealed      bytea NOT NULL
        );

        -- All that was written about one referral.
        CREATE INDEX words_of_referral ON words (referral_id, received_at);

        CREATE TABLE person_key (
            authority   text NOT NULL,
            kind        text NOT NULL,
            digest      bytea NOT NULL,
            referral_id uuid NOT NULL REFERENCES referral,
            child_id    uuid NOT NULL,
            received_at timestamptz NOT NULL,
            agrees      bytea[] NOT NULL,
            PRIMARY KEY (digest, kind, authority, referral_id, child_id)
        );

        -- Erasing a referral takes its keys with it.
        CREATE INDEX person_key_of_referral ON person_key (referral_id);
        """
    )
