"""Discussions, and which referrals tell of domestic abuse."""

from alembic import op

revision = "triage_0023"
down_revision = "triage_0022"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE discussion (
            discussion_id uuid PRIMARY KEY,
            referral_id uuid NOT NULL REFERENCES referral,
            authority   text NOT NULL,
            kind        text NOT NULL CHECK (kind IN ('hub', 'strategy', 'domestic_abuse_triage')),
            held_at     timestamptz NOT NULL,
            recorded_at timestamptz NOT NULL,
            staff_id    uuid NOT NULL,
            staff_name  text NOT NULL,
            role        text NOT NULL,
            agencies    text[] NOT NULL,
            next_on     date,
            marac       boolean,
            -- Who was there, what was shared and agreed, the safety plan, safe contact: sealed with
            -- the referral's key in this service.
            words       bytea NOT NULL
        );

        -- A referral's discussions, in order.
        CREATE INDEX discussion_of_referral ON discussion (referral_id, held_at);

        ALTER TABLE referral ADD COLUMN domestic_abuse boolean NOT NULL DEFAULT false;
        ALTER TABLE referral ADD COLUMN last_discussed_at timestamptz;
        UPDATE referral SET domestic_abuse = true
         WHERE document @> '{"facts": {"concerns": [{"code": "domestic_abuse"}]}}';

        -- The list of a meeting about domestic abuse.
        CREATE INDEX referral_domestic_abuse ON referral (authority, received_at, referral_id)
         WHERE domestic_abuse;
        """
    )
