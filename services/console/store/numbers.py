"""The numbers over the lists and beside the filters."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from chassis.database import Connection
from chassis.restriction import Seer, hidden, parameters

# How many are to decide: by colour, overdue, waiting, out of hours; and by urgency, agency and
# locality for the filters, and by who claimed them. One pass over the index of what is to decide; adding up the
# few groups here costs a fraction of what grouping sets do there.
COUNTS = f"""
SELECT urgency, source_agency, locality, claimed_by,
       count(*) AS to_decide,
       count(*) FILTER (WHERE coalesce(rag, 'red') = 'red') AS red,
       count(*) FILTER (WHERE rag = 'amber') AS amber,
       count(*) FILTER (WHERE rag = 'green') AS green,
       count(*) FILTER (WHERE due_at < $3) AS overdue,
       count(*) FILTER (WHERE waiting) AS waiting,
       count(*) FILTER (WHERE out_of_hours) AS out_of_hours,
       count(*) FILTER (WHERE to_agree) AS to_agree
  FROM queue_row
 WHERE authority = ANY ($1)
   AND stage = 'to_decide'
   AND ($2::text IS NULL OR locality = $2)
   AND NOT EXISTS (SELECT FROM attention WHERE attention.referral_id = queue_row.referral_id)
   AND NOT {hidden("queue_row.referral_id", 4)}
 GROUP BY urgency, source_agency, locality, claimed_by
"""

# How many could not be processed, are decided and with nobody, wait for a manager or for somebody
# who was asked, and are overdue at whatever stage.
COUNT_OTHERS = f"""
SELECT (SELECT count(*) FROM attention
         WHERE authority = ANY ($1) AND NOT {hidden("attention.referral_id", 3)}) AS unprocessed,
       (SELECT count(*) FROM queue_row
         WHERE authority = ANY ($1) AND to_allocate
           AND NOT {hidden("queue_row.referral_id", 3)}) AS to_allocate,
       (SELECT count(*) FROM queue_row
         WHERE authority = ANY ($1) AND to_countersign
           AND NOT {hidden("queue_row.referral_id", 3)}) AS to_countersign,
       (SELECT count(*) FROM queue_row
         WHERE authority = ANY ($1) AND offered
           AND NOT {hidden("queue_row.referral_id", 3)}) AS offered,
       (SELECT count(*) FROM queue_row
         WHERE authority = ANY ($1) AND NOT {hidden("queue_row.referral_id", 3)}
           AND stage IN ('to_decide', 'decided') AND due_at < $2
           AND due_at < '9000-01-01 00:00:00+00') AS late
"""

# What is hidden from somebody.
HIDDEN = f"""
SELECT referral_id FROM restriction AS one
 WHERE authority = ANY ($1) AND {hidden("one.referral_id", 2)}
 ORDER BY referral_id
"""

TOTALS = (
    "to_decide", "red", "amber", "green", "overdue", "waiting", "out_of_hours", "to_agree",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counts:
    """What is to decide, in numbers; with `to_allocate`, `to_countersign`, `offered` and `late`,
    which is overdue at whatever stage. `by_…`: what is to decide, by code."""

    unprocessed: int
    to_allocate: int
    to_countersign: int
    offered: int
    late: int
    to_decide: int = 0
    red: int = 0
    amber: int = 0
    green: int = 0
    overdue: int = 0
    unclaimed: int = 0
    mine: int = 0
    waiting: int = 0
    out_of_hours: int = 0
    to_agree: int = 0
    by_urgency: Mapping[str, int] | None = None
    by_agency: Mapping[str, int] | None = None
    by_locality: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """The numbers for all who see the same of a queue; `claimed`: how many each has claimed."""

    counts: Counts
    claimed: Mapping[UUID, int]

    def of(self, staff_id: UUID) -> Counts:
        """The numbers as one of them has them before them."""
        return replace(self.counts, mine=self.claimed.get(staff_id, 0))


async def counted(
    connection: Connection, authorities: Sequence[str], locality: str | None, seer: Seer
) -> Counted:
    """The numbers over the queue, as they are when `seer` looks."""
    rows = await connection.fetch(COUNTS, list(authorities), locality, seer.at, *parameters(seer))
    others = await connection.fetchrow(COUNT_OTHERS, list(authorities), seer.at, *parameters(seer))
    totals: Counter[str] = Counter()
    by_urgency: Counter[str] = Counter()
    by_agency: Counter[str] = Counter()
    by_locality: Counter[str] = Counter()
    claimed: Counter[UUID] = Counter()
    for row in rows:
        urgency, agency, locality_of, claimed_by, *numbers = row
        totals.update(dict(zip(TOTALS, numbers, strict=True)))
        # What is not rated yet is looked for among what is urgent, as the filter does.
        by_urgency[urgency or "immediate"] += row["to_decide"]
        by_agency[agency] += row["to_decide"]
        by_locality[locality_of or ""] += row["to_decide"]
        if claimed_by is None:
            totals["unclaimed"] += row["to_decide"]
        else:
            claimed[claimed_by] += row["to_decide"]
    counts = Counts(
        **dict(others or {}),
        **totals,
        by_urgency=by_urgency,
        by_agency=by_agency,
        by_locality=by_locality,
    )
    return Counted(counts, claimed)


async def hidden_from(
    connection: Connection, authorities: Sequence[str], seer: Seer
) -> tuple[UUID, ...]:
    """Which referrals of these authorities are hidden from somebody."""
    rows = await connection.fetch(HIDDEN, list(authorities), *parameters(seer))
    return tuple(row["referral_id"] for row in rows)
