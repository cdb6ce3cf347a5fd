"""Every query about offers: what has to be offered, to whom it could be, and what waits."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json

from chassis.database import Connection
from policy.allocation import AllocationSection, Candidate, Load, WhyNot
from services.allocation.offers.domain import Before
from services.allocation.workers import domain as workers
from services.allocation.workers.store import worker_of

# What waits for the answer of people with an account: offers, and actions of agencies.
ASKED = """
SELECT staff_id, allocation_id AS thing_id, 'lead' AS what
  FROM allocation JOIN worker USING (worker_id)
 WHERE allocation.authority = $1 AND state = 'offered' AND staff_id IS NOT NULL
   AND left_on IS NULL
 UNION ALL
SELECT staff_id, action_id, 'do'
  FROM panel_action JOIN worker USING (worker_id)
 WHERE panel_action.authority = $1 AND state = 'asked' AND staff_id IS NOT NULL
   AND left_on IS NULL
 LIMIT 5000
"""

# How much somebody is asked to do for families, or has promised, that is not done.
PROMISED = """
SELECT count(*) FROM panel_action WHERE worker_id = $1 AND state IN ('asked', 'accepted')
"""

# The teams that have somebody on the register.
TEAMS = """
SELECT DISTINCT authority, team FROM worker WHERE left_on IS NULL
"""

# Take the turn to offer an authority's work, if nobody has it: two at once would give one worker
# what each of them thinks there is room for.
TAKE_TURN = "SELECT pg_try_advisory_xact_lock(hashtextextended('offers ' || $1, 0))"

# The same, after whoever has it.
WAIT_TURN = "SELECT pg_advisory_xact_lock(hashtextextended('offers ' || $1, 0))"

# What somebody is looked for now, the longest first.
DUE = """
SELECT DISTINCT ON (look_at, referral_id) referral_id, look_at
  FROM allocation
 WHERE authority = $1 AND assignee = ANY ($2) AND state = 'assigned' AND look_at <= $3
 ORDER BY look_at, referral_id
 LIMIT $4
"""

# What is still with somebody who has left.
STRANDED = """
SELECT allocation.referral_id, allocation_id, team
  FROM allocation JOIN worker USING (worker_id)
 WHERE allocation.authority = $1 AND state IN ('offered', 'accepted') AND left_on IS NOT NULL
 LIMIT $2
"""

# Who is on an authority's register, with what each carries, was given since a time, and how many
# of the days since then they were away.
ROSTER = """
SELECT worker.*, coalesce(held.points, 0) AS held, coalesce(given.points, 0) AS given,
       coalesce(away.days, 0) AS days_away, coalesce(away.today, false) AS away_today
  FROM worker
  LEFT JOIN (SELECT worker_id, sum(points) AS points
               FROM allocation
              WHERE authority = $1 AND worker_id IS NOT NULL AND state IN ('offered', 'accepted')
              GROUP BY worker_id) AS held USING (worker_id)
  LEFT JOIN (SELECT worker_id, sum(points) AS points
               FROM allocation
              WHERE authority = $1 AND worker_id IS NOT NULL AND assigned_at >= $2
                AND state <> 'declined'
              GROUP BY worker_id) AS given USING (worker_id)
  LEFT JOIN (SELECT worker_id, bool_or($3 BETWEEN first_day AND last_day) AS today,
                    sum(greatest(0, least(last_day, $3) - greatest(first_day, $4) + 1)) AS days
               FROM absence
              WHERE authority = $1 AND last_day >= $4 AND first_day <= $3
              GROUP BY worker_id) AS away USING (worker_id)
 WHERE worker.authority = $1 AND left_on IS NULL
"""

# Who led work with the families of some referrals: on these or on earlier ones, the last first.
KNOWN_TO = """
SELECT mine.referral_id, other.worker_id, max(other.accepted_at) AS last
  FROM referral AS mine
  CROSS JOIN LATERAL (
       SELECT mine.referral_id AS earlier
        UNION SELECT value::uuid
                FROM jsonb_array_elements_text(coalesce(mine.document -> 'earlier', '[]'))
       ) AS family
  JOIN allocation AS other ON other.referral_id = family.earlier
 WHERE mine.referral_id = ANY ($1) AND other.authority = mine.authority
   AND other.worker_id IS NOT NULL AND other.accepted_at IS NOT NULL
 GROUP BY mine.referral_id, other.worker_id
 ORDER BY mine.referral_id, last DESC, other.worker_id
