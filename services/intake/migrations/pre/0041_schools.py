"""Intake's organisations: schools of the national register."""

from alembic import op

revision = "intake_0041"
down_revision = "intake_0040"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE organisation
            -- The register's number of a school.
            ADD COLUMN urn      text UNIQUE CHECK (urn ~ '^[0-9]{5,7}$'),
            -- The census's code of its local authority.
            ADD COLUMN la_code  text,
            ADD COLUMN postcode text,
            -- Not a school that has closed.
            ADD COLUMN open     boolean NOT NULL DEFAULT true;
        """
    )
