"""Every query of the scorecard. Days are of England: times are given as the moments they begin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import asyncpg

from chassis.database import Connection
from chassis.restriction import Seer, hidden, parameters
from services.allocation.scorecard.definitions import MEASURES
from services.allocation.scorecard.domain import Figure
from services.allocation.scorecard.flows import Path

MOST_ROWS: Final = 100_000
STATUTORY: Final = ["strategy_discussion", "child_and_family_assessment"]
EARLY_HELP: Final = ["early_help_assessment", "locality_panel", "single_agency_support"]
ADVICE: Final = ["information_and_advice", "no_further_action"]
ELSEWHERE: Final = ["already_open", "another_authority"]

_WHERE_FROM = """referral.authority, referral.document ->> 'locality' AS locality,
       referral.document ->> 'source_agency' AS agency"""

# How many clocks of each name were met in time, of those that have ended.
CLOCKS = f"""
SELECT clock.name, {_WHERE_FROM}, NULL AS category,
       count(*) FILTER (WHERE clock.state = 'met') AS count, count(*) AS total
  FROM clock JOIN referral USING (referral_id)
 WHERE clock.authority = ANY ($1) AND clock.name IN ('lead_professional_allocated',
       'first_contact', 'early_help_assessment', 'plan', 'review')
   AND clock.started_at >= $2 AND clock.started_at < $3 AND clock.state IN ('met', 'breached')
 GROUP BY 1, 2, 3, 4
"""

# How many referrals are about a child who was referred in the 12 months before.
REPEATS = f"""
SELECT {_WHERE_FROM}, NULL AS category,
       count(*) FILTER (WHERE EXISTS (
           SELECT FROM jsonb_array_elements_text(coalesce(referral.document -> 'earlier', '[]')) AS id
             JOIN referral AS before ON before.referral_id = id::uuid
            WHERE before.received_at >= referral.received_at - interval '12 months'
              AND before.received_at < referral.received_at
              AND ($4::text[] IS NULL OR before.document -> 'outcomes' ?| $4)
       )) AS count, count(*) AS total
  FROM referral
 WHERE referral.authority = ANY ($1) AND referral.received_at >= $2 AND referral.received_at < $3
   AND ($4::text[] IS NULL OR referral.document -> 'outcomes' ?| $4)
 GROUP BY 1, 2, 3
"""

# How many of what was decided led to help.
ACCEPTED = f"""
SELECT {_WHERE_FROM}, NULL AS category,
       count(*) FILTER (WHERE referral.document -> 'outcomes' ?| $4) AS count, count(*) AS total
  FROM referral
 WHERE authority = ANY ($1) AND received_at >= $2 AND received_at < $3
   AND jsonb_array_length(coalesce(referral.document -> 'outcomes', '[]')) > 0
 GROUP BY 1, 2, 3
"""

# How many assessments follow another of the 12 months before, of the same or an earlier referral.
ASSESSED_AGAIN = f"""
SELECT {_WHERE_FROM}, NULL AS category,
       count(*) FILTER (WHERE EXISTS (
           SELECT FROM milestone AS before
            WHERE before.milestone = 'assessment' AND before.milestone_id <> one.milestone_id
              AND before.on_day <= one.on_day AND before.on_day > one.on_day - interval '12 months'
              AND (before.on_day, before.milestone_id) < (one.on_day, one.milestone_id)
              AND (before.referral_id = one.referral_id OR before.referral_id IN (
                   SELECT id::uuid FROM jsonb_array_elements_text(
                          coalesce(referral.document -> 'earlier', '[]')) AS id))
       )) AS count, count(*) AS total
  FROM milestone AS one JOIN referral USING (referral_id)
 WHERE one.authority = ANY ($1) AND one.milestone = 'assessment'
   AND one.on_day >= $2 AND one.on_day < $3
 GROUP BY 1, 2, 3
