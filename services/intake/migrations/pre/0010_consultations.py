"""Intake's consultations: questions for advice, and what was said about them."""

from alembic import op

revision = "intake_0010"
down_revision = "intake_0002"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE consultation (
            consultation_id uuid PRIMARY KEY,
            authority       text NOT NULL,
            organisation_id uuid NOT NULL,
            client_id       text NOT NULL,
            asked_at        timestamptz NOT NULL,
            due_at          timestamptz NOT NULL,
            explanation     text NOT NULL,
            pack_version    text NOT NULL,
            state           text NOT NULL CHECK (state IN ('asked', 'answered', 'referred')),
            concerns        text[] NOT NULL,
            refer           text,
            clauses         text[] NOT NULL,
            answered_at     timestamptz,
            answered_by     uuid,
            answer_clauses  text[] NOT NULL DEFAULT '{}',
            answer_refer    boolean NOT NULL DEFAULT false,
            draft_id        uuid,
            overdue_at      timestamptz,
            CHECK (state <> 'answered' OR (answered_at IS NOT NULL AND answered_by IS NOT NULL)),
            CHECK (state <> 'referred' OR draft_id IS NOT NULL)
        );

        -- The hub's list: what is due first.
        CREATE INDEX consultation_due ON consultation (authority, state, due_at, consultation_id);
        -- What an organisation asked, the newest first.
        CREATE INDEX consultation_of_organisation
            ON consultation (organisation_id, asked_at, consultation_id);
        -- What nobody answered in time.
        CREATE INDEX consultation_overdue
            ON consultation (due_at) WHERE state = 'asked';

        CREATE TABLE consultation_words (
            consultation_id uuid NOT NULL REFERENCES consultation,
            kind            text NOT NULL CHECK (kind IN ('question', 'asker', 'answer', 'answerer')),
            sealed          bytea NOT NULL,
            PRIMARY KEY (consultation_id, kind)
        );
        """
    )
