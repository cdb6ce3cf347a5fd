"""Whether messages arrived, and who told whom where one did not."""

from alembic import op

revision = "notifications_0041"
down_revision = "notifications_0040"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE message
            -- Its recipient's own server had it, where anybody said so.
            ADD COLUMN delivered_at timestamptz,
            -- When, how and by whom somebody was told whom it did not reach.
            ADD COLUMN told_at timestamptz,
            ADD COLUMN told_how text,
            ADD COLUMN told_by uuid;
        -- What came back was sent before: it has failed, with the time at which it went.
        ALTER TABLE message DROP CONSTRAINT message_check1;
        ALTER TABLE message ADD CONSTRAINT message_check1
            CHECK (state <> 'sent' OR sent_at IS NOT NULL) NOT VALID;
        -- Whom to telephone.
        CREATE INDEX message_undelivered ON message (authority, queued_at, message_id)
            WHERE state IN ('failed', 'held') AND told_at IS NULL;
        """
    )
