"""The audit trail is searched by time."""

from alembic import op

revision = "chassis_0022"
down_revision = "chassis_0021"


def upgrade() -> None:
    op.execute(
        """
        -- Entries are added in order of time and never changed, so the bounds of every few pages are
        -- all that a search needs: a thousandth of what an index of each entry would take.
        CREATE INDEX audit_entry_by_time ON audit_entry USING brin (at)
            WITH (pages_per_range = 32, autosummarize = on);
        """
    )
