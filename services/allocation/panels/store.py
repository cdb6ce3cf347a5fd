"""Every query about panels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from chassis.database import Connection
from chassis.restriction import Seer, hidden, parameters
from chassis.stream.kernel import Saved
from services.allocation.domain import Case
from services.allocation.panels.domain import Meeting

# Write items as they are now.
SAVE_ITEMS = """
INSERT INTO panel_item (item_id, referral_id, authority, allocation_id, panel, meeting_on, state,
                        outcome, listed_at)
SELECT item_id, referral_id, authority, allocation_id, panel, meeting_on, state, outcome, listed_at
  FROM json_populate_recordset(NULL::panel_item, $1::json)
 ORDER BY item_id
    ON CONFLICT (item_id) DO UPDATE
   SET meeting_on = excluded.meeting_on, state = excluded.state, outcome = excluded.outcome,
       listed_at = excluded.listed_at
"""

# What is to be put on an agenda now, the longest first.
DUE = """
SELECT referral_id, authority FROM allocation
 WHERE state = 'assigned' AND look_at <= $1 AND kind = 'panel'
 ORDER BY look_at, referral_id
 LIMIT $2
"""

# How many items stand on the agendas of an authority from a day on; what has ended takes no room.
TAKEN = """
SELECT panel, meeting_on, count(*) AS items
  FROM panel_item JOIN allocation USING (allocation_id)
 WHERE panel_item.authority = $1 AND meeting_on >= $2
   AND panel_item.state <> 'deferred' AND allocation.state <> 'ended'
 GROUP BY panel, meeting_on
"""

# Meetings that were held, and of whose items nobody has recorded what was agreed; the longest ago
# first.
TO_CONCLUDE = f"""
SELECT panel, meeting_on, count(*) AS items
  FROM panel_item JOIN allocation USING (allocation_id)
 WHERE panel_item.authority = $1 AND meeting_on < $2
   AND panel_item.state = 'listed' AND allocation.state <> 'ended'
   AND NOT {hidden("panel_item.referral_id", 3)}
 GROUP BY panel, meeting_on
 ORDER BY meeting_on, panel
 LIMIT 100
"""

# The agenda of a meeting, without what somebody may not see.
AGENDA = f"""
SELECT item_id, panel_item.referral_id, allocation_id, panel_item.state, outcome, children,
       allocation.rag, referral.document ->> 'reference' AS reference,
       referral.document ->> 'agreement' AS agreement,
       referral.document ->> 'concerns' AS concerns
  FROM panel_item JOIN allocation USING (allocation_id)
  JOIN referral ON referral.referral_id = panel_item.referral_id
 WHERE panel_item.authority = $1 AND panel = $2 AND meeting_on = $3
   AND (panel_item.state <> 'listed' OR allocation.state <> 'ended')
   AND NOT {hidden("panel_item.referral_id", 4)}
 ORDER BY panel_item.listed_at, item_id
"""

# What became of some meetings.
MEETINGS = """
SELECT authority, panel, held_on, attended, recorded_by, recorded_at FROM panel_meeting
 WHERE authority = $1 AND panel = $2 AND held_on = $3
