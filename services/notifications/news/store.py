"""Every query about news for partners."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Connection
from services.notifications.domain import Case, Notice

# Add news, which has no place in its organisation's list yet.
ADD = """
INSERT INTO notice (notice_id, organisation_id, referral_id, authority, news, stage, at, about)
SELECT notice_id, organisation_id, referral_id, authority, news, stage, at, about
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
              $7::timestamptz[], $8::uuid[])
       WITH ORDINALITY AS new (notice_id, organisation_id, referral_id, authority, news, stage, at,
                               about, step)
 ORDER BY step
"""

# Whether any news has no place yet.
WAITS = "SELECT EXISTS (SELECT FROM notice WHERE place IS NULL)"

# Let one at a time give places. The number is this schema's own.
TRY_LOCK = "SELECT pg_try_advisory_xact_lock(7301560, hashtext(current_schema()))"

# Give news that was committed its place at the end of its organisation's list.
LIST = """
WITH unlisted AS (
    SELECT notice_id, organisation_id, added
      FROM notice
     WHERE place IS NULL
     ORDER BY added
     LIMIT $1),
numbered AS (
    SELECT notice_id, organisation_id,
           row_number() OVER (PARTITION BY organisation_id ORDER BY added) AS step,
           count(*) OVER (PARTITION BY organisation_id) AS steps
      FROM unlisted),
taken AS (
    INSERT INTO partner_list (organisation_id, last)
    SELECT organisation_id, count(*)
      FROM unlisted
     GROUP BY organisation_id
     ORDER BY organisation_id
        ON CONFLICT (organisation_id) DO UPDATE SET last = partner_list.last + excluded.last
    RETURNING organisation_id, last)
UPDATE notice
   SET place = taken.last - numbered.steps + numbered.step
  FROM numbered
  JOIN taken USING (organisation_id)
 WHERE notice.notice_id = numbered.notice_id
RETURNING notice.notice_id
"""

# Queue a call about some news for each call-back that asks for it.
QUEUE_CALLS = """
INSERT INTO call (call_id, callback_id, notice_id, referral_id, authority, news, stage, at, state,
                  attempt, queued_at, begun_at, due_at)
SELECT gen_random_uuid(), callback.callback_id, notice.notice_id, notice.referral_id,
       notice.authority, notice.news, notice.stage, notice.at, 'queued', 0, $2, $2, $2
  FROM notice
  JOIN callback ON callback.organisation_id = notice.organisation_id
               AND callback.enabled AND notice.news = ANY (callback.news)
 WHERE notice.notice_id = ANY ($1)
 ORDER BY notice.added
    ON CONFLICT (callback_id, notice_id) DO NOTHING
"""

# Forget the calls about erased referrals.
FORGET_CALLS = "DELETE FROM call WHERE referral_id = ANY ($1)"

# Forget the news of erased referrals.
FORGET = "DELETE FROM notice WHERE referral_id = ANY ($1)"

# News of some kinds in an organisation's list, after a place.
PAGE = """
SELECT place, referral_id, authority, news, stage, at, about
  FROM notice
 WHERE organisation_id = $1 AND place > $2 AND news = ANY ($3)
 ORDER BY place
 LIMIT $4
"""

# The last place of an organisation's list.
LAST = "SELECT last FROM partner_list WHERE organisation_id = $1"


async def add(connection: Connection, told: Sequence[tuple[Case, Notice]]) -> None:
    """Add news, in this order."""
    if not told:
        return
    rows = [
        (notice.notice_id, notice.organisation_id, case.referral_id, case.authority, notice.news,
         notice.stage, notice.at, notice.about)
        for case, notice in told
    ]  # fmt: skip
    await connection.execute(ADD, *[list(column) for column in zip(*rows, strict=True)])


async def waits(connection: Connection) -> bool:
    """Whether any news is to be given its place."""
    return bool(await connection.fetchval(WAITS))


async def give_places(connection: Connection, most: int, now: datetime) -> int:
    """Give up to `most` news their places, and queue the calls about them; how many. 0 while
    another process does it."""
    if not await connection.fetchval(TRY_LOCK):
        return 0
    listed = [row["notice_id"] for row in await connection.fetch(LIST, most)]
    if listed:
        await connection.execute(QUEUE_CALLS, listed, now)
    return len(listed)


async def forget(connection: Connection, referral_ids: Sequence[UUID]) -> None:
    """Forget the news of these referrals."""
    await connection.execute(FORGET_CALLS, list(referral_ids))
    await connection.execute(FORGET, list(referral_ids))


async def page(
    connection: Connection, organisation_id: UUID, after: int, news: Sequence[str], limit: int
) -> list[Mapping[str, Any]]:
    """An organisation's news of some kinds after a place, in the order of its list."""
    rows = await connection.fetch(PAGE, organisation_id, after, list(news), limit)
    return [dict(row) for row in rows]


async def last(connection: Connection, organisation_id: UUID) -> int:
    """The last place of an organisation's list; 0 while it is empty."""
    return await connection.fetchval(LAST, organisation_id) or 0
