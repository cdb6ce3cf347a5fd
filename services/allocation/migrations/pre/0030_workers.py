"""Allocation's workers: who may be asked, when they are away, and who is on duty when."""

from alembic import op

revision = "allocation_0030"
down_revision = "allocation_0002"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE worker (
            worker_id       uuid PRIMARY KEY,
            authority       text NOT NULL,
            -- What the authority itself calls them: a payroll or staff number.
            code            text NOT NULL,
            name            text NOT NULL,
            agency          text NOT NULL,
            team            text NOT NULL,
            skills          text[] NOT NULL,
            localities      text[] NOT NULL,
            wards           text[] NOT NULL,
            school_clusters text[] NOT NULL,
            hours           double precision NOT NULL CHECK (hours BETWEEN 0 AND 60),
            leads_up_to     smallint NOT NULL CHECK (leads_up_to BETWEEN 1 AND 4),
            -- The account, or the partner organisation, that answers for them.
            staff_id        uuid,
            organisation_id uuid,
            version         integer NOT NULL CHECK (version > 0),
            registered_on   date NOT NULL,
            left_on         date,
            UNIQUE (authority, code)
        );

        -- An authority's register, and the workers of one team.
        CREATE INDEX worker_of_authority ON worker (authority, worker_id);
        CREATE INDEX worker_of_team ON worker (authority, team) WHERE left_on IS NULL;
        -- Whose worker a caller is.
        CREATE INDEX worker_of_staff ON worker (staff_id) WHERE staff_id IS NOT NULL;
        CREATE INDEX worker_of_organisation
            ON worker (organisation_id) WHERE organisation_id IS NOT NULL;

        CREATE TABLE absence (
            worker_id uuid NOT NULL REFERENCES worker,
            authority text NOT NULL,
            first_day date NOT NULL,
            last_day  date NOT NULL,
            PRIMARY KEY (worker_id, first_day),
            CHECK (last_day >= first_day)
        );

        CREATE TABLE shift (
            worker_id uuid NOT NULL REFERENCES worker,
            authority text NOT NULL,
            team      text NOT NULL,
            on_call   boolean NOT NULL,
            starts_at timestamptz NOT NULL,
            ends_at   timestamptz NOT NULL,
            PRIMARY KEY (worker_id, starts_at),
            CHECK (ends_at > starts_at)
        );

        -- Who is on duty at a moment: shifts are short, so that few began lately.
        CREATE INDEX shift_of_authority ON shift (authority, starts_at);
        """
    )
