"""Cases that stepped up or down, or went to another authority."""

from alembic import op

revision = "allocation_0034"
down_revision = "allocation_0033"


def upgrade() -> None:
    op.execute(
        """
        -- The case's document holds these too; here they are found and counted.
        CREATE TABLE case_step (
            step_id      uuid PRIMARY KEY,
            referral_id  uuid NOT NULL REFERENCES referral,
            authority    text NOT NULL,
            direction    text NOT NULL CHECK (direction IN ('up', 'down', 'away')),
            state        text NOT NULL CHECK (state IN ('asked', 'accepted', 'returned')),
            planned      boolean NOT NULL,
            reason       text NOT NULL,
            asked_at     timestamptz NOT NULL,
            answered_at  timestamptz,
            to_authority text,
            turns        smallint NOT NULL
        );

        CREATE INDEX case_step_of_authority ON case_step (authority, asked_at);
        CREATE INDEX case_step_of_referral ON case_step (referral_id);
        -- What waits for another authority's answer, found by either.
        CREATE INDEX case_step_away ON case_step (step_id)
            WHERE direction = 'away' AND state = 'asked';
        -- Cases that go up and down.
        CREATE INDEX case_step_loops ON case_step (authority, referral_id) WHERE turns >= 3;
        """
    )
