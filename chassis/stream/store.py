"""Every query of the event stream: log, cursors, marks and parked events.

Unqualified names are the service's own tables; the log has a schema of its own.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from chassis.database import Connection
from chassis.stream.port import Outgoing, Received

# One lock for one log. Its number only has to differ from the house's other advisory locks.
APPEND_LOCK = 7_301_550_001

# Let one transaction at a time append, so that positions are given in the order of commits: a
# reader that has seen position n will never later find a smaller one. Its own statement, because
# the insert's positions must be drawn after the lock is held.
LOCK_LOG = "SELECT pg_advisory_xact_lock($1)"

# Add events to the end of the log.
APPEND = """
INSERT INTO event_stream.event_log
       (source, referral_id, sequence, type, authority, time, body)
SELECT source, referral_id, sequence, type, authority, time, body::json
  FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::timestamptz[],
              $7::text[])
       WITH ORDINALITY AS event (source, referral_id, sequence, type, authority, time, body, place)
 ORDER BY place
"""

# The end of the log as a reader sees it now.
HEAD = "SELECT coalesce(max(position), 0) FROM event_stream.event_log"

# Events after a position that a consumer answers, each beside the end of the log; where there are
# none, the end of the log alone. The reading goes over one window of positions, so that a consumer
# of rare types does not read the whole log for one event.
READ = """
SELECT head.position AS head, event.*
  FROM (SELECT coalesce(max(position), 0) AS position FROM event_stream.event_log) AS head
  LEFT JOIN LATERAL
       (SELECT position, source, referral_id, sequence, type, authority, time, body::text AS body
          FROM event_stream.event_log
         WHERE position > $1 AND position <= least(head.position, $1 + $2) AND type = ANY ($3)
         ORDER BY position
         LIMIT $4) AS event ON true
 ORDER BY event.position
"""

# Where a consumer stands.
READ_CURSOR = "SELECT position FROM cursor WHERE consumer = $1"

# Give a new consumer its place before the first event.
OPEN_CURSOR = """
INSERT INTO cursor (consumer, position) VALUES ($1, 0) ON CONFLICT (consumer) DO NOTHING
"""

# Move a consumer on, unless another instance has moved it meanwhile.
MOVE_CURSOR = "UPDATE cursor SET position = $3 WHERE consumer = $1 AND position = $2"

# How many events of the consumer's types wait behind its cursor, and since when the oldest does.
LAG = """
SELECT count(*) AS events, min(time) AS oldest
  FROM (SELECT time FROM event_stream.event_log
         WHERE position > $1 AND type = ANY ($2)
         ORDER BY position LIMIT 10000) AS waiting
"""

# Which epoch this service's source is in: a restored database takes the next.
READ_EPOCH = "SELECT epoch FROM event_stream.source_epoch WHERE service = $1"

# The traces in which a source spoke of some referrals.
TRACES = """
SELECT DISTINCT referral_id, body ->> 'traceparent' AS traceparent
  FROM event_stream.event_log
 WHERE source = $1 AND referral_id = ANY ($2) AND body ->> 'traceparent' IS NOT NULL
"""

# Lock cases, in the order in which everybody locks them: a service's mark of its own source is the
# lock of the case.
LOCK_CASES = """
SELECT referral_id, sequence, parked
  FROM mark
 WHERE consumer = $1 AND source = $2 AND referral_id = ANY ($3)
 ORDER BY referral_id
   FOR UPDATE
"""

# Lock the cases among these that nobody else is working on.
LOCK_FREE_CASES = """
SELECT referral_id
  FROM mark
 WHERE consumer = $1 AND source = $2 AND referral_id = ANY ($3)
 ORDER BY referral_id
   FOR UPDATE SKIP LOCKED
"""

# Make the cases that do not exist yet. Those that another transaction made meanwhile are left out.
MAKE_CASES = """
INSERT INTO mark (consumer, referral_id, source, sequence)
SELECT $1, referral_id, $2, 0 FROM unnest($3::uuid[]) AS new (referral_id)
 ORDER BY referral_id
    ON CONFLICT DO NOTHING
RETURNING referral_id
"""

# How far the events of other sources were handled. Who holds the case holds these too.
READ_MARKS = """
SELECT referral_id, source, sequence, parked
  FROM mark
 WHERE consumer = $1 AND source <> $2 AND referral_id = ANY ($3)
"""

# Write down how far each referral was handled, and which are parked.
SAVE_MARKS = """
INSERT INTO mark (consumer, referral_id, source, sequence, parked)
SELECT $1, referral_id, source, sequence, parked
  FROM unnest($2::uuid[], $3::text[], $4::bigint[], $5::boolean[])
       AS done (referral_id, source, sequence, parked)
    ON CONFLICT (consumer, referral_id, source) DO UPDATE
   SET sequence = excluded.sequence, parked = excluded.parked,
       replay = mark.replay AND excluded.parked
