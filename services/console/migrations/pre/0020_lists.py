"""More lists of the queue: out of hours, awaiting information, to countersign, to
allocate, overdue; saved views."""

from alembic import op

revision = "console_0020"
down_revision = "console_0001"


def upgrade() -> None:
    op.execute(
        """
        SET LOCAL lock_timeout = '5s';

        ALTER TABLE queue_row
            -- Received while the hub was closed.
            ADD COLUMN out_of_hours boolean NOT NULL DEFAULT false,
            -- Decided, and nobody has the work yet.
            ADD COLUMN to_allocate  boolean NOT NULL DEFAULT false,
            -- Decided, and a manager has not countersigned it yet.
            ADD COLUMN to_countersign boolean NOT NULL DEFAULT false,
            -- Requests for information that nobody has answered: their ids.
            ADD COLUMN asked        jsonb NOT NULL DEFAULT '[]',
            ADD COLUMN waiting      boolean NOT NULL DEFAULT false;

        -- Replaces queue_row_to_decide: the filters and the numbers beside them need these too.
        CREATE INDEX queue_row_deciding
            ON queue_row (authority, place, due_at, severity, referral_id)
            INCLUDE (rag, claimed_by, locality, urgency, source_agency, out_of_hours, waiting)
            WHERE stage = 'to_decide';
        DROP INDEX queue_row_to_decide;

        -- What is decided and not with somebody yet, in the order in which it is due.
        CREATE INDEX queue_row_to_allocate
            ON queue_row (authority, due_at, referral_id) WHERE to_allocate;

        -- What waits for a manager, in the order in which it is due.
        CREATE INDEX queue_row_to_countersign
            ON queue_row (authority, due_at, referral_id) WHERE to_countersign;

        -- What somebody still has to do, to decide or decided, in the order in which it is due.
        CREATE INDEX queue_row_running
            ON queue_row (authority, due_at, referral_id)
            WHERE stage IN ('to_decide', 'decided') AND due_at < '9000-01-01 00:00:00+00';

        -- Signing out everywhere ends them all.
        CREATE INDEX session_staff ON session (staff_id);

        -- Filters that somebody gave a name.
        CREATE TABLE saved_view (
            view_id   uuid PRIMARY KEY,
            -- Where the person worked first when they saved it.
            authority text NOT NULL,
            staff_id  uuid NOT NULL,
            name      text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
            query     text NOT NULL CHECK (length(query) <= 400),
            saved_at  timestamptz NOT NULL,
            UNIQUE (staff_id, name)
        );
        """
    )
