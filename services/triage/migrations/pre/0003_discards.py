"""Practitioners' decisions to discard events that the house could not process."""

from alembic import op

revision = "triage_0003"
down_revision = "triage_0002"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE discard (
            discard_id  uuid PRIMARY KEY,
            referral_id uuid NOT NULL,
            authority   text NOT NULL,
            consumer    text NOT NULL,
            source      text NOT NULL,
            sequence    bigint NOT NULL,
            reason      text NOT NULL,
            staff_id    uuid NOT NULL,
            decided_at  timestamptz NOT NULL,
            UNIQUE (referral_id, consumer, source, sequence)
        )
        """
    )
