"""Offers of a team's work to its workers; what was written about a case."""

from alembic import op

revision = "allocation_0031"
down_revision = "allocation_0030"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE allocation
            DROP CONSTRAINT allocation_state_check,
            ADD CONSTRAINT allocation_state_check CHECK (
                state IN ('assigned', 'offered', 'accepted', 'declined', 'ended')
            ),
            ADD COLUMN version    integer NOT NULL DEFAULT 1,
            -- Whose it is, where it is with a worker, and which allocation it was offered from.
            ADD COLUMN worker_id  uuid REFERENCES worker,
            ADD COLUMN offered_of uuid,
            ADD COLUMN joint      boolean NOT NULL DEFAULT false,
            ADD COLUMN points     smallint NOT NULL DEFAULT 0,
            ADD COLUMN needs      text[] NOT NULL DEFAULT '{}',
            ADD COLUMN answer     text,
            -- Why it waits, and when somebody is looked for again.
            ADD COLUMN waiting    text,
            ADD COLUMN look_at    timestamptz,
            ADD COLUMN locality   text,
            ADD CHECK (state NOT IN ('offered', 'declined') OR worker_id IS NOT NULL);

        -- What somebody is looked for: small, only what a team holds and nobody was asked for yet.
        CREATE INDEX allocation_to_offer ON allocation (authority, assignee, look_at)
            WHERE state = 'assigned' AND look_at IS NOT NULL;
        -- What a worker was ever asked for; what they hold now; what was given lately.
        CREATE INDEX allocation_of_worker ON allocation (worker_id, allocation_id)
            WHERE worker_id IS NOT NULL;
        CREATE INDEX allocation_held ON allocation (authority, worker_id)
            WHERE worker_id IS NOT NULL AND state IN ('offered', 'accepted');
        CREATE INDEX allocation_given ON allocation (authority, assigned_at)
            WHERE worker_id IS NOT NULL;

        CREATE TABLE note (
            note_id     uuid PRIMARY KEY,
            referral_id uuid NOT NULL REFERENCES referral,
            authority   text NOT NULL,
            about       uuid NOT NULL,
            kind        text NOT NULL,
            written_at  timestamptz NOT NULL,
            written_by  uuid NOT NULL,
            sealed      bytea NOT NULL
        );

        -- All that was written about one referral.
        CREATE INDEX note_of_referral ON note (referral_id, note_id);
        """
    )
