"""Every query about call-backs and their calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Connection
from chassis.vault import Vault
from services.notifications.callbacks.domain import OLD_SECRET, Call, Callback, CallState

# What every query about call-backs reads.
_CALLBACK = """
SELECT callback_id, organisation_id, client_id, url, news, reason, version, created_at,
       failing_since
  FROM callback
"""

# What every query about calls reads.
_CALL = """
SELECT call_id, callback_id, notice_id, referral_id, news, stage, at, state, attempt, queued_at,
       begun_at, due_at, ended_at, reason,
       (SELECT about FROM notice WHERE notice.notice_id = call.notice_id) AS about
  FROM call
"""

# An organisation's call-backs, the oldest first. It has few.
LIST_OWN = f"{_CALLBACK} WHERE organisation_id = $1 ORDER BY created_at, callback_id"

# One call-back of an organisation.
READ_OWN = f"{_CALLBACK} WHERE callback_id = $1 AND organisation_id = $2"

# One call-back of an organisation, held until the transaction ends.
LOCK_OWN = f"{READ_OWN} FOR UPDATE"

# Let one request at a time add call-backs to an organisation, so that it has no more than it may.
LOCK_LIST = """
INSERT INTO partner_list (organisation_id, last) VALUES ($1, 0)
    ON CONFLICT (organisation_id) DO UPDATE SET last = partner_list.last
"""

# Add a call-back; nothing where the organisation has one of that address.
ADD = """
INSERT INTO callback (callback_id, organisation_id, client_id, url, news, enabled, version,
                      created_at, secret)
VALUES ($1, $2, $3, $4, $5, true, $6, $7, $8)
    ON CONFLICT (organisation_id, url) DO NOTHING
RETURNING callback_id
"""

# Write a call-back as it is now, unless the organisation has another of that address.
SAVE = """
UPDATE callback
   SET url = $2, news = $3, enabled = $4::text IS NULL, reason = $4, version = $5,
       failing_since = $6
 WHERE callback_id = $1
   AND NOT EXISTS (SELECT FROM callback AS other
                    WHERE other.organisation_id = callback.organisation_id
                      AND other.url = $2 AND other.callback_id <> $1)
RETURNING callback_id
"""

# Give a call-back a new secret; the one that it had holds a while longer.
ROTATE = """
UPDATE callback
   SET old_secret = secret, old_until = $3, secret = $2, version = version + 1
 WHERE callback_id = $1
"""

# Forget a call-back with its calls.
DELETE = "DELETE FROM callback WHERE callback_id = $1"

# What some call-backs are signed with now.
SECRETS = """
SELECT callback_id, secret, CASE WHEN old_until > $2 THEN old_secret END AS old_secret
  FROM callback
 WHERE callback_id = ANY ($1)
"""

# Add one call that somebody asked for.
ADD_CALL = """
INSERT INTO call (call_id, callback_id, notice_id, news, at, state, attempt, queued_at, begun_at,
                  due_at)
VALUES ($1, $2, $3, $4, $5, 'queued', 0, $5, $5, $5)
"""

# Tell a call-back again what its organisation's list holds since a moment, and what it asks for;
# what waits already, waits on.
REPLAY_SINCE = """
INSERT INTO call (call_id, callback_id, notice_id, referral_id, authority, news, stage, at, state,
                  attempt, queued_at, begun_at, due_at)
SELECT gen_random_uuid(), callback.callback_id, notice.notice_id, notice.referral_id,
       notice.authority, notice.news, notice.stage, notice.at, 'queued', 0, $3, $3, $3
  FROM callback
  JOIN notice ON notice.organisation_id = callback.organisation_id
 WHERE callback.callback_id = $1 AND notice.at >= $2 AND notice.news = ANY (callback.news)
 ORDER BY notice.place
    ON CONFLICT (callback_id, notice_id) DO UPDATE
   SET state = 'queued', attempt = 0, begun_at = $3, due_at = $3, ended_at = NULL, reason = NULL
 WHERE call.state IN ('taken', 'failed')
"""

# Make one call again.
REPLAY_ONE = """
UPDATE call
   SET state = 'queued', attempt = 0, begun_at = $3, due_at = $3, ended_at = NULL, reason = NULL
 WHERE callback_id = $1 AND call_id = $2 AND state IN ('taken', 'failed')
"""

# One call of a call-back.
READ_CALL = f"{_CALL} WHERE callback_id = $1 AND call_id = $2"

# The log of a call-back, the newest first.
LOG = f"""
{_CALL}
 WHERE callback_id = $1 AND (queued_at, call_id) < ($2, $3)
 ORDER BY queued_at DESC, call_id DESC
 LIMIT $4