"""

# A replay came to its end, at the last parked event or at one that still gives trouble.
END_REPLAY = "UPDATE mark SET replay = false WHERE consumer = $1 AND referral_id = $2 AND replay"

# Put events aside, in their order, until an operator has them replayed.
PARK = """
INSERT INTO parked_event (consumer, referral_id, source, sequence, type, authority, time, body,
                          position, reason, trace_id, parked_at)
SELECT $1, referral_id, source, sequence, type, authority, time, body::json, position, reason,
       trace_id, $2
  FROM unnest($3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::timestamptz[],
              $9::text[], $10::bigint[], $11::text[], $12::text[])
       AS event (referral_id, source, sequence, type, authority, time, body, position, reason,
                 trace_id)
    ON CONFLICT DO NOTHING
"""

# Referrals whose parked events an operator wants replayed.
REPLAYS = """
SELECT DISTINCT referral_id, authority
  FROM mark JOIN parked_event USING (consumer, referral_id)
 WHERE mark.consumer = $1 AND mark.replay
 LIMIT $2
"""

# The parked events of one referral, in the order of the stream.
READ_PARKED = """
SELECT position, source, referral_id, sequence, type, authority, time, body::text AS body
  FROM parked_event
 WHERE consumer = $1 AND referral_id = $2
 ORDER BY position
"""

# Forget parked events that have now been handled.
UNPARK = """
DELETE FROM parked_event WHERE consumer = $1 AND referral_id = $2 AND position = ANY ($3)
"""

# Say why the first event that still waits does.
REASON = """
UPDATE parked_event SET reason = $4, trace_id = $5
 WHERE consumer = $1 AND referral_id = $2 AND position = $3
"""

# What is parked, for operators: one line for each referral, with its first event's reason.
LIST_PARKED = """
SELECT DISTINCT ON (referral_id)
       referral_id, authority, type, reason, trace_id, parked_at,
       count(*) OVER (PARTITION BY referral_id) AS events
  FROM parked_event
 WHERE consumer = $1 AND authority = ANY ($2)
 ORDER BY referral_id, position
"""

# How many referrals have parked events.
COUNT_PARKED = "SELECT count(DISTINCT referral_id) FROM parked_event WHERE consumer = $1"

# Ask the consumer to try a referral's parked events again.
ASK_REPLAY = """
UPDATE mark SET replay = true
 WHERE consumer = $1 AND referral_id = $2 AND parked
RETURNING referral_id
"""


async def append(connection: Connection, events: Sequence[Outgoing]) -> None:
    """Append `events` as the last act of the transaction (an Appender)."""
    if not events:
        return
    await connection.execute(LOCK_LOG, APPEND_LOCK)
    await connection.execute(
        APPEND,
        [event.source for event in events],
        [event.referral_id for event in events],
        [event.sequence for event in events],
        [event.type for event in events],
        [event.authority for event in events],
        [event.time for event in events],
        [event.body for event in events],
    )


async def head(connection: Connection) -> int:
    """The newest position, 0 for an empty log."""
    return int(await connection.fetchval(HEAD))


async def read(
    connection: Connection, after: int, window: int, types: Sequence[str], limit: int
) -> tuple[list[Received], int]:
    """Events among the `window` positions after `after`, oldest first, and the end of the log."""
    rows = await connection.fetch(READ, after, window, types, limit)
    events = [] if rows[0]["position"] is None else [Received(*row[1:]) for row in rows]
    return events, int(rows[0]["head"])


async def open_cursor(connection: Connection, consumer: str) -> int:
    """The consumer's position; a new consumer starts before the first event."""
    position = await connection.fetchval(READ_CURSOR, consumer)
    if position is None:
        await connection.execute(OPEN_CURSOR, consumer)
        position = await connection.fetchval(READ_CURSOR, consumer)
    return int(position)


async def move_cursor(connection: Connection, consumer: str, before: int, after: int) -> bool:
    """Whether this instance moved the cursor; False when another did so first."""
    return await connection.execute(MOVE_CURSOR, consumer, before, after) == "UPDATE 1"


async def lag(
    connection: Connection, after: int, types: Sequence[str]
) -> tuple[int, datetime | None]:
    """Events waiting (10,000 at most) and when the oldest of them happened."""
    row = await connection.fetchrow(LAG, after, list(types))
    assert row is not None
    return int(row["events"]), row["oldest"]


async def epoch(connection: Connection, service: str) -> int:
    """The epoch of the service's source, from 1."""
    return int(await connection.fetchval(READ_EPOCH, service) or 1)


