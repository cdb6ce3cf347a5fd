"""What families need, counted over the read model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.database import Connection
from chassis.restriction import Seer, hidden, parameters

NEEDS: Mapping[str, tuple[str, ...]] = {
    "domestic_abuse": ("domestic_abuse",),
    "mental_ill_health": ("parental_mental_ill_health",),
    "substance_misuse": (
        "parental_substance_misuse",
        "parental_alcohol_misuse",
        "parental_drug_misuse",
    ),
}
"""The three that harm most where they meet, with the concerns of the form that tell of each."""

# How many referrals of a time tell of which of three needs, by place and agency.
COUNT = f"""
SELECT authority, locality, source_agency AS agency, concerns ?| $4 AS first,
       concerns ?| $5 AS second, concerns ?| $6 AS third, count(*) AS referrals
  FROM queue_row
 WHERE authority = ANY ($1) AND stage <> 'erased'
   AND received_at >= $2 AND received_at < $3
   AND NOT {hidden("queue_row.referral_id", 7)}
 GROUP BY authority, locality, source_agency, first, second, third
"""


@dataclass(frozen=True, slots=True)
class Demand:
    """So many referrals of a place and an agency tell of exactly these needs. What is None is not
    told apart."""

    authority: str
    locality: str | None
    agency: str | None
    needs: tuple[str, ...]
    referrals: int


async def demand(
    connection: Connection,
    authorities: Sequence[str],
    span: tuple[datetime, datetime],
    seer: Seer,
) -> list[Demand]:
    """The referrals received in `span`, the end not included, as far as `seer` may know of them."""
    codes = [list(one) for one in NEEDS.values()]
    rows = await connection.fetch(COUNT, list(authorities), *span, *codes, *parameters(seer))
    return [
        Demand(
            row["authority"],
            row["locality"],
            row["agency"],
            tuple(
                need
                for need, told in zip(
                    NEEDS, (row["first"], row["second"], row["third"]), strict=True
                )
                if told
            ),
            row["referrals"],
        )
        for row in rows
    ]
