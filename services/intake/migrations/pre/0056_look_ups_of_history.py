"""The people of an imported history are looked up after those of new referrals."""

from alembic import op

revision = "intake_0056"
down_revision = "intake_0055"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE to_look_up ADD COLUMN historic boolean NOT NULL DEFAULT false;
        CREATE INDEX to_look_up_turn ON to_look_up (tries, historic, received_at);
        DROP INDEX to_look_up_next;
        """
    )
