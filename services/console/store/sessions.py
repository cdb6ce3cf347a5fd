"""Sessions of people who are signed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.database import Connection

# A new session.
OPEN = """
INSERT INTO session (session_hash, authority, staff_id, sealed_token, signed_in_at, last_seen_at,
                     expires_at, sealed_id_token)
VALUES ($1, $2, $3, $4, $5, $5, $6, $7)
"""

# The session that a cookie names, over or not.
FIND = """
SELECT staff_id, sealed_token, last_seen_at, expires_at, sealed_id_token
  FROM session WHERE session_hash = $1
"""

# Somebody is still there.
TOUCH = "UPDATE session SET last_seen_at = $2 WHERE session_hash = $1"

# Somebody signed out.
END = "DELETE FROM session WHERE session_hash = $1"

# Somebody signed out everywhere.
END_ALL = "DELETE FROM session WHERE staff_id = $1"

# How many sessions somebody has that are not over.
COUNT = """
SELECT count(*) FROM session WHERE staff_id = $1 AND expires_at > $2 AND last_seen_at > $3
"""

# Forget sessions that were over by a given time.
FORGET = "DELETE FROM session WHERE expires_at < $1"


@dataclass(frozen=True, slots=True)
class StoredSession:
    """What stands behind a cookie. All times are UTC. Who signed in at a provider has its ID
    token."""

    staff_id: UUID
    sealed_token: bytes
    last_seen_at: datetime
    expires_at: datetime
    sealed_id_token: bytes | None


async def open_session(
    connection: Connection,
    session_hash: bytes,
    *,
    authority: str,
    staff_id: UUID,
    sealed_token: bytes,
    now: datetime,
    expires_at: datetime,
    sealed_id_token: bytes | None = None,
) -> None:
    """Remember that somebody signed in."""
    await connection.execute(
        OPEN, session_hash, authority, staff_id, sealed_token, now, expires_at, sealed_id_token
    )


async def find_session(connection: Connection, session_hash: bytes) -> StoredSession | None:
    """The session of a cookie, also one that is over."""
    row = await connection.fetchrow(FIND, session_hash)
    return StoredSession(*row) if row else None


async def touch_session(connection: Connection, session_hash: bytes, now: datetime) -> None:
    """Remember that somebody is still there."""
    await connection.execute(TOUCH, session_hash, now)


async def end_session(connection: Connection, session_hash: bytes) -> None:
    """Forget a session at once."""
    await connection.execute(END, session_hash)


async def end_sessions(connection: Connection, staff_id: UUID) -> None:
    """Forget all sessions of somebody at once."""
    await connection.execute(END_ALL, staff_id)


async def count_sessions(
    connection: Connection, staff_id: UUID, now: datetime, idle: timedelta
) -> int:
    """How many sessions somebody has that are not over at `now`."""
    found: int = await connection.fetchval(COUNT, staff_id, now, now - idle)
    return found


async def forget_sessions(connection: Connection, expired_before: datetime) -> None:
    """Forget sessions that are long over."""
    await connection.execute(FORGET, expired_before)