"""

# Write who was at a meeting.
SAVE_MEETING = """
INSERT INTO panel_meeting (authority, panel, held_on, attended, recorded_by, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (authority, panel, held_on) DO UPDATE
   SET attended = excluded.attended, recorded_by = excluded.recorded_by,
       recorded_at = excluded.recorded_at
"""

# Where an item is.
FIND_ITEM = "SELECT referral_id, authority, panel, meeting_on FROM panel_item WHERE item_id = $1"

# Keep that somebody subscribed to a panel's calendar.
ADD_FEED = """
INSERT INTO panel_feed (feed_id, authority, panel, staff_id, made_at, until, digest)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

# The subscriptions that hold, of one person or of all.
FEEDS = """
SELECT feed_id, authority, panel, staff_id, made_at, until, read_on
  FROM panel_feed
 WHERE authority = ANY ($1) AND ended_at IS NULL AND until > $3
   AND ($2::uuid IS NULL OR staff_id = $2)
 ORDER BY feed_id
 LIMIT 1000
"""

# End a subscription, one's own or anybody's.
END_FEED = """
UPDATE panel_feed SET ended_at = $4
 WHERE feed_id = $1 AND authority = ANY ($2) AND ($3::uuid IS NULL OR staff_id = $3)
   AND ended_at IS NULL
RETURNING authority, panel
"""

# The subscription of an address, while it holds.
READ_FEED = """
SELECT feed_id, authority, panel, staff_id, made_at, until, read_on
  FROM panel_feed WHERE digest = $1 AND ended_at IS NULL AND until > $2
"""

# A subscription is in use: noted once a day.
NOTE_READ = "UPDATE panel_feed SET read_on = $2 WHERE feed_id = $1"


@dataclass(frozen=True, slots=True)
class Feed:
    """A subscription to a panel's calendar. `read_on`: the day in England on which a program last
    asked."""

    feed_id: UUID
    authority: str
    panel: str
    staff_id: UUID
    made_at: datetime
    until: datetime
    read_on: date | None


async def save(connection: Connection, changes: Sequence[Saved[Case]]) -> None:
    """Write the items that changed."""
    items: list[Mapping[str, Any]] = []
    for change in changes:
        if not change.state.items:
            continue
        before = set(map(id, change.previous.items)) if change.previous else set()
        items += (
            {
                "referral_id": change.referral_id,
                "authority": change.authority,
                "panel": item.panel,
                "meeting_on": item.meeting_on,
                "item_id": item.item_id,
                "allocation_id": item.allocation_id,
                "state": item.state,
                "outcome": item.outcome,
                "listed_at": item.listed_at,
            }
            for item in change.state.items
            if id(item) not in before
        )
    if items:
        # What is listed no more goes first: a listed item is the only one of its work.
        for listed in (False, True):
            of = [one for one in items if (one["state"] == "listed") is listed]
            if of:
                await connection.execute(SAVE_ITEMS, to_json(of).decode())


async def due(connection: Connection, now: datetime, limit: int) -> dict[str, list[UUID]]:
    """By authority, the referrals with work to be put on an agenda."""
    found: dict[str, list[UUID]] = {}
    for row in await connection.fetch(DUE, now, limit):
        found.setdefault(row["authority"], []).append(row["referral_id"])
    return found


async def taken(
    connection: Connection, authority: str, from_day: date
) -> dict[str, dict[date, int]]:
    """By panel and meeting, how many items stand there."""
    found: dict[str, dict[date, int]] = {}
    for row in await connection.fetch(TAKEN, authority, from_day):
        found.setdefault(row["panel"], {})[row["meeting_on"]] = row["items"]
    return found


async def to_conclude(
    connection: Connection, authority: str, today: date, seer: Seer
) -> dict[str, list[tuple[date, int]]]:
    """By panel, the days of meetings before `today` of which something has yet to be recorded, with
    how many items that is."""
    found: dict[str, list[tuple[date, int]]] = {}
    for row in await connection.fetch(TO_CONCLUDE, authority, today, *parameters(seer)):
        found.setdefault(row["panel"], []).append((row["meeting_on"], row["items"]))
    return found


async def agenda(
    connection: Connection, authority: str, panel: str, held_on: date, seer: Seer
) -> list[Mapping[str, Any]]:
    """The items of a meeting that `seer` may know of, in the order in which they were listed."""
    rows = await connection.fetch(AGENDA, authority, panel, held_on, *parameters(seer))
    return [dict(row) for row in rows]


async def meeting(
    connection: Connection, authority: str, panel: str, held_on: date
) -> Meeting | None:
    """Who was at a meeting, where that was recorded."""
    row = await connection.fetchrow(MEETINGS, authority, panel, held_on)
    return Meeting(**{**dict(row), "attended": tuple(row["attended"])}) if row else None


async def save_meeting(connection: Connection, held: Meeting) -> None:
    """Write who was at a meeting."""
    await connection.execute(
        SAVE_MEETING,
        held.authority,
        held.panel,
        held.held_on,
        list(held.attended),
        held.recorded_by,
        held.recorded_at,
    )


async def find_item(connection: Connection, item_id: UUID) -> tuple[UUID, str, str, date] | None:
    """(referral, authority, panel, meeting) of an item."""
    row = await connection.fetchrow(FIND_ITEM, item_id)
    return tuple(row) if row else None


async def add_feed(connection: Connection, made: Feed, digest: bytes) -> None:
    """Keep a subscription."""
    await connection.execute(
        ADD_FEED,
        made.feed_id,
        made.authority,
        made.panel,
        made.staff_id,
        made.made_at,
        made.until,
        digest,
    )


async def feeds(
    connection: Connection, authorities: Sequence[str], staff_id: UUID | None, now: datetime
) -> list[Feed]:
    """The subscriptions that hold, of one person or (None) of all."""
    return [Feed(*row) for row in await connection.fetch(FEEDS, list(authorities), staff_id, now)]


async def end_feed(
    connection: Connection,
    feed_id: UUID,
    authorities: Sequence[str],
    staff_id: UUID | None,
    now: datetime,
) -> tuple[str, str] | None:
    """End a subscription. Its authority and panel; None where this person has none such."""
    row = await connection.fetchrow(END_FEED, feed_id, list(authorities), staff_id, now)
    return (row["authority"], row["panel"]) if row else None


async def read_feed(
    connection: Connection, digest: bytes, now: datetime, today: date
) -> Feed | None:
    """The subscription of an address, noted as in use; None where it has ended."""
    row = await connection.fetchrow(READ_FEED, digest, now)
    if row is None:
        return None
    found = Feed(*row)
    if found.read_on != today:
        await connection.execute(NOTE_READ, found.feed_id, today)
    return found
