"""Lists of what awaits a family's agreement, of offers that nobody has answered, and of a team."""

from alembic import op

revision = "console_0023"
down_revision = "console_0022"


def upgrade() -> None:
    op.execute(
        """
        SET LOCAL lock_timeout = '5s';

        ALTER TABLE queue_row
            -- What the family says of help.
            ADD COLUMN agreement text NOT NULL DEFAULT 'unknown',
            -- To decide, suggested Amber or Green, and nobody has the family's answer.
            ADD COLUMN to_agree  boolean NOT NULL DEFAULT false,
            -- Somebody was asked to take the work on, and has not answered.
            ADD COLUMN offered   boolean NOT NULL DEFAULT false,
            -- Teams and workers who have, or are offered, work on it.
            ADD COLUMN holders   text[] NOT NULL DEFAULT '{}';

        -- Replaces queue_row_deciding: the number beside the list of agreements needs this too.
        CREATE INDEX queue_row_to_decide
            ON queue_row (authority, place, due_at, severity, referral_id)
            INCLUDE (rag, claimed_by, locality, urgency, source_agency, out_of_hours, waiting,
                     to_agree)
            WHERE stage = 'to_decide';
        DROP INDEX queue_row_deciding;

        -- Offers without an answer, in the order in which they are due.
        CREATE INDEX queue_row_offered ON queue_row (authority, due_at, referral_id) WHERE offered;

        -- What a team and its workers have.
        CREATE INDEX queue_row_holders ON queue_row USING gin (holders)
            WHERE stage IN ('to_decide', 'decided') AND holders <> '{}';
        """
    )
