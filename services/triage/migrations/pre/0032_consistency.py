"""Figures over decisions, and the quarterly audit sample."""

from alembic import op

revision = "triage_0032"
down_revision = "triage_0031"


def upgrade() -> None:
    op.execute(
        """
        -- What was decided in a time.
        CREATE INDEX decision_counted ON decision (authority, decided_at)
         WHERE kind = 'decision';
        -- Whether somebody disagreed about a referral.
        CREATE INDEX disagreement_of_referral ON disagreement (referral_id);

        CREATE TABLE audit_sample (
            sample_id   uuid PRIMARY KEY,
            authority   text NOT NULL,
            -- Of the year in England, such as 2026Q1.
            quarter     text NOT NULL,
            referral_id uuid NOT NULL REFERENCES referral,
            drawn_at    timestamptz NOT NULL,
            first_rag   text NOT NULL,
            second_rag  text,
            rated_by    uuid,
            rated_at    timestamptz,
            UNIQUE (authority, quarter, referral_id),
            CHECK ((second_rag IS NULL) = (rated_by IS NULL))
        );
        """
    )
