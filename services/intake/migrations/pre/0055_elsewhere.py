"""What other systems of an authority know of children, who are digests here."""

from alembic import op

revision = "intake_0055"
down_revision = "intake_0054"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE elsewhere (
            authority text NOT NULL,
            digest    bytea NOT NULL,
            -- By a number with something that agrees beside it; otherwise by name and birth date.
            sure      boolean NOT NULL,
            known     jsonb NOT NULL CHECK (jsonb_typeof(known) = 'array'),
            PRIMARY KEY (authority, digest)
        );

        CREATE TABLE elsewhere_import (
            authority   text PRIMARY KEY,
            as_of       timestamptz NOT NULL,
            imported_at timestamptz NOT NULL,
            children    integer NOT NULL
        );
        """
    )
