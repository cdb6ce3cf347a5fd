"""Intake's attachments: files beside referrals and drafts, sealed."""

from alembic import op

revision = "intake_0012"
down_revision = "intake_0011"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE attachment (
            attachment_id uuid PRIMARY KEY,
            -- A referral, or a draft that becomes one under the same id.
            referral_id   uuid NOT NULL,
            authority     text NOT NULL,
            received_at   timestamptz NOT NULL,
            kind          text NOT NULL,
            size          integer NOT NULL CHECK (size > 0),
            scanned       boolean NOT NULL,
            name          bytea NOT NULL,
            sealed        bytea NOT NULL
        );
        -- Encrypted bytes do not shrink.
        ALTER TABLE attachment ALTER COLUMN sealed SET STORAGE EXTERNAL;

        -- What hangs on one referral.
        CREATE INDEX attachment_of_referral ON attachment (referral_id, received_at);
        """
    )
