"""Requests for a copy of what is held about a person."""

from alembic import op

revision = "intake_0022"
down_revision = "intake_0021"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE access_request (
            request_id    uuid PRIMARY KEY,
            authority     text NOT NULL,
            referral_id   uuid NOT NULL,
            person_id     uuid NOT NULL,
            requester     text NOT NULL,
            opened_by     uuid NOT NULL,
            opened_at     timestamptz NOT NULL,
            considered    jsonb,
            considered_by uuid,
            considered_at timestamptz,
            released_by   uuid,
            released_at   timestamptz,
            CHECK (released_by IS NULL OR considered_by IS NOT NULL),
            CHECK (released_by <> considered_by)
        );

        -- An authority's requests, the newest first.
        CREATE INDEX access_request_opened
            ON access_request (authority, opened_at, request_id);
        """
    )
