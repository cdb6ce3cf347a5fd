"""Requests for information, and words that people write about something of a case."""

from alembic import op

revision = "triage_0030"
down_revision = "triage_0021"


def upgrade() -> None:
    op.execute(
        """
        -- Words of requests and the like, sealed with the referral's key.
        CREATE TABLE written (
            subject_id  uuid NOT NULL,
            kind        text NOT NULL,
            referral_id uuid NOT NULL,
            sealed      bytea NOT NULL,
            PRIMARY KEY (subject_id, kind)
        );

        -- Where a request is found by who may answer it. What it is stands in the case.
        CREATE TABLE information_request (
            request_id      uuid PRIMARY KEY,
            referral_id     uuid NOT NULL REFERENCES referral,
            authority       text NOT NULL,
            organisation_id uuid,
            state           text NOT NULL CHECK (state IN ('open', 'answered', 'withdrawn')),
            asked_at        timestamptz NOT NULL
        );

        -- What an organisation is asked, the newest first.
        CREATE INDEX information_request_of_organisation
            ON information_request (organisation_id, state, asked_at, request_id)
         WHERE organisation_id IS NOT NULL;
        """
    )
