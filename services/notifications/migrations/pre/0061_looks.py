"""Who has looked at where their referral stands."""

from alembic import op

revision = "notifications_0061"
down_revision = "notifications_0060"


def upgrade() -> None:
    op.execute(
        """
        -- When whoever referred first opened the page that says where it stands.
        CREATE TABLE look (
            referral_id uuid PRIMARY KEY REFERENCES referral,
            first_at    timestamptz NOT NULL
        );
        """
    )
