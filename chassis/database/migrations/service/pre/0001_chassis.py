"""The chassis's tables in a service's schema: cursors, marks, parked events; idempotency keys;
the vault's keys; the audit trail."""

from alembic import op

revision = "chassis_0001"
down_revision = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE cursor (
            consumer text PRIMARY KEY,
            position bigint NOT NULL CHECK (position >= 0)
        );

        CREATE TABLE mark (
            consumer    text NOT NULL,
            referral_id uuid NOT NULL,
            source      text NOT NULL,
            sequence    bigint NOT NULL CHECK (sequence >= 0),
            parked      boolean NOT NULL DEFAULT false,
            replay      boolean NOT NULL DEFAULT false CHECK (parked OR NOT replay),
            PRIMARY KEY (consumer, referral_id, source)
        ) WITH (fillfactor = 80);

        -- Operators and the watchdog look for parked referrals; there are few.
        CREATE INDEX mark_parked ON mark (consumer) WHERE parked;

        CREATE TABLE parked_event (
            consumer    text NOT NULL,
            referral_id uuid NOT NULL,
            position    bigint NOT NULL,
            source      text NOT NULL,
            sequence    bigint NOT NULL,
            type        text NOT NULL,
            authority   text NOT NULL,
            time        timestamptz NOT NULL,
            body        json NOT NULL,
            reason      text NOT NULL,
            trace_id    text,
            parked_at   timestamptz NOT NULL,
            PRIMARY KEY (consumer, referral_id, position)
        );

        CREATE TABLE idempotency (
            client       text NOT NULL,
            key          text NOT NULL,
            request_hash bytea NOT NULL,
            -- Null until the transaction that claims the key is about to commit.
            status       integer,
            body         bytea,
            created_at   timestamptz NOT NULL,
            PRIMARY KEY (client, key)
        );

        -- Keys are forgotten after a week.
        CREATE INDEX idempotency_age ON idempotency (created_at);

        CREATE TABLE vault_key (
            referral_id  uuid PRIMARY KEY,
            key_id       text NOT NULL,
            wrapped      bytea,
            destroyed_at timestamptz,
            CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
        );

        CREATE TABLE audit_entry (
            position    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            at          timestamptz NOT NULL,
            actor_kind  text NOT NULL,
            actor_id    uuid,
            action      text NOT NULL,
            authority   text NOT NULL,
            referral_id uuid,
            details     jsonb NOT NULL
        );

        -- Who saw one referral.
        CREATE INDEX audit_entry_of_referral ON audit_entry (referral_id, position);

        CREATE TABLE audit_seal (
            number         bigint PRIMARY KEY,
            first_position bigint NOT NULL,
            last_position  bigint NOT NULL,
            entries        integer NOT NULL CHECK (entries > 0),
            previous_hash  bytea NOT NULL,
            hash           bytea NOT NULL,
            sealed_at      timestamptz NOT NULL
        );

        CREATE TABLE audit_shown (
            staff_id    uuid NOT NULL,
            day         date NOT NULL,
            referral_id uuid NOT NULL,
            PRIMARY KEY (staff_id, day, referral_id)
        );

        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            RAISE EXCEPTION 'the audit trail is only added to';
        END
        $body$;

        CREATE TRIGGER audit_entry_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
        CREATE TRIGGER audit_seal_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
        """
    )
