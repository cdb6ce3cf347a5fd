"""Links that are mailed lead to advice too."""

from alembic import op

revision = "notifications_0067"
down_revision = "notifications_0066"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE form_link
            ADD COLUMN about text NOT NULL DEFAULT 'form'
                CHECK (about IN ('form', 'answer', 'help'));
        """
    )
