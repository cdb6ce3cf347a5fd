"""The waiting list, the longest first."""

from alembic import op

revision = "allocation_0036"
down_revision = "allocation_0035"


def upgrade() -> None:
    op.execute(
        """
        CREATE INDEX allocation_waiting ON allocation (authority, assigned_at, allocation_id)
            WHERE state = 'assigned' AND NOT urgent AND kind <> 'panel'
        """
    )