"""

# Why cases ended.
ENDED = f"""
SELECT {_WHERE_FROM}, case_end.reason AS category, count(*) AS count, 0 AS total
  FROM case_end JOIN referral USING (referral_id)
 WHERE case_end.authority = ANY ($1) AND on_day >= $2 AND on_day < $3
 GROUP BY 1, 2, 3, 4
"""

# How far families came.
DISTANCE = f"""
SELECT {_WHERE_FROM}, NULL AS category,
       count(*) FILTER (WHERE last_scores > first_scores) AS count, count(*) AS total
  FROM case_end JOIN referral USING (referral_id)
 WHERE case_end.authority = ANY ($1) AND on_day >= $2 AND on_day < $3 AND scored > 0
 GROUP BY 1, 2, 3
"""

# Who leads, by their agency.
LEADS = f"""
SELECT {_WHERE_FROM}, worker.agency AS category, count(*) AS count, 0 AS total
  FROM allocation JOIN worker USING (worker_id)
  JOIN referral ON referral.referral_id = allocation.referral_id
 WHERE allocation.authority = ANY ($1) AND allocation.kind = 'lead_professional'
   AND allocation.worker_id IS NOT NULL AND accepted_at >= $2 AND accepted_at < $3
 GROUP BY 1, 2, 3, 4
"""

# What panels concluded.
PANELS = f"""
SELECT {_WHERE_FROM}, coalesce(outcome, panel_item.state) AS category, count(*) AS count, 0 AS total
  FROM panel_item JOIN referral USING (referral_id)
 WHERE panel_item.authority = ANY ($1) AND meeting_on >= $2 AND meeting_on < $3
 GROUP BY 1, 2, 3, 4
"""

# The referrals of a period for a list, in the order in which they came, without what somebody may
# not see.
LISTED = f"""
SELECT document ->> 'reference' AS reference, received_at, document ->> 'source_agency' AS agency,
       document ->> 'locality' AS locality, document ->> 'rag' AS rag,
       (SELECT string_agg(outcome, '; ') FROM jsonb_array_elements_text(document -> 'outcomes')
            AS outcome) AS outcomes,
       jsonb_array_length(document -> 'children') AS children,
       (SELECT min(accepted_at) FROM allocation
         WHERE allocation.referral_id = referral.referral_id AND NOT urgent) AS accepted_at,
       case_end.on_day AS ended_on, case_end.reason AS ended_because
  FROM referral LEFT JOIN case_end USING (referral_id)
 WHERE referral.authority = $1 AND received_at >= $2 AND received_at < $3
   AND ($4::text[] IS NULL OR document -> 'outcomes' ?| $4)
   AND NOT {hidden("referral.referral_id", 6)}
 ORDER BY received_at, referral.referral_id
 LIMIT $5
