"""The event log: one for all services of a single machine, one a service in the distributed
edition. Rows are added and never changed."""

from alembic import op

revision = "event_stream_0001"
down_revision = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE event_log (
            position    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            source      text NOT NULL,
            referral_id uuid NOT NULL,
            sequence    bigint NOT NULL CHECK (sequence > 0),
            type        text NOT NULL,
            authority   text NOT NULL,
            time        timestamptz NOT NULL,
            body        json NOT NULL,
            -- A second event with the same number would be a lost or a doubled change; the index
            -- also serves a referral's own history.
            UNIQUE (referral_id, source, sequence)
        );

        CREATE TABLE source_epoch (
            service text PRIMARY KEY,
            epoch   integer NOT NULL CHECK (epoch > 0)
        );
        """
    )
