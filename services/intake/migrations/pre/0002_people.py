"""People as they are looked up: sealed, found again by keyed digests; and what was found."""

from alembic import op

revision = "intake_0002"
down_revision = "intake_0001"


def upgrade() -> None:
    op.execute(
        """
        -- What tells twins apart beside an identical number: digests of given names, and of home.
        ALTER TABLE person_key ADD COLUMN given bytea[] NOT NULL DEFAULT '{}';
        ALTER TABLE person_key ADD COLUMN home bytea;

        CREATE TABLE person (
            person_id   uuid PRIMARY KEY,
            authority   text NOT NULL,
            referral_id uuid NOT NULL,
            role        text NOT NULL CHECK (role IN ('child', 'other_child', 'adult')),
            received_at timestamptz NOT NULL,
            -- Keyed digests, cut to 64 bits: they find, and the sealed record decides.
            blocks      bigint[] NOT NULL,
            sealed      bytea NOT NULL
        );

        -- A look-up: whoever shares a key. Written at once, so that a look-up never has to read
        -- through a list of what is pending.
        CREATE INDEX person_blocks ON person USING gin (blocks) WITH (fastupdate = off);
        -- The people of one referral; erasing takes them with it.
        CREATE INDEX person_of_referral ON person (referral_id);

        -- How many people have a name, by its digest: a rare name says more. Digest 0 counts all.
        CREATE TABLE name_count (
            authority text NOT NULL,
            field     text NOT NULL CHECK (field IN ('given', 'family')),
            digest    bigint NOT NULL,
            people    bigint NOT NULL CHECK (people >= 0),
            PRIMARY KEY (authority, field, digest)
        );

        -- Referrals whose people are still to be looked up.
        CREATE TABLE to_look_up (
            referral_id uuid PRIMARY KEY,
            authority   text NOT NULL,
            received_at timestamptz NOT NULL,
            indexed     boolean NOT NULL DEFAULT false,
            tries       smallint NOT NULL DEFAULT 0
        );

        -- What is next.
        CREATE INDEX to_look_up_next ON to_look_up (tries, received_at);

        -- Where a match of a referral is kept when it is kept in the case of a later one.
        CREATE TABLE match (
            referral_id       uuid NOT NULL,
            person_id         uuid NOT NULL,
            other_person_id   uuid NOT NULL,
            authority         text NOT NULL,
            other_referral_id uuid NOT NULL,
            state             text NOT NULL CHECK (state IN ('linked', 'candidate', 'not_same')),
            PRIMARY KEY (referral_id, person_id, other_person_id)
        );

        -- The other way round: who found this referral.
        CREATE INDEX match_of_other ON match (other_referral_id);

        -- What was received before people were looked up.
        INSERT INTO to_look_up (referral_id, authority, received_at)
        SELECT referral_id, authority, received_at FROM referral;
        """
    )
