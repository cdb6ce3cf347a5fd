"""Referrals with a due clock that could not be fired: when to try again."""

from alembic import op

revision = "allocation_0002"
down_revision = "allocation_0001"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE unfired (
            referral_id uuid PRIMARY KEY REFERENCES referral,
            authority   text NOT NULL,
            since       timestamptz NOT NULL,
            attempts    integer NOT NULL CHECK (attempts > 0),
            retry_at    timestamptz NOT NULL
        )
        """
    )
