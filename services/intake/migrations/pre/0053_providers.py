"""Intake's clients: who one is at its organisation's own identity provider."""

from alembic import op

revision = "intake_0053"
down_revision = "intake_0052"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE client_provider (
            client_id     text PRIMARY KEY REFERENCES client,
            issuer        text NOT NULL,
            subject       text NOT NULL,
            audience      text NOT NULL,
            -- Where its keys are published, or the keys (RFC 7517).
            jwks_url      text,
            public_keys   jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(public_keys) = 'array'),
            -- The claim that says what of the client's scopes the provider leaves it.
            scope_claim   text,
            registered_at timestamptz NOT NULL,
            UNIQUE (issuer, subject),
            CHECK ((jwks_url IS NULL) = (jsonb_array_length(public_keys) > 0))
        );
        """
    )
