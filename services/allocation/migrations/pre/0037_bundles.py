"""What the council's case system takes over."""

from alembic import op

revision = "allocation_0037"
down_revision = "allocation_0036"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE bundle (
            bundle_id   uuid PRIMARY KEY,
            referral_id uuid NOT NULL UNIQUE REFERENCES referral,
            authority   text NOT NULL,
            -- When something last happened that the case system is told.
            changed_at  timestamptz NOT NULL,
            -- The content that was read last, and the change up to which it went.
            version     integer NOT NULL DEFAULT 0,
            digest      bytea,
            read_of     timestamptz,
            -- What the case system has, and its own number for it.
            taken_version integer,
            taken_of    timestamptz,
            taken_at    timestamptz,
            case_number text
        );

        CREATE INDEX bundle_waiting ON bundle (authority, changed_at, bundle_id)
            WHERE taken_of IS NULL OR taken_of < changed_at;
        """
    )
