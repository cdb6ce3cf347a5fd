"""Queries of the Kafka edition: the relay's place in the log, and a consumer's places in the topic.

Both stand in the service's own table of cursors.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.stream.port import Received
from chassis.stream.store import received

RELAY = "relay"

# Give cursors that are new their place before the first event.
OPEN = """
INSERT INTO cursor (consumer, position) SELECT consumer, 0 FROM unnest($1::text[]) AS new (consumer)
    ON CONFLICT (consumer) DO NOTHING
"""

# Where some cursors stand.
READ = "SELECT consumer, position FROM cursor WHERE consumer = ANY ($1)"

# Move cursors on, each from where it was read; one that another instance has moved meanwhile
# stays. Locked in one order, so that two instances that believe to have the same partitions wait
# for each other and don't deadlock.
MOVE = """
WITH held AS (
    SELECT cursor.consumer, cursor.position, until
      FROM cursor
      JOIN unnest($1::text[], $2::bigint[], $3::bigint[]) AS move (consumer, after, until)
        ON move.consumer = cursor.consumer AND move.after = cursor.position
     ORDER BY cursor.consumer
       FOR UPDATE OF cursor
)
UPDATE cursor SET position = held.until
  FROM held
 WHERE cursor.consumer = held.consumer AND cursor.position = held.position
"""

# Take the relay's cursor for this transaction, unless another relay has it.
TAKE = "SELECT position FROM cursor WHERE consumer = 'relay' FOR UPDATE SKIP LOCKED"

# The events of the log after a position, of every type, in order.
READ_LOG = """
SELECT position, source, referral_id, sequence, type, authority, time, body::text AS body
  FROM event_stream.event_log
 WHERE position > $1
 ORDER BY position
 LIMIT $2
"""

# What the relay has published.
PUBLISHED = "UPDATE cursor SET position = $1 WHERE consumer = 'relay'"

# How many events wait to be published, and since when the oldest does.
UNPUBLISHED = """
SELECT count(*), min(time)
  FROM (SELECT time
          FROM event_stream.event_log
         WHERE position > (SELECT coalesce(max(position), 0) FROM cursor WHERE consumer = 'relay')
         ORDER BY position
         LIMIT 10000) AS waiting
"""


# When the last event happened that a service's log has from before its database was restored.
NEWEST_BEFORE_RESTORE = """
SELECT max(time)
  FROM event_stream.event_log
 WHERE source <> $1 || '/' || (SELECT max(epoch) FROM event_stream.source_epoch WHERE service = $1)
"""

# Which of some events a log has.
KNOWN = """
SELECT source, referral_id, sequence
  FROM event_stream.event_log
  JOIN unnest($1::text[], $2::uuid[], $3::bigint[]) AS said (source, referral_id, sequence)
       USING (source, referral_id, sequence)
"""


async def open_cursors(connection: Connection, consumers: Sequence[str]) -> None:
    """Make the cursors that do not exist yet."""
    await connection.execute(OPEN, consumers)


async def positions(connection: Connection, consumers: Sequence[str]) -> dict[str, int]:
    """Where the cursors stand, 0 for one that does not exist."""
    rows = await connection.fetch(READ, consumers)
    found = {row["consumer"]: int(row["position"]) for row in rows}
    return {name: found.get(name, 0) for name in consumers}


async def move(connection: Connection, moves: Mapping[str, tuple[int, int]]) -> bool:
    """Whether this instance moved all of the cursors, each from the first position to the second;
    where False, roll back."""
    done = await connection.execute(
        MOVE,
        list(moves),
        [after for after, _ in moves.values()],
        [until for _, until in moves.values()],
    )
    return done == f"UPDATE {len(moves)}"


async def take_relay(connection: Connection) -> int | None:
    """The position up to which the log is published, held until the transaction ends. None while
    another relay holds it."""
    position: int | None = await connection.fetchval(TAKE)
    return position


async def read_log(connection: Connection, after: int, limit: int) -> list[Received]:
    """Events of every type after a position, oldest first."""
    return [received(row) for row in await connection.fetch(READ_LOG, after, limit)]


async def published(connection: Connection, position: int) -> None:
    """Everything up to a position is acknowledged."""
    await connection.execute(PUBLISHED, position)


async def newest_before_restore(connection: Connection, service: str) -> datetime | None:
    """When the last event happened that the backup held. None where it held none, or where the
    service's database was never restored."""
    newest: datetime | None = await connection.fetchval(NEWEST_BEFORE_RESTORE, service)
    return newest


async def known(connection: Connection, events: Sequence[Received]) -> set[tuple[str, UUID, int]]:
    """(source, referral, sequence) of those of `events` that the log has."""
    rows = await connection.fetch(
        KNOWN,
        [event.source for event in events],
        [event.referral_id for event in events],
        [event.sequence for event in events],
    )
    return {(row["source"], row["referral_id"], row["sequence"]) for row in rows}


async def unpublished(connection: Connection) -> tuple[int, datetime | None]:
    """Events waiting for the relay (10,000 at most), and when the oldest of them happened."""
    row = await connection.fetchrow(UNPUBLISHED)
    assert row is not None
    return int(row[0]), row[1]
