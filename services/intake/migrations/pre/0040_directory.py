"""Intake's directory of local services, and the services that an answer to a question names."""

from alembic import op

revision = "intake_0040"
down_revision = "intake_0031"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE local_service (
            service_id   uuid PRIMARY KEY,
            authority    text NOT NULL,
            -- What its directory calls it.
            source_id    text NOT NULL,
            name         text NOT NULL,
            description  text,
            organisation text,
            how_to_join  text,
            telephone    text,
            email        text,
            url          text,
            -- In whole years.
            minimum_age  smallint CHECK (minimum_age >= 0),
            maximum_age  smallint CHECK (maximum_age >= 0),
            -- Codes of concerns, and of wards and districts.
            needs        text[] NOT NULL,
            areas        text[] NOT NULL,
            checked_on   date,
            open         boolean NOT NULL,
            -- When a file last had it.
            seen_at      timestamptz NOT NULL,
            UNIQUE (authority, source_id)
        );

        ALTER TABLE consultation ADD COLUMN answer_services uuid[] NOT NULL DEFAULT '{}';
        """
    )