"""

# Who is left out for the families of some referrals, on earlier ones.
BARRED = """
SELECT mine.referral_id, (earlier.document -> 'barred')::text AS barred
  FROM referral AS mine
  CROSS JOIN LATERAL jsonb_array_elements_text(coalesce(mine.document -> 'earlier', '[]')) AS family
  JOIN referral AS earlier ON earlier.referral_id = family::uuid
 WHERE mine.referral_id = ANY ($1) AND earlier.authority = mine.authority
   AND jsonb_array_length(coalesce(earlier.document -> 'barred', '[]')) > 0
"""

# Look at once for what waits in some teams: somebody came, came back, or has room again.
WAKE = """
UPDATE allocation SET look_at = $3
 WHERE authority = $1 AND assignee = ANY ($2) AND state = 'assigned' AND look_at > $3
"""

# What a worker has, or was asked for.
HELD = """
SELECT allocation_id, referral_id, points FROM allocation
 WHERE worker_id = $1 AND state IN ('offered', 'accepted')
 ORDER BY allocation_id
"""

# What some workers have in points.
CARRIED = """
SELECT worker_id, sum(points) AS points FROM allocation
 WHERE worker_id = ANY ($1) AND state IN ('offered', 'accepted')
 GROUP BY worker_id
"""

# What waits for a person, the longest first: with a team, and nobody was asked or has accepted.
WAITING = """
SELECT allocation.allocation_id, allocation.referral_id, allocation.authority, allocation.locality,
       allocation.kind, allocation.assignee, allocation.rag, allocation.points,
       allocation.assigned_at, coalesce(allocation.waiting, CASE WHEN NOT EXISTS (
           SELECT FROM worker WHERE worker.authority = allocation.authority
              AND worker.team = allocation.assignee AND left_on IS NULL) THEN 'no_workers' END
       ) AS waiting
  FROM allocation
 WHERE allocation.authority = ANY ($1) AND allocation.state = 'assigned' AND NOT allocation.urgent
   AND allocation.kind <> 'panel'
   AND ($2::text IS NULL OR allocation.locality = $2)
   AND (allocation.assigned_at, allocation.allocation_id) > ($3, $4)
   AND NOT EXISTS (SELECT FROM allocation AS asked
                    WHERE asked.referral_id = allocation.referral_id
                      AND asked.offered_of = allocation.allocation_id
                      AND asked.state = 'offered')
 ORDER BY allocation.assigned_at, allocation.allocation_id
 LIMIT $5
"""

# How many wait in each locality, for how many somebody is asked, and since when the longest.
WAITING_COUNTS = """
SELECT authority, locality, count(*) FILTER (WHERE NOT asked) AS waiting,
       count(*) FILTER (WHERE asked) AS offered, min(assigned_at) AS oldest
  FROM (SELECT authority, locality, assigned_at, EXISTS (
                SELECT FROM allocation AS asked
                 WHERE asked.referral_id = held.referral_id
                   AND asked.offered_of = held.allocation_id AND asked.state = 'offered') AS asked
          FROM allocation AS held
         WHERE authority = ANY ($1) AND state = 'assigned' AND NOT urgent AND kind <> 'panel')
       AS waits
 GROUP BY authority, locality
 ORDER BY authority, locality
"""

LOOK_BACK_DAYS: Final = 91
"""Over how many days shares are counted: a quarter."""


async def teams(connection: Connection) -> dict[str, list[str]]:
    """By authority, the teams that have workers."""
    found: dict[str, list[str]] = {}
    for row in await connection.fetch(TEAMS):
        found.setdefault(row["authority"], []).append(row["team"])
    return found


async def take_turn(connection: Connection, authority: str) -> bool:
    """Whether this transaction now has the turn to offer the authority's work."""
    return bool(await connection.fetchval(TAKE_TURN, authority))


async def wait_turn(connection: Connection, authority: str) -> None:
    """Have the turn until the transaction ends."""
    await connection.execute(WAIT_TURN, authority)


async def due(
    connection: Connection, authority: str, of: Sequence[str], now: datetime, limit: int
) -> list[UUID]:
    """Referrals with work of these teams for which somebody is looked for now."""
    rows = await connection.fetch(DUE, authority, list(of), now, limit)
    return list(dict.fromkeys(row["referral_id"] for row in rows))


