"""News for partners: what changed, who is called back about it, and what became of each call."""

from alembic import op

revision = "notifications_0020"
down_revision = "notifications_0030"


def upgrade() -> None:
    op.execute(
        """
        -- The last place in each organisation's list.
        CREATE TABLE partner_list (
            organisation_id uuid PRIMARY KEY,
            last            bigint NOT NULL
        ) WITH (fillfactor = 50);

        CREATE TABLE notice (
            notice_id       uuid PRIMARY KEY,
            organisation_id uuid NOT NULL,
            -- News of one referral is added in the order in which it happened.
            added           bigint GENERATED ALWAYS AS IDENTITY,
            -- Its place in the list, given after it was committed, so that nobody who reads on
            -- from a place can miss one that came late.
            place           bigint,
            referral_id     uuid NOT NULL REFERENCES referral,
            authority       text NOT NULL,
            news            text NOT NULL,
            stage           text NOT NULL,
            at              timestamptz NOT NULL,
            UNIQUE (organisation_id, place)
        );
        -- What has no place yet.
        CREATE INDEX notice_unlisted ON notice (added) WHERE place IS NULL;
        -- What an erased referral leaves behind.
        CREATE INDEX notice_of_referral ON notice (referral_id);

        CREATE TABLE callback (
            callback_id     uuid PRIMARY KEY,
            organisation_id uuid NOT NULL,
            client_id       text NOT NULL,
            url             text NOT NULL,
            news            text[] NOT NULL,
            enabled         boolean NOT NULL,
            -- Why it was switched off, as a code.
            reason          text,
            version         integer NOT NULL CHECK (version > 0),
            created_at      timestamptz NOT NULL,
            -- Since when every call has failed; no value while they succeed.
            failing_since   timestamptz,
            -- What calls are signed with, sealed; the one before it holds until `old_until`.
            secret          bytea NOT NULL,
            old_secret      bytea,
            old_until       timestamptz,
            UNIQUE (organisation_id, url),
            CHECK (enabled = (reason IS NULL))
        );

        CREATE TABLE call (
            call_id     uuid PRIMARY KEY,
            callback_id uuid NOT NULL REFERENCES callback ON DELETE CASCADE,
            -- What stands in the signed headers: the same for each time that one notice is told.
            notice_id   uuid NOT NULL,
            referral_id uuid,
            authority   text,
            news        text NOT NULL,
            stage       text,
            at          timestamptz NOT NULL,
            state       text NOT NULL CHECK (state IN ('queued', 'calling', 'taken', 'failed')),
            attempt     integer NOT NULL CHECK (attempt >= 0),
            queued_at   timestamptz NOT NULL,
            -- From when the three days of trying count.
            begun_at    timestamptz NOT NULL,
            -- When it may be tried; while it is tried, when that has to be over.
            due_at      timestamptz NOT NULL,
            claim       uuid,
            ended_at    timestamptz,
            reason      text,
            UNIQUE (callback_id, notice_id),
            CHECK ((state = 'calling') = (claim IS NOT NULL)),
            CHECK ((referral_id IS NULL) = (authority IS NULL))
        ) WITH (fillfactor = 70);
        -- The next calls of each call-back.
        CREATE INDEX call_due ON call (callback_id, due_at) WHERE state IN ('queued', 'calling');
        -- The log of a call-back, the newest first.
        CREATE INDEX call_logged ON call (callback_id, queued_at, call_id);
        CREATE INDEX call_of_referral ON call (referral_id);
        CREATE INDEX call_ended ON call (ended_at);
        """
    )
