"""How long each referral is kept, what holds it, and who destroys it."""

from alembic import op

revision = "intake_0021"
down_revision = "intake_0020"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE retention (
            referral_id    uuid PRIMARY KEY,
            authority      text NOT NULL,
            -- A date in England; null while it is open.
            keep_until     date,
            pack_version   text,
            held_because   text,
            held_by        uuid,
            held_at        timestamptz,
            proposed_because text,
            legal_status   text,
            proposed_by    uuid,
            proposed_at    timestamptz,
            confirmed_by   uuid,
            CHECK ((held_because IS NULL) = (held_by IS NULL)),
            CHECK ((proposed_because IS NULL) = (proposed_by IS NULL)),
            CHECK (confirmed_by IS NULL OR confirmed_by <> proposed_by),
            CHECK (confirmed_by IS NULL OR held_by IS NULL)
        );

        -- What need not be kept any longer, the longest ago first.
        CREATE INDEX retention_due ON retention (authority, keep_until, referral_id);
        -- What two people have decided and was not carried out yet.
        CREATE INDEX retention_confirmed ON retention (referral_id) WHERE confirmed_by IS NOT NULL;

        -- Referrals of which is to be worked out how long they are kept.
        CREATE TABLE to_retain (
            referral_id uuid PRIMARY KEY,
            authority   text NOT NULL
        );

        INSERT INTO to_retain (referral_id, authority)
        SELECT referral_id, authority FROM referral
         WHERE document->>'stage' <> 'received' OR document->>'historic' = 'true';
        """
    )
