"""The epoch of a service's source after its database was restored from a backup.

A restored database may be older than what others have seen of it. So its events come from a new
epoch of its source, and no consumer takes a new event for one it has handled. References that
referrers were told since the backup are not given to another child either.
"""

from datetime import datetime

import psycopg

# Where a service's source stands after this restore.
NEXT_EPOCH = """
INSERT INTO event_stream.source_epoch AS known (service, epoch) VALUES (%s, 2)
    ON CONFLICT (service) DO UPDATE SET epoch = known.epoch + 1
RETURNING epoch
"""

# The marks by which a service counts its own events and locks its cases go with it, and with them
# what is parked.
MOVE_MARKS = "UPDATE mark SET source = %s WHERE consumer = %s AND source = %s"

# More than any authority gives between a backup and the restore of it.
SKIPPED_NUMBERS = 10_000
SKIP_REFERENCES = "UPDATE reference_counter SET next = next + %s"

# When the last event happened that a backup held.
NEWEST = "SELECT max(time) FROM event_stream.event_log"


def newest(connection: psycopg.Connection) -> datetime | None:
    """When the last event happened. None for an empty log."""
    row = connection.execute(NEWEST).fetchone()
    assert row is not None
    found: datetime | None = row[0]
    return found


def next_epoch(connection: psycopg.Connection, service: str) -> int:
    """Give a service that is not running its next epoch, as the database's owner. Which it is."""
    row = connection.execute(NEXT_EPOCH, (service,)).fetchone()
    assert row is not None
    epoch = int(row[0])
    connection.execute(f'SET LOCAL search_path = "{service}"')
    connection.execute(MOVE_MARKS, (f"{service}/{epoch}", service, f"{service}/{epoch - 1}"))
    if service == "intake":
        connection.execute(SKIP_REFERENCES, (SKIPPED_NUMBERS,))
    return epoch
