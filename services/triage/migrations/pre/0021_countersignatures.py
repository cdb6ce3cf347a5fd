"""Which decisions a manager countersigns, and what they said."""

from alembic import op

revision = "triage_0021"
down_revision = "triage_0020"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE decision ADD COLUMN to_countersign text[] NOT NULL DEFAULT '{}';
        ALTER TABLE referral ADD COLUMN awaiting_since timestamptz;

        -- What waits for a manager, the longest first.
        CREATE INDEX referral_awaiting ON referral (authority, awaiting_since, referral_id)
         WHERE awaiting_since IS NOT NULL;

        CREATE TABLE countersignature (
            decision_id uuid PRIMARY KEY REFERENCES decision,
            referral_id uuid NOT NULL,
            authority   text NOT NULL,
            agreed      boolean NOT NULL,
            signed_at   timestamptz NOT NULL,
            staff_id    uuid NOT NULL,
            signed_name text NOT NULL,
            -- The hub's own words, sealed with the referral's key in this service.
            signature_note bytea
        );
        """
    )
