"""Intake's postcodes: the ward of each."""

from alembic import op

revision = "intake_0014"
down_revision = "intake_0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE postcode (
            postcode text PRIMARY KEY,
            ward     text,
            district text,
            -- No longer used by the post. An address may still have it.
            ended    boolean NOT NULL
        );

        -- What an import brings lands here, and goes over in the same transaction.
        CREATE UNLOGGED TABLE postcode_arriving (
            postcode text NOT NULL,
            ward     text,
            district text,
            ended    boolean NOT NULL
        );

        CREATE TABLE postcode_run (
            fingerprint bytea PRIMARY KEY,
            rows        bigint NOT NULL CHECK (rows >= 0)
        );
        """
    )
