"""Sessions of people who are signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.database import Connection

# A new session.
OPEN = """
INSERT INTO session (session_hash, authority, staff_id, sealed_token, signed_in_at, last_seen_at,
                     expires_at, sealed_id_token, provider_session, provider_person)
VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9)
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

# Who is signed in.
SIGNED_IN = "SELECT DISTINCT staff_id FROM session WHERE expires_at > $1"

# The accounts of some people were ended.
END_ALL_OF = "DELETE FROM session WHERE staff_id = ANY ($1)"

# Somebody signed out at the provider: of that session there, or of all that began by then.
END_THERE = """
DELETE FROM session
 WHERE provider_session = $1
    OR ($1 IS NULL OR provider_session IS NULL) AND provider_person = $2 AND signed_in_at <= $3
"""

# How many sessions somebody has that are not over.
COUNT = """
SELECT count(*) FROM session WHERE staff_id = $1 AND expires_at > $2 AND last_seen_at > $3
"""

# Forget sessions that were over by a given time.
FORGET = "DELETE FROM session WHERE expires_at < $1"


@dataclass(frozen=True, slots=True, repr=False)
class Elsewhere:
    """Where somebody signed in at a provider: its ID token, sealed, and digests of what it calls
    its session, if it does, and the person."""

    sealed_id_token: bytes
    session: bytes | None
    person: bytes


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
    elsewhere: Elsewhere | None = None,
) -> None:
    """Remember that somebody signed in."""
    there = (
        (elsewhere.sealed_id_token, elsewhere.session, elsewhere.person)
        if elsewhere
        else (None, None, None)
    )
    await connection.execute(
        OPEN, session_hash, authority, staff_id, sealed_token, now, expires_at, *there
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


async def signed_in_staff(connection: Connection, now: datetime) -> list[UUID]:
    """Who has a session that is not over at `now`."""
    return [row[0] for row in await connection.fetch(SIGNED_IN, now)]


async def end_sessions_of(connection: Connection, staff_ids: Sequence[UUID]) -> None:
    """Forget all sessions of some people at once."""
    await connection.execute(END_ALL_OF, list(staff_ids))


async def end_sessions_there(
    connection: Connection, session: bytes | None, person: bytes | None, at: datetime
) -> None:
    """Forget sessions that ended at the provider, by digests of what it calls them; of `person`
    those that began up to `at`."""
    await connection.execute(END_THERE, session, person, at)


async def count_sessions(
    connection: Connection, staff_id: UUID, now: datetime, idle: timedelta
) -> int:
    """How many sessions somebody has that are not over at `now`."""
    found: int = await connection.fetchval(COUNT, staff_id, now, now - idle)
    return found


async def forget_sessions(connection: Connection, expired_before: datetime) -> None:
    """Forget sessions that are long over."""
    await connection.execute(FORGET, expired_before)