async def stranded(
    connection: Connection, authority: str, limit: int
) -> dict[UUID, list[tuple[UUID, str]]]:
    """By referral, the (allocation, team) of what is with somebody who has left."""
    found: dict[UUID, list[tuple[UUID, str]]] = {}
    for row in await connection.fetch(STRANDED, authority, limit):
        found.setdefault(row["referral_id"], []).append((row["allocation_id"], row["team"]))
    return found


async def roster(
    connection: Connection, authority: str, section: AllocationSection, now: datetime, today: date
) -> tuple[dict[UUID, Candidate], dict[UUID, Load]]:
    """An authority's workers, and what each carries and was given."""
    since = now - timedelta(days=LOOK_BACK_DAYS)
    first = today - timedelta(days=LOOK_BACK_DAYS - 1)
    candidates: dict[UUID, Candidate] = {}
    loads: dict[UUID, Load] = {}
    for row in await connection.fetch(ROSTER, authority, since, today, first):
        one = worker_of(row)
        there = min(LOOK_BACK_DAYS, (today - one.registered_on).days + 1) - row["days_away"]
        candidates[one.worker_id] = Candidate(
            worker_id=one.worker_id,
            team=one.team,
            skills=frozenset(one.skills),
            localities=workers.serves(one, section),
            school_clusters=frozenset(one.school_clusters),
            capacity=section.caseload.capacity(one.hours),
            leads_up_to=one.leads_up_to,
            away=row["away_today"],
            presence=max(0.0, there / LOOK_BACK_DAYS),
        )
        loads[one.worker_id] = Load(float(row["held"]), float(row["given"]))
    return candidates, loads


async def before(connection: Connection, referral_ids: Sequence[UUID]) -> dict[UUID, Before]:
    """What earlier referrals of the families say."""
    known: dict[UUID, list[UUID]] = {}
    for row in await connection.fetch(KNOWN_TO, list(referral_ids)):
        known.setdefault(row["referral_id"], []).append(row["worker_id"])
    barred: dict[UUID, dict[UUID, WhyNot]] = {}
    for row in await connection.fetch(BARRED, list(referral_ids)):
        for each in from_json(row["barred"]):
            left_out = barred.setdefault(row["referral_id"], {})
            left_out[UUID(each["worker_id"])] = WhyNot(each["why"])
    return {
        one: Before(tuple(known.get(one, ())), barred.get(one, {})) for one in {*known, *barred}
    }


async def wake(connection: Connection, authority: str, of: Sequence[str], now: datetime) -> None:
    """Look at once for what waits in these teams."""
    await connection.execute(WAKE, authority, list(of), now)


async def held(connection: Connection, worker_id: UUID) -> list[tuple[UUID, UUID]]:
    """(allocation, referral) of all that a worker has or was asked for."""
    rows = await connection.fetch(HELD, worker_id)
    return [(row["allocation_id"], row["referral_id"]) for row in rows]


async def carried(connection: Connection, worker_ids: Sequence[UUID]) -> dict[UUID, int]:
    """What some workers carry, in points."""
    rows = await connection.fetch(CARRIED, list(worker_ids))
    return {row["worker_id"]: row["points"] for row in rows}


async def waiting(
    connection: Connection,
    authorities: Sequence[str],
    locality: str | None,
    after: tuple[datetime, UUID],
    limit: int,
) -> list[Mapping[str, Any]]:
    """What waits for a person, the longest first."""
    rows = await connection.fetch(WAITING, list(authorities), locality, *after, limit)
    return [dict(row) for row in rows]


async def waiting_counts(
    connection: Connection, authorities: Sequence[str]
) -> list[Mapping[str, Any]]:
    """How many wait in each locality, and have somebody asked; None is what no locality claims."""
    return [dict(row) for row in await connection.fetch(WAITING_COUNTS, list(authorities))]


async def asked(connection: Connection, authority: str) -> list[Mapping[str, Any]]:
    """What waits for the answer of people with an account."""
    return [dict(row) for row in await connection.fetch(ASKED, authority)]


async def promised(connection: Connection, worker_id: UUID) -> int:
    """How much somebody is asked to do for families, or has promised, that is not done."""
    return int(await connection.fetchval(PROMISED, worker_id))