async def traces(
    connection: Connection, source: str, referrals: Sequence[UUID]
) -> dict[UUID, list[str]]:
    """The traceparents of what a source said about each referral, in no order."""
    found: dict[UUID, list[str]] = {referral: [] for referral in referrals}
    for row in await connection.fetch(TRACES, source, referrals):
        found[row["referral_id"]].append(row["traceparent"])
    return found


async def lock_cases(
    connection: Connection, consumer: str, source: str, referrals: Sequence[UUID]
) -> dict[UUID, tuple[int, bool]]:
    """Lock `referrals` (in order of id), made where missing. `source` is the service's own.
    Returns (sequence, parked) of each: how many events it has appended, and whether it is parked."""
    rows = await connection.fetch(LOCK_CASES, consumer, source, referrals)
    cases = {row["referral_id"]: (row["sequence"], row["parked"]) for row in rows}
    missing = [referral for referral in referrals if referral not in cases]
    if not missing:
        return cases
    made = await connection.fetch(MAKE_CASES, consumer, source, missing)
    cases.update({row["referral_id"]: (0, False) for row in made})
    if len(made) < len(missing):
        return await lock_cases(connection, consumer, source, referrals)
    return cases


async def read_marks(
    connection: Connection, consumer: str, source: str, referrals: Sequence[UUID]
) -> list[tuple[UUID, str, int, bool]]:
    """(referral, source, sequence, parked) of the sources other than `source`, the service's own."""
    rows = await connection.fetch(READ_MARKS, consumer, source, referrals)
    return [tuple(row) for row in rows]


async def lock_free_cases(
    connection: Connection, consumer: str, source: str, referrals: Sequence[UUID]
) -> list[UUID]:
    """Those of `referrals` that nobody else holds, now held by this transaction."""
    rows = await connection.fetch(LOCK_FREE_CASES, consumer, source, sorted(referrals))
    return [row["referral_id"] for row in rows]


async def save_marks(
    connection: Connection,
    consumer: str,
    marks: Sequence[tuple[UUID, str, int, bool]],
) -> None:
    """Write (referral, source, sequence, parked) rows of cases that are held."""
    await connection.execute(
        SAVE_MARKS, consumer, *(list(column) for column in zip(*marks, strict=True))
    )


async def end_replay(connection: Connection, consumer: str, referral_id: UUID) -> None:
    """Take back what `ask_replay` asked."""
    await connection.execute(END_REPLAY, consumer, referral_id)


async def park(
    connection: Connection,
    consumer: str,
    now: datetime,
    events: Sequence[tuple[Received, str, str | None]],
) -> None:
    """Put (event, reason code, trace id) aside."""
    await connection.execute(
        PARK,
        consumer,
        now,
        [event.referral_id for event, _, _ in events],
        [event.source for event, _, _ in events],
        [event.sequence for event, _, _ in events],
        [event.type for event, _, _ in events],
        [event.authority for event, _, _ in events],
        [event.time for event, _, _ in events],
        [event.body for event, _, _ in events],
        [event.position for event, _, _ in events],
        [reason for _, reason, _ in events],
        [trace for _, _, trace in events],
    )


async def replays(connection: Connection, consumer: str, limit: int) -> list[tuple[UUID, str]]:
    """Referrals, each with its authority, whose parked events are to be tried again."""
    rows = await connection.fetch(REPLAYS, consumer, limit)
    return [(row["referral_id"], row["authority"]) for row in rows]


async def read_parked(connection: Connection, consumer: str, referral_id: UUID) -> list[Received]:
    """A referral's parked events, in order."""
    return [received(row) for row in await connection.fetch(READ_PARKED, consumer, referral_id)]


async def unpark(
    connection: Connection, consumer: str, referral_id: UUID, positions: Sequence[int]
) -> None:
    """Forget parked events by position."""
    await connection.execute(UNPARK, consumer, referral_id, list(positions))


async def give_reason(
    connection: Connection,
    consumer: str,
    referral_id: UUID,
    position: int,
    reason: str,
    trace_id: str | None,
) -> None:
    """Write down why a parked event waits."""
    await connection.execute(REASON, consumer, referral_id, position, reason, trace_id)


async def list_parked(
    connection: Connection, consumer: str, authorities: Sequence[str]
) -> list[dict[str, Any]]:
    """What is parked, a row for each referral."""
    return [dict(row) for row in await connection.fetch(LIST_PARKED, consumer, list(authorities))]


async def count_parked(connection: Connection, consumer: str) -> int:
    """How many referrals have parked events."""
    return int(await connection.fetchval(COUNT_PARKED, consumer))


async def ask_replay(connection: Connection, consumer: str, referral_id: UUID) -> bool:
    """Whether there was something parked to replay."""
    return await connection.fetchval(ASK_REPLAY, consumer, referral_id) is not None


def received(row: asyncpg.Record) -> Received:
    """A row of the log as an event."""
    return Received(*row)
