"""The chassis's tables about who may see a referral, and about those that were erased."""

from alembic import op

revision = "chassis_0020"
down_revision = "chassis_0001"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE restriction (
            referral_id uuid PRIMARY KEY,
            authority   text NOT NULL,
            roles       text[] NOT NULL,
            allowed     uuid[] NOT NULL,
            denied      uuid[] NOT NULL
        );

        -- Who opened a restricted referral with a reason, and until when.
        CREATE TABLE restriction_opened (
            referral_id uuid NOT NULL,
            staff_id    uuid NOT NULL,
            until       timestamptz NOT NULL,
            PRIMARY KEY (referral_id, staff_id)
        );

        CREATE TABLE erasure (
            referral_id uuid PRIMARY KEY,
            authority   text NOT NULL,
            reason      text NOT NULL,
            erased_at   timestamptz NOT NULL
        );
        """
    )
