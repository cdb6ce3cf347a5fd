"""The chassis's tables in a service's schema: cursors, marks, parked events; idempotency keys;
the vault's keys; the audit trail."""

from alembic import op

from chassis.audit.schema import DDL as AUDIT
from chassis.http.schema import DDL as IDEMPOTENCY
from chassis.vault.schema import DDL as VAULT

revision = "chassis_0001"
down_revision = None

STREAM = """
    CREATE TABLE cursor (
        consumer text PRIMARY KEY,
        position bigint NOT NULL CHECK (position >= 0)
    );

    CREATE TABLE mark (
        consumer    text NOT NULL,
        referral_id uuid NOT NULL,
        source      text NOT NULL,
        sequence    bigint NOT NULL CHECK (sequence >= 0),
        parked      boolean NOT NULL DEFAULT false,
        replay      boolean NOT NULL DEFAULT false CHECK (parked OR NOT replay),
        PRIMARY KEY (consumer, referral_id, source)
    ) WITH (fillfactor = 80);

    -- Operators and the watchdog look for parked referrals; there are few.
    CREATE INDEX mark_parked ON mark (consumer) WHERE parked;

    CREATE TABLE parked_event (
        consumer    text NOT NULL,
        referral_id uuid NOT NULL,
        position    bigint NOT NULL,
        source      text NOT NULL,
        sequence    bigint NOT NULL,
        type        text NOT NULL,
        authority   text NOT NULL,
        time        timestamptz NOT NULL,
        body        json NOT NULL,
        reason      text NOT NULL,
        trace_id    text,
        parked_at   timestamptz NOT NULL,
        PRIMARY KEY (consumer, referral_id, position)
    );
"""


def upgrade() -> None:
    for ddl in (STREAM, IDEMPOTENCY, VAULT, AUDIT):
        op.execute(ddl)
