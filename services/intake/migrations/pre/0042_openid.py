"""Intake's staff: who somebody is at the council's sign-in provider."""

from alembic import op

revision = "intake_0042"
down_revision = "intake_0041"


def upgrade() -> None:
    op.execute(
        """
        SET LOCAL lock_timeout = '5s';

        ALTER TABLE staff
            -- Whoever signs in elsewhere needs no password here.
            ALTER COLUMN password_hash DROP NOT NULL,
            ADD COLUMN issuer  text,
            ADD COLUMN subject text,
            ADD CONSTRAINT staff_subject UNIQUE (issuer, subject),
            ADD CONSTRAINT staff_issuer CHECK ((issuer IS NULL) = (subject IS NULL)),
            ADD CONSTRAINT staff_way_in CHECK (password_hash IS NOT NULL OR subject IS NOT NULL
                                               OR disabled_at IS NOT NULL);
        """
    )