"""

# Claim calls that may be made now, or whose time for being made is over: a few of each call-back
# that is not busy ($2), the first of each before the second of any, so that none waits behind
# another's; the longest due first.
CLAIM = """
WITH due AS (
    SELECT call_id
      FROM (SELECT one.call_id, one.due_at,
                   row_number() OVER (PARTITION BY callback.callback_id ORDER BY one.due_at) AS nth
              FROM callback
             CROSS JOIN LATERAL (
                   SELECT call_id, due_at
                     FROM call
                    WHERE call.callback_id = callback.callback_id
                      AND call.state IN ('queued', 'calling') AND call.due_at <= $1
                    ORDER BY call.due_at
                    LIMIT $4
                      FOR UPDATE SKIP LOCKED) AS one
             WHERE callback.enabled AND (callback.failing_since IS NOT NULL) = $3
               AND NOT callback.callback_id = ANY ($2)) AS waiting
     ORDER BY nth, due_at
     LIMIT $5)
UPDATE call
   SET state = 'calling', claim = $6, due_at = $7, attempt = attempt + 1
  FROM due, callback
 WHERE call.call_id = due.call_id AND callback.callback_id = call.callback_id
RETURNING call.call_id, call.callback_id, notice_id, referral_id, call.news, stage, at, state,
          attempt, queued_at, begun_at, due_at, ended_at, call.reason, callback.url,
          (SELECT about FROM notice WHERE notice.notice_id = call.notice_id) AS about
"""

# Write what became of calls that we hold ($8).
RECORD = """
UPDATE call
   SET state = new.state, attempt = new.attempt, due_at = new.due_at, ended_at = new.ended_at,
       reason = new.reason, claim = NULL
  FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::timestamptz[], $5::timestamptz[],
              $6::text[], $7::uuid[]) AS new (call_id, state, attempt, due_at, ended_at, reason,
                                              callback_id)
 WHERE call.call_id = new.call_id AND call.claim = $8
"""

# Note which call-backs take calls, and since when others fail.
NOTE_HEALTH = """
UPDATE callback
   SET failing_since = CASE WHEN new.taken THEN NULL ELSE coalesce(failing_since, $3) END
  FROM unnest($1::uuid[], $2::boolean[]) AS new (callback_id, taken)
 WHERE callback.callback_id = new.callback_id
   AND (failing_since IS NULL) <> new.taken
"""

# Switch off call-backs whose owners say that there is nobody any more.
SWITCH_OFF = """
UPDATE callback SET enabled = false, reason = $2, version = version + 1
 WHERE callback_id = ANY ($1) AND enabled
"""

# Give up what waits for call-backs that are switched off.
GIVE_UP = """
UPDATE call SET state = 'failed', claim = NULL, ended_at = $2, reason = 'switched_off'
 WHERE callback_id = ANY ($1) AND state = 'queued'
