"""Many stored referrals from a few real ones: the rows of every service's tables, copied in bulk
SQL under new ids, with earlier times. For measurements of growth, while nothing serves.

What is copied is history: its messages are sent, its clocks have stopped, its audit entries are
sealed, and every consumer has read its events. Ids are UUIDv7 of the earlier time, as they would
be; words stay sealed as they were and can be opened by nobody.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql

SERVICES = ("intake", "triage", "allocation", "notifications", "console")
CHUNK = 50_000
YEARS = 3

# Referrals to copy: those that were decided.
TEMPLATES = "CREATE TABLE bench_original AS SELECT referral_id FROM triage.referral"

# New ids for a chunk of copies, the oldest first, over some years.
COPIES = """
CREATE UNLOGGED TABLE bench_copy AS
SELECT number, original, age, uuidv7(-age) AS referral_id
  FROM (SELECT number, original.referral_id AS original,
               make_interval(secs => ({all} - number) / {all}::float8 * {years} * 31536000 + 86400)
               AS age
          FROM generate_series(({first})::bigint, {last}) AS number
          JOIN (SELECT referral_id, row_number() OVER () - 1 AS place FROM bench_original)
               AS original ON original.place = number % (SELECT count(*) FROM bench_original)) AS new
 ORDER BY number
"""

# The columns of the tables that hold rows of one referral each.
COLUMNS = """
SELECT table_schema, table_name, column_name, data_type, is_identity = 'YES' AS made_by_itself,
       EXISTS (SELECT FROM information_schema.table_constraints AS rule
                 JOIN information_schema.key_column_usage AS part USING
                      (constraint_schema, constraint_name, table_schema, table_name)
                WHERE rule.constraint_type = 'PRIMARY KEY' AND part.column_name = columns.column_name
                  AND rule.table_schema = columns.table_schema
                  AND rule.table_name = columns.table_name) AS is_key
  FROM information_schema.columns AS columns
 WHERE (table_schema, table_name) IN (SELECT table_schema, table_name
                                        FROM information_schema.columns
                                       WHERE column_name = 'referral_id')
   AND table_schema = ANY (%s) AND is_generated = 'NEVER'
 ORDER BY table_schema, table_name, ordinal_position
"""

# What is different in history, by table and column.
DIFFERENT: Mapping[tuple[str, str], str] = {
    ("referral", "reference"): "'COPY-' || copy.number",
    ("queue_row", "reference"): "'COPY-' || copy.number",
    # Nothing runs on what was decided, and nobody waits for it. The year 9999 stands for never.
    ("queue_row", "clocks"): "CASE WHEN row.stage = 'to_decide' THEN row.clocks ELSE '[]' END",
    ("queue_row", "due_at"): "CASE WHEN row.stage = 'to_decide' THEN row.due_at - copy.age"
                             " ELSE '9999-01-01T00:00:00Z' END",
    ("queue_row", "to_allocate"): "row.to_allocate AND row.stage = 'to_decide'",
    ("queue_row", "to_countersign"): "row.to_countersign AND row.stage = 'to_decide'",
    ("queue_row", "waiting"): "row.waiting AND row.stage = 'to_decide'",
    ("referral", "your_reference"): "sha256(copy.referral_id::text::bytea)",
    ("message", "state"): "'sent'",
    ("message", "sent_at"): "row.queued_at - copy.age",
    # In their organisation's list they stand before all that came since.
    ("notice", "place"): "row.place - 1000000 * (copy.number + 1)",
    ("clock", "state"): "'met'",
    ("clock", "fires_at"): "NULL",
    ("clock", "stopped_at"): "row.due_at - copy.age",
    ("event_log", "body"): "replace(row.body::text, copy.original::text, copy.referral_id::text)"
                           "::json",
}  # fmt: skip

# Children have a number in three of four referrals, which these tables would know.
PERSON_KEYS = """
INSERT INTO intake.person_key (authority, kind, digest, referral_id, child_id, received_at, agrees)
SELECT row.authority, 'nhs_number', sha256(copy.number::text::bytea), copy.referral_id,
       uuidv7(-copy.age), row.received_at - copy.age, ARRAY[sha256(copy.number::text::bytea)]
  FROM bench_copy AS copy JOIN intake.referral AS row ON row.referral_id = copy.original
 WHERE copy.number % 4 <> 0
"""

# Keys of requests are kept for a week: that of the last 10,000.
IDEMPOTENCY = """
INSERT INTO intake.idempotency (client, key, request_hash, status, body, created_at)
SELECT row.client, 'copy-' || number, row.request_hash, row.status, row.body, row.created_at
  FROM generate_series(1, 10000) AS number,
       (SELECT * FROM intake.idempotency LIMIT 1) AS row
    ON CONFLICT DO NOTHING
"""

# Everything in the log was read.
READ = "UPDATE {}.cursor SET position = (SELECT max(position) FROM event_stream.event_log)"

# Everything in the trail was sealed.
SEALED = """
INSERT INTO {0}.audit_seal (number, first_position, last_position, entries, previous_hash, hash,
                            sealed_at)
