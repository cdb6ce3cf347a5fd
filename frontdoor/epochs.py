"""The epoch of a service's source after its database was restored from a backup.

A restored database may be older than what others have seen of it. So its events come from a new
epoch of its source, and no consumer takes a new event for one it has handled.
"""

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


def next_epoch(connection: psycopg.Connection, service: str) -> int:
    """Give a service that is not running its next epoch, as the database's owner. Which it is."""
    row = connection.execute(NEXT_EPOCH, (service,)).fetchone()
    assert row is not None
    epoch = int(row[0])
    connection.execute(f'SET LOCAL search_path = "{service}"')
    connection.execute(MOVE_MARKS, (f"{service}/{epoch}", service, f"{service}/{epoch - 1}"))
    return epoch
