"""What was reached, to be counted, and how each case ended."""

from alembic import op

revision = "allocation_0032"
down_revision = "allocation_0031"


def upgrade() -> None:
    op.execute(
        """
        -- The case's document holds these too; here they are counted.
        CREATE TABLE milestone (
            milestone_id  uuid PRIMARY KEY,
            referral_id   uuid NOT NULL REFERENCES referral,
            authority     text NOT NULL,
            allocation_id uuid,
            milestone     text NOT NULL,
            on_day        date NOT NULL,
            recorded_at   timestamptz NOT NULL
        );

        CREATE INDEX milestone_of_authority ON milestone (authority, milestone, on_day);
        CREATE INDEX milestone_of_referral ON milestone (referral_id);

        CREATE TABLE case_end (
            referral_id   uuid PRIMARY KEY REFERENCES referral,
            authority     text NOT NULL,
            reason        text NOT NULL,
            on_day        date NOT NULL,
            -- The sum of the scores of the areas that were scored twice, first and last.
            scored        integer NOT NULL,
            first_scores  integer NOT NULL,
            last_scores   integer NOT NULL
        );

        CREATE INDEX case_end_of_authority ON case_end (authority, on_day);
        """
    )