SELECT 1 + coalesce((SELECT max(number) FROM {0}.audit_seal), 0), min(position), max(position),
       count(*)::integer, '\\x00', '\\x00', max(at)
  FROM {0}.audit_entry
 WHERE position > coalesce((SELECT max(last_position) FROM {0}.audit_seal), 0)
HAVING count(*) > 0
"""

FORGET = "DROP TABLE IF EXISTS bench_copy"
STORED = "SELECT count(*) FROM intake.referral"


def fill(url: str, stored: int) -> None:
    """Copy until `stored` referrals are stored in the database at `url` (an owner's URI)."""
    with psycopg.connect(url, autocommit=True) as connection:
        have = _one(connection, STORED)
        if not _one(connection, "SELECT to_regclass('bench_original') IS NOT NULL"):
            connection.execute(TEMPLATES)
        # Foreign keys hold by themselves here; commits need not reach the disk one by one.
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        statements = list(_statements(connection).values())
        first = have
        while first < stored:
            last = min(stored, first + CHUNK) - 1
            with connection.transaction():
                _copy(connection, statements, first, last, stored)
            first = last + 1
        connection.execute(IDEMPOTENCY)
        for name in SERVICES:
            connection.execute(sql.SQL(READ).format(sql.Identifier(name)))
            connection.execute(sql.SQL(SEALED).format(sql.Identifier(name)))
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


def fill_log(url: str, events: int) -> None:
    """Copy the log alone, until it has `events` or a few more. The referrals in it are nowhere
    else."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TEMPLATES)
        originals = _one(connection, "SELECT count(*) FROM bench_original")
        have = _one(connection, "SELECT count(*) FROM event_stream.event_log")
        _fill_schema(connection, "event_stream", -(-(events - have) * originals // have))


def fill_console(url: str, stored: int) -> None:
    """Copy the console's read model alone, until it has `stored` referrals. As many of them are open
    as of those that are there already."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TEMPLATES)
        have = _one(connection, "SELECT count(*) FROM console.queue_row")
        _fill_schema(connection, "console", stored - have)


def _fill_schema(connection: psycopg.Connection, wanted: str, copies: int) -> None:
    connection.execute("SET synchronous_commit = off")
    statements = [
        statement for (schema, _), statement in _statements(connection).items() if schema == wanted
    ]
    for first in range(0, copies, CHUNK):
        with connection.transaction():
            _prepare(connection, first, min(copies, first + CHUNK) - 1, copies)
            for statement in statements:
                connection.execute(statement)
            connection.execute(FORGET)
    connection.execute("VACUUM (ANALYZE)")


def _copy(
    connection: psycopg.Connection, statements: list[sql.Composed], first: int, last: int, all_: int
) -> None:
    _prepare(connection, first, last, all_)
    for statement in statements:
        connection.execute(statement)
    connection.execute(PERSON_KEYS)
    connection.execute(FORGET)


def _prepare(connection: psycopg.Connection, first: int, last: int, all_: int) -> None:
    """The ids of a chunk of copies."""
    connection.execute(FORGET)
    connection.execute(
        sql.SQL(COPIES).format(
            first=sql.Literal(first), last=sql.Literal(last), all=sql.Literal(all_),
            years=sql.Literal(YEARS),
        )
    )  # fmt: skip
    connection.execute("CREATE INDEX ON bench_copy (original)")
    connection.execute("ANALYZE bench_copy")


def _statements(connection: psycopg.Connection) -> dict[tuple[str, str], sql.Composed]:
    """The copying of each table."""
    tables: dict[tuple[str, str], list[tuple[str, str, bool]]] = {}
    schemas = [*SERVICES, "event_stream"]
    for schema, table, column, kind, by_itself, key in connection.execute(COLUMNS, [schemas]):
        if not by_itself:
            tables.setdefault((schema, table), []).append((column, kind, key))
    left_out = {"person_key", "parked_event", "attention", "audit_shown"}
    return {
        table: sql.SQL(
            "INSERT INTO {table} ({columns}) SELECT {values} FROM bench_copy AS copy"
            " JOIN {table} AS row ON row.referral_id = copy.original ORDER BY copy.number{then}"
        ).format(
            table=sql.Identifier(*table),
            # What a referral's events say comes in their order.
            then=sql.SQL(", row.position" if table[1] == "event_log" else ""),
            columns=sql.SQL(", ").join(sql.Identifier(column) for column, _, _ in columns),
            values=sql.SQL(", ").join(_value(table[1], *column) for column in columns),
        )
        for table, columns in tables.items()
        if table[1] not in left_out
    }


def _value(table: str, column: str, kind: str, key: bool) -> sql.Composable:
    if column == "referral_id":
        return sql.SQL("copy.referral_id")
    if (table, column) in DIFFERENT:
        return sql.SQL(DIFFERENT[table, column])
    here = sql.Identifier("row", column)
    if kind == "uuid" and key:
        return sql.SQL("uuidv7(-copy.age)")
    if kind == "timestamp with time zone":
        # The year 9999 stands for never.
        return sql.SQL("CASE WHEN {0} < 'infinity' THEN {0} - copy.age END").format(here)
    return here


def _one(connection: psycopg.Connection, query: str) -> Any:
    row = connection.execute(query).fetchone()
    assert row
    return row[0]
