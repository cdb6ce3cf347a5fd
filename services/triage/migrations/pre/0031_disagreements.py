"""Disagreements with decisions."""

from alembic import op

revision = "triage_0031"
down_revision = "triage_0030"


def upgrade() -> None:
    op.execute(
        """
        -- Where a disagreement is found and counted. What it is stands in the case.
        CREATE TABLE disagreement (
            disagreement_id uuid PRIMARY KEY,
            referral_id     uuid NOT NULL REFERENCES referral,
            authority       text NOT NULL,
            organisation_id uuid,
            agency          text NOT NULL,
            stage           smallint NOT NULL,
            state           text NOT NULL CHECK (state IN ('open', 'answered', 'resolved')),
            outcome         text,
            theme           text,
            immediate_risk  boolean NOT NULL,
            raised_at       timestamptz NOT NULL,
            due_at          timestamptz,
            resolved_at     timestamptz
        );

        -- The hub's list: what is due first.
        CREATE INDEX disagreement_listed ON disagreement
            (authority, state, coalesce(due_at, resolved_at, raised_at), disagreement_id);
        -- What an organisation disagrees with, the newest first.
        CREATE INDEX disagreement_of_organisation ON disagreement
            (organisation_id, raised_at, disagreement_id);
        -- What a partnership counts.
        CREATE INDEX disagreement_counted ON disagreement (authority, raised_at);
        """
    )
