"""What another system says of one child, by which digests it is found, and what of it counts. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import product
from typing import Any
from uuid import UUID

from chassis.vault import BlindIndex
from contracts.events import KnownAs, KnownElsewhere
from policy.matching import Person
from policy.working_time import LONDON

KINDS: Mapping[str, KnownAs] = {
    "social_care": "open_social_care",
    "protection_plan": "open_social_care",
    "looked_after": "open_social_care",
    "legal_status": "open_social_care",
    "early_help": "open_early_help",
}
"""What an open record of a kind counts as."""


class Freshness(StrEnum):
    """How far what other systems said can be relied on. What is not `fresh` is not known."""

    FRESH = "fresh"
    STALE = "stale"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Fact:
    """One record about a child. `until` is None while it is open; `what` its category in the other
    system's words; `team` and `worker` who has it, `worker_code` what the authority calls them.
    Dates are dates in England."""

    kind: str
    since: date
    until: date | None = None
    what: str | None = None
    team: str | None = None
    worker: str | None = None
    worker_code: str | None = None

    def shown(self) -> Mapping[str, Any]:
        """It as JSON."""
        return {
            "kind": self.kind,
            "since": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "what": self.what,
            "team": self.team,
            "worker": self.worker,
            "worker_code": self.worker_code,
        }

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Fact":
        """What `shown` wrote."""
        until = said["until"]
        return cls(
            said["kind"],
            date.fromisoformat(said["since"]),
            date.fromisoformat(until) if until else None,
            said["what"],
            said["team"],
            said["worker"],
            said.get("worker_code"),
        )


@dataclass(frozen=True, slots=True)
class Record:
    """A child whom another system knows. `sure`: found by a verified number with an agreeing birth
    date or name (practice rule 15); otherwise by name and birth date, and somebody has to look."""

    sure: bool
    facts: tuple[Fact, ...]


def digests(authority: str, person: Person, index: BlindIndex) -> Iterator[tuple[bytes, bool]]:
    """The digests under which a child is found, and whether each is sure. A number has something
    beside it that has to agree: it is part of the digest."""
    born = person.born.isoformat() if person.born else None
    names = sorted({f"{given} {family}" for given, family in product(person.given, person.family)})
    for kind, number in (("nhs_number", person.nhs_number), ("upn", person.upn)):
        if number and born:
            yield index.of("elsewhere", authority, kind, number, "born", born), True
        if number:
            for name in names:
                yield index.of("elsewhere", authority, kind, number, "name", name), True
    if born:
        for name in names:
            yield index.of("elsewhere", authority, "named", name, born), False


def freshness(as_of: datetime | None, now: datetime, days: int) -> Freshness:
    """How old what is held may be: `days` of 24 hours."""
    if as_of is None:
        return Freshness.NEVER
    return Freshness.FRESH if now - as_of <= timedelta(days=days) else Freshness.STALE


def counted(child_id: UUID, record: Record) -> Iterator[KnownElsewhere]:
    """What of a sure record the rules count: open to social care or early help since when and with
    which team, or when the last of it was closed."""
    found: dict[KnownAs, Fact] = {}
    for fact in sorted(record.facts, key=lambda one: one.since):
        if fact.until is None and fact.kind in KINDS:
            # A case that is open says more than the plan within it: the earliest stands.
            held = found.setdefault(KINDS[fact.kind], fact)
            found[KINDS[fact.kind]] = replace(
                held,
                team=held.team or fact.team,
                worker_code=held.worker_code or fact.worker_code,
            )
    for kind, fact in found.items():
        yield KnownElsewhere(
            child_id=child_id,
            kind=kind,
            at=_midnight(fact.since),
            team=fact.team,
            worker=fact.worker_code,
        )
    ended = [fact.until for fact in record.facts if fact.until is not None]
    if not found and ended:
        yield KnownElsewhere(child_id=child_id, kind="closed", at=_midnight(max(ended)))


def told(
    records: Mapping[UUID, Sequence[Record]], as_of: datetime | None, now: datetime, days: int
) -> Mapping[str, Any]:
    """What staff read beside the family's story. Nothing found never means that nothing is open."""
    return {
        "freshness": freshness(as_of, now, days),
        "as_of": as_of,
        "children": [
            {
                "child_id": child_id,
                "sure": record.sure,
                "facts": [fact.shown() for fact in record.facts],
            }
            for child_id, found in records.items()
            for record in found
        ],
    }


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON)