"""


def _route(referral: str) -> str:
    """SQL for what a referral was decided as, by the lists in $4 to $7."""
    outcomes = f"{referral}.document -> 'outcomes'"
    return f"""CASE WHEN {outcomes} ?| $4::text[] THEN 'social_care'
            WHEN {outcomes} ?| $5::text[] THEN 'early_help'
            WHEN {outcomes} ?| $6::text[] THEN 'advice'
            WHEN {outcomes} ?| $7::text[] THEN 'elsewhere'
            ELSE 'not_decided' END"""


# Which way the referrals of a period went: how they came, what was decided, what came of it, how it
# ended. What was decided otherwise than for help goes no further.
FLOWS = f"""
SELECT authority, locality, agency, came, decided,
       CASE WHEN helped THEN coalesce(step, CASE WHEN taken THEN 'taken_on' ELSE 'waiting' END) END
           AS then,
       CASE WHEN helped THEN coalesce(ended, 'open') END AS ended, count(*) AS referrals
  FROM (
    SELECT {_WHERE_FROM}, coalesce('after_' || (
               SELECT {_route("before")}
                 FROM jsonb_array_elements_text(coalesce(referral.document -> 'earlier', '[]')) AS id
                 JOIN referral AS before ON before.referral_id = id::uuid
                WHERE before.received_at >= referral.received_at - interval '12 months'
                  AND before.received_at < referral.received_at
                ORDER BY before.received_at DESC LIMIT 1), 'first') AS came,
           {_route("referral")} AS decided,
           referral.document -> 'outcomes' ?| ($4::text[] || $5::text[]) AS helped,
           (SELECT 'stepped_' || direction FROM case_step AS step
             WHERE step.referral_id = referral.referral_id AND step.state = 'accepted'
               AND direction IN ('up', 'down')
             ORDER BY answered_at DESC LIMIT 1) AS step,
           EXISTS (SELECT FROM allocation
                    WHERE allocation.referral_id = referral.referral_id AND NOT urgent
                      AND accepted_at IS NOT NULL) AS taken,
           case_end.reason AS ended
      FROM referral LEFT JOIN case_end USING (referral_id)
     WHERE referral.authority = ANY ($1) AND referral.received_at >= $2
       AND referral.received_at < $3
  ) AS way
 GROUP BY 1, 2, 3, 4, 5, 6, 7
"""

_BY_CLOCK: Final[Mapping[str, str]] = {
    one.clock: one.code for one in MEASURES if one.clock is not None
}


@dataclass(frozen=True, slots=True)
class Period:
    """Days in England, the last not included, and the moments at which they begin."""

    first_day: date
    end_day: date
    start: datetime
    end: datetime


async def figures(
    connection: Connection, authorities: Sequence[str], period: Period
) -> list[Figure]:
    """Every figure of a period, by locality and referring agency."""
    of = list(authorities)
    times, days = (period.start, period.end), (period.first_day, period.end_day)
    found = [
        _figure(_BY_CLOCK[row["name"]], row) for row in await connection.fetch(CLOCKS, of, *times)
    ]
    for code, outcomes in (("repeat_contact", None), ("repeat_statutory", STATUTORY)):
        rows = await connection.fetch(REPEATS, of, *times, outcomes)
        found += [_figure(code, row) for row in rows]
    helped = await connection.fetch(ACCEPTED, of, *times, [*STATUTORY, *EARLY_HELP])
    found += [_figure("accepted", row) for row in helped]
    for code, query, when in (
        ("assessed_again", ASSESSED_AGAIN, days),
        ("ended_because", ENDED, days),
        ("lead_agency", LEADS, times),
        ("panel_outcome", PANELS, days),
        ("distance_travelled", DISTANCE, days),
    ):
        found += [_figure(code, row) for row in await connection.fetch(query, of, *when)]
    return found


async def flows(connection: Connection, authorities: Sequence[str], period: Period) -> list[Path]:
    """Every path of a period's referrals, by locality and referring agency."""
    rows = await connection.fetch(
        FLOWS,
        list(authorities),
        period.start,
        period.end,
        STATUTORY,
        EARLY_HELP,
        ADVICE,
        ELSEWHERE,
    )
    return [Path(**row) for row in rows]


async def listed(
    connection: Connection,
    authority: str,
    period: Period,
    outcomes: Sequence[str] | None,
    seer: Seer,
) -> list[Mapping[str, Any]]:
    """The referrals of a period that `seer` may know of; those with one of `outcomes`, where there
    are any. One more than `MOST_ROWS` says that there are more."""
    rows = await connection.fetch(
        LISTED,
        authority,
        period.start,
        period.end,
        list(outcomes) if outcomes else None,
        MOST_ROWS + 1,
        *parameters(seer),
    )
    return [dict(row) for row in rows]


def _figure(code: str, row: asyncpg.Record) -> Figure:
    return Figure(
        code,
        row["authority"],
        row["locality"],
        row["agency"],
        row["category"],
        row["count"],
        row["total"],
    )
