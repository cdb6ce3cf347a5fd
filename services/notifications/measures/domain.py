"""How soon referrers hear. Pure.

Working Together to Safeguard Children: within one working day of a referral the hub decides, and
acknowledges that it was received. What is counted is what a referrer may know: a decision counts
when its message was made, so one that is countersigned counts then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Final

from policy.small_numbers import SMALL
from policy.working_time import Calendar, due

DAY: Final = Decimal(1)
DEFINITIONS: Final[Mapping[str, str]] = {
    "acknowledged_in_time": "referrals whose referrer was told within one working day of receipt "
    "that it was received, of those told or past that day",
    "decided_in_time": "referrals with a decision that the referrer may be told within one working "
    "day of receipt, of those decided or past that day",
    "feedback_sent_in_time": "decisions whose message went within one working day of it, of those "
    "that went or are past that day",
    "feedback_arrived": "decisions whose message is known to have arrived, went and did not come "
    "back, or whose referrer was told otherwise, of all decisions",
    "status_opened": "referrals whose referrer opened the page that says where it stands, of those "
    "whose decision went; a mail scanner that follows links counts as one",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What happened about one referral. All times are UTC."""

    authority: str
    agency: str
    received_at: datetime
    acknowledged_at: datetime | None = None
    decided_at: datetime | None = None
    sent_at: datetime | None = None
    arrived: bool = False
    looked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """`count` of `total`, and how many hours it took, in the middle. None where not published, or
    where there is none. `agency` is None for all of them."""

    measure: str
    authority: str
    agency: str | None
    count: int | None
    total: int | None
    median_hours: float | None

    @property
    def percent(self) -> float | None:
        """Of a hundred, to one decimal."""
        if self.count is None or not self.total:
            return None
        return round(100 * self.count / self.total, 1)


def figures(
    told: Iterable[Told], calendars: Mapping[str, Calendar], now: datetime, *, by_agency: bool
) -> list[Figure]:
    """Each measure of each authority, or of each of its agencies."""
    found: dict[tuple[str, str, str | None], list[tuple[bool, float | None]]] = {}
    for one in told:
        for measure, outcome in _outcomes(one, calendars[one.authority], now):
            key = (measure, one.authority, one.agency if by_agency else None)
            found.setdefault(key, []).append(outcome)
    made = []
    for (measure, authority, agency), outcomes in found.items():
        hours = [took for _, took in outcomes if took is not None]
        made.append(
            Figure(
                measure,
                authority,
                agency,
                sum(kept for kept, _ in outcomes),
                len(outcomes),
                round(median(hours), 1) if hours else None,
            )
        )
    order = list(DEFINITIONS)
    return sorted(made, key=lambda one: (one.authority, order.index(one.measure), one.agency or ""))


def published(figures: Iterable[Figure]) -> list[Figure]:
    """Figures without small numbers on either side; where only one agency is left out, without the
    next smallest too, so that nobody subtracts."""
    groups: dict[tuple[str, str], list[Figure]] = {}
    for one in figures:
        groups.setdefault((one.authority, one.measure), []).append(one)
    made: list[Figure] = []
    for group in groups.values():
        hidden = {one for one in group if _is_small(one)}
        others = sorted((one for one in group if one not in hidden), key=lambda one: one.total or 0)
        if len(hidden) == 1 and others:
            hidden.add(others[0])
        made += [
            replace(one, count=None, total=None, median_hours=None) if one in hidden else one
            for one in group
        ]
    return made


def _is_small(figure: Figure) -> bool:
    count, total = figure.count or 0, figure.total or 0
    return any(0 < number <= SMALL for number in (count, total, total - count))


def _outcomes(
    one: Told, calendar: Calendar, now: datetime
) -> Iterable[tuple[str, tuple[bool, float | None]]]:
    """Which measures it counts in, whether it was in time, and how many hours it took."""
    for measure, begun, ended in (
        ("acknowledged_in_time", one.received_at, one.acknowledged_at),
        ("decided_in_time", one.received_at, one.decided_at),
        ("feedback_sent_in_time", one.decided_at, one.sent_at),
    ):
        if begun is None:
            continue
        limit = due(begun, DAY, "working_days", "exclusive", calendar=calendar).due_at
        if ended is not None:
            yield measure, (ended <= limit, (ended - begun) / timedelta(hours=1))
        elif now > limit:
            yield measure, (False, None)
    if one.decided_at is not None:
        yield "feedback_arrived", (one.arrived, None)
    if one.sent_at is not None:
        took = (one.looked_at - one.received_at) / timedelta(hours=1) if one.looked_at else None
        yield "status_opened", (one.looked_at is not None, took)
