"""Intake's accounts: the organisation of somebody who refers and signs in."""

from alembic import op

revision = "intake_0054"
down_revision = "intake_0053"


def upgrade() -> None:
    op.execute(
        """
        SET LOCAL lock_timeout = '5s';

        ALTER TABLE staff
            -- Of those who work for the hub there is none.
            ADD COLUMN organisation_id uuid REFERENCES organisation,
            ADD CONSTRAINT staff_of_one CHECK (organisation_id IS NULL OR authorities = '{}');
        """
    )
