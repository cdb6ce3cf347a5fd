"""Every query about rebuilding the read model beside the one that serves.

The new one is folded in a schema of its own, with tables that have the same names. What is swapped
is everything that events make: rows, timelines, marks, what is parked, restrictions. Sessions,
views, the audit trail and the watchdog's notes stay where they are.
"""

from chassis.database import Connection

SERVES, BESIDE, BEFORE = "console", "console_rebuild", "console_before"

SWAPPED = ("queue_row", "timeline", "mark", "parked_event", "restriction", "restriction_opened")

# One rebuild at a time. Its number only has to differ from the house's other advisory locks.
TRY_LOCK = "SELECT pg_try_advisory_lock(7301550, hashtext('console_rebuild'))"

# Begin anew.
DROP = f"DROP SCHEMA IF EXISTS {BESIDE} CASCADE"

# What was erased stays so: also what a list outside the database said after a restore, which no
# event tells.
CARRY_ERASURES = """
INSERT INTO {to}.erasure (referral_id, authority, reason, erased_at, listed)
SELECT referral_id, authority, reason, erased_at, listed FROM {of}.erasure
    ON CONFLICT DO NOTHING
"""

# Let the console's consumer finish the batch in hand and begin no other, until the swap is
# committed. Pages go on being read.
HOLD_CONSUMER = f"LOCK TABLE {SERVES}.mark IN EXCLUSIVE MODE"

# Whether the new read model has seen less than the one that serves.
IS_BEHIND = f"""
SELECT EXISTS (
    SELECT FROM {SERVES}.cursor AS serves
      LEFT JOIN {BESIDE}.cursor AS beside
             ON beside.consumer = $2 || substr(serves.consumer, length($1) + 1)
     WHERE (serves.consumer = $1 OR serves.consumer LIKE $1 || ' %')
       AND serves.position > coalesce(beside.position, 0))
"""

# Have the consumer go on after what the new read model has seen.
MOVE_CURSORS = f"""
INSERT INTO {SERVES}.cursor (consumer, position)
SELECT $1 || substr(consumer, length($2) + 1), position FROM {BESIDE}.cursor
    ON CONFLICT (consumer) DO UPDATE SET position = excluded.position
"""

# How far the new read model has come.
SEEN = f"SELECT coalesce(sum(position), 0)::bigint FROM {BESIDE}.cursor"

# How many referrals it has.
COUNT_ROWS = f"SELECT count(*) FROM {BESIDE}.queue_row"

# Everything changed: open queues look again.
RING_ALL = f"UPDATE {SERVES}.revision SET number = number + 1"


async def try_lock(connection: Connection) -> bool:
    """Whether nobody else rebuilds. Held until the connection is closed."""
    return bool(await connection.fetchval(TRY_LOCK))


async def drop(connection: Connection) -> None:
    """Forget a rebuild that was begun."""
    await connection.execute(DROP)


async def carry_erasures(connection: Connection, *, back: bool = False) -> None:
    """Tell the new read model what is erased; or back, the one that serves."""
    of, to = (BESIDE, SERVES) if back else (SERVES, BESIDE)
    await connection.execute(CARRY_ERASURES.format(of=of, to=to))


async def hold_consumer(connection: Connection) -> None:
    """Keep the console's consumer out until this transaction ends."""
    await connection.execute(HOLD_CONSUMER)


async def is_behind(connection: Connection, serves: str, beside: str) -> bool:
    """Whether the consumer `serves` has seen more than `beside`, in any partition."""
    return bool(await connection.fetchval(IS_BEHIND, serves, beside))


async def seen(connection: Connection) -> int:
    """How many positions of the stream the new read model has passed."""
    return int(await connection.fetchval(SEEN))


async def count_rows(connection: Connection) -> int:
    """How many referrals the new read model has."""
    return int(await connection.fetchval(COUNT_ROWS))


async def swap(connection: Connection, serves: str, beside: str) -> None:
    """Put the new read model in the place of the one that serves, which goes with its schema. In
    a transaction that holds the consumer."""
    await carry_erasures(connection, back=True)
    await connection.execute(MOVE_CURSORS, serves, beside)
    await connection.execute(f"CREATE SCHEMA {BEFORE}")
    for table in SWAPPED:
        # Indexes keep their names, on which later migrations count.
        await connection.execute(f"ALTER TABLE {SERVES}.{table} SET SCHEMA {BEFORE}")
        await connection.execute(f"ALTER TABLE {BESIDE}.{table} SET SCHEMA {SERVES}")
    await connection.execute(RING_ALL)
    await connection.execute(f"DROP SCHEMA {BEFORE}, {BESIDE} CASCADE")
