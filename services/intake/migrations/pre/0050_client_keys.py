"""Intake's clients: public keys, with which they prove who they are without a shared secret."""

from alembic import op

revision = "intake_0050"
down_revision = "intake_0042"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE client
            -- As in a key set (RFC 7517), without anything private.
            ADD COLUMN public_keys jsonb NOT NULL DEFAULT '[]'
                CHECK (jsonb_typeof(public_keys) = 'array');

        -- Assertions that were used (RFC 7523), while they would hold still.
        CREATE TABLE client_assertion (
            client_id  text NOT NULL REFERENCES client,
            jti_digest bytea NOT NULL,
            until      timestamptz NOT NULL,
            PRIMARY KEY (client_id, jti_digest)
        );
        CREATE INDEX client_assertion_until ON client_assertion (until);
        """
    )