"""

# Forget calls that ended long ago.
TIDY = """
DELETE FROM call
 WHERE call_id IN (SELECT call_id FROM call WHERE ended_at < $1 ORDER BY ended_at LIMIT $2)
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A call that we hold, and where it goes."""

    call: Call
    url: str


class CallbackStore:
    """Call-backs, their secrets and their calls."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    # --- partners' ---------------------------------------------------------------------------

    async def hold_list(self, connection: Connection, organisation_id: UUID) -> None:
        """Keep others from adding to an organisation's call-backs until the transaction ends."""
        await connection.execute(LOCK_LIST, organisation_id)

    async def list_own(self, connection: Connection, organisation_id: UUID) -> list[Callback]:
        return [_callback(dict(row)) for row in await connection.fetch(LIST_OWN, organisation_id)]

    async def own(
        self, connection: Connection, callback_id: UUID, organisation_id: UUID, *, hold: bool
    ) -> Callback | None:
        """One call-back; `hold` keeps others from changing it until the transaction ends."""
        query = LOCK_OWN if hold else READ_OWN
        row = await connection.fetchrow(query, callback_id, organisation_id)
        return _callback(dict(row)) if row else None

    async def add(self, connection: Connection, one: Callback, secret: str) -> bool:
        """Add a call-back with its secret. False where the organisation has one of its address."""
        sealed = await self._sealed(connection, one.callback_id, secret)
        added = await connection.fetchval(
            ADD,
            one.callback_id,
            one.organisation_id,
            one.client_id,
            one.url,
            list(one.news),
            one.version,
            one.created_at,
            sealed,
        )
        return added is not None

    async def save(self, connection: Connection, one: Callback) -> bool:
        """Write a call-back. False where the organisation has another of its address."""
        saved = await connection.fetchval(
            SAVE, one.callback_id, one.url, list(one.news), one.reason, one.version,
            one.failing_since,
        )  # fmt: skip
        return saved is not None

    async def rotate(
        self, connection: Connection, callback_id: UUID, secret: str, now: datetime
    ) -> None:
        """Give a call-back a new secret, beside which the old one holds a while longer."""
        sealed = await self._sealed(connection, callback_id, secret)
        await connection.execute(ROTATE, callback_id, sealed, now + OLD_SECRET)

    async def delete(self, connection: Connection, callback_id: UUID, now: datetime) -> None:
        await connection.execute(DELETE, callback_id)
        await self._vault.destroy(connection, [callback_id], now)

    async def ping(self, connection: Connection, callback_id: UUID, call: Call) -> None:
        """Add a call that says nothing but that it can be made."""
        await connection.execute(
            ADD_CALL, call.call_id, callback_id, call.notice_id, call.news, call.at
        )

    async def replay_since(
        self, connection: Connection, callback_id: UUID, since: datetime, now: datetime
    ) -> int:
        """Make calls about all news since a moment again; how many."""
        return _count(await connection.execute(REPLAY_SINCE, callback_id, since, now))

    async def replay_one(
        self, connection: Connection, callback_id: UUID, call_id: UUID, now: datetime
    ) -> int:
        """Make one call again; 0 where it is not there, or waits already."""
        return _count(await connection.execute(REPLAY_ONE, callback_id, call_id, now))

    async def call(self, connection: Connection, callback_id: UUID, call_id: UUID) -> Call | None:
        row = await connection.fetchrow(READ_CALL, callback_id, call_id)
        return _call(dict(row)) if row else None

    async def log(
        self, connection: Connection, callback_id: UUID, before: tuple[datetime, UUID], limit: int
    ) -> list[Call]:
        """A page of a call-back's calls, the newest first."""
        return [
            _call(dict(row)) for row in await connection.fetch(LOG, callback_id, *before, limit)
        ]

    # --- the caller's ------------------------------------------------------------------------

    async def claim(
        self,
        connection: Connection,
        now: datetime,
        until: datetime,
        token: UUID,
        *,
        busy: Sequence[UUID],
        failing: bool,
        each: int,
        most: int,
    ) -> list[Claimed]:
        """Claim up to `most` due calls, `each` of any call-back that is not `busy`: of those that
        fail, or of those that don't."""
        rows = await connection.fetch(CLAIM, now, list(busy), failing, each, most, token, until)
        return [Claimed(_call(dict(row)), row["url"]) for row in rows]

    async def secrets(
        self, connection: Connection, callback_ids: Sequence[UUID], now: datetime
    ) -> dict[UUID, list[str]]:
        """What calls are signed with: the secret, and for a while the one before it."""
        rows = await connection.fetch(SECRETS, list(callback_ids), now)
        keys = await self._vault.keys(connection, sorted(callback_ids), create=False)
        return {
            row["callback_id"]: [
                keys[row["callback_id"]].open(sealed, "secret")
                for sealed in (row["secret"], row["old_secret"])
                if sealed
            ]
            for row in rows
            if row["callback_id"] in keys
        }

    async def record(
        self, connection: Connection, calls: Sequence[Call], token: UUID, now: datetime
    ) -> None:
        """Write what became of calls, and what that says of their call-backs."""
        rows = sorted(
            (one.call_id, one.state, one.attempt, one.due_at, one.ended_at, one.reason,
             one.callback_id)
            for one in calls
        )  # fmt: skip
        columns = [list(column) for column in zip(*rows, strict=True)]
        # A call-back that took one of several is well.
        taken = {one.callback_id: False for one in calls} | {
            one.callback_id: True for one in calls if one.state is CallState.TAKEN
        }
        health = sorted(taken.items())
        await connection.execute(
            NOTE_HEALTH, [one for one, _ in health], [well for _, well in health], now
        )
        await connection.execute(RECORD, *columns, token)

    async def switch_off(
        self, connection: Connection, callback_ids: Sequence[UUID], reason: str, now: datetime
    ) -> None:
        """Switch call-backs off, and give up what waits for them."""
        ids = sorted(set(callback_ids))
        await connection.execute(SWITCH_OFF, ids, reason)
        await connection.execute(GIVE_UP, ids, now)

    async def tidy(self, connection: Connection, before: datetime, most: int) -> int:
        """Forget calls that ended before a moment; how many."""
        return _count(await connection.execute(TIDY, before, most))

    async def _sealed(self, connection: Connection, callback_id: UUID, secret: str) -> bytes:
        keys = await self._vault.keys(connection, [callback_id], create=True)
        return keys[callback_id].seal(secret, "secret")


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])


def _callback(row: Mapping[str, Any]) -> Callback:
    return Callback(**{**row, "news": tuple(row["news"])})


def _call(row: Mapping[str, Any]) -> Call:
    kept = {name: value for name, value in row.items() if name != "url"}
    return Call(**{**kept, "state": CallState(row["state"])})
