"""Intake's imports: how far each file came."""

from alembic import op

revision = "intake_0013"
down_revision = "intake_0012"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE import_run (
            fingerprint bytea NOT NULL,
            authority   text NOT NULL,
            client_id   text NOT NULL,
            historic    boolean NOT NULL,
            rows        bigint NOT NULL CHECK (rows >= 0),
            taken       bigint NOT NULL,
            repeated    bigint NOT NULL,
            refused     bigint NOT NULL,
            begun_at    timestamptz NOT NULL,
            updated_at  timestamptz NOT NULL,
            PRIMARY KEY (fingerprint, authority, client_id, historic),
            CHECK (taken + repeated + refused = rows)
        );
        """
    )
