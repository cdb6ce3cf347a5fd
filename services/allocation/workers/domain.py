"""What allocation decides about workers. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from chassis.errors import DomainError, FieldError, InvalidInput, PreconditionFailed
from contracts.codes import AGENCIES
from policy.allocation import AllocationSection

LONGEST_SHIFT: Final = timedelta(hours=24)
LONGEST_ABSENCE: Final = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody who may be asked to take work on. `code` is what the authority itself calls them.
    `hours` are those of a week; with none they are never free. `leads_up_to` is the level of need
    above which they are not asked to lead. `staff_id` or `organisation_id` answers for them: an
    account of their own, or their organisation's system. Without `localities` and `wards` they
    serve wherever their team does."""

    worker_id: UUID
    authority: str
    code: str
    name: str = field(repr=False)
    agency: str
    team: str
    skills: tuple[str, ...]
    localities: tuple[str, ...]
    wards: tuple[str, ...]
    school_clusters: tuple[str, ...]
    hours: float
    leads_up_to: int
    registered_on: date
    staff_id: UUID | None = None
    organisation_id: UUID | None = None
    version: int = 1
    left_on: date | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """Whole days in England, both included. Why is nobody's business here."""

    worker_id: UUID
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Shift:
    """A turn of duty. `on_call`: reached by telephone, not at a desk."""

    worker_id: UUID
    team: str
    on_call: bool
    starts_at: datetime
    ends_at: datetime


def problems(worker: Worker, section: AllocationSection, at: str = "") -> Iterator[FieldError]:
    """What of a worker the pack doesn't know. `at` is a pointer to the worker."""
    if worker.agency not in AGENCIES:
        yield FieldError(f"{at}/agency", "There is no such kind of agency.")
    if worker.team not in section.teams:
        yield FieldError(f"{at}/team", "There is no such team in the authority's pack.")
    wards = {name for place in section.localities.values() for name in place.wards}
    known: tuple[tuple[str, Sequence[str], frozenset[str]], ...] = (
        ("localities", worker.localities, frozenset(section.localities)),
        ("wards", worker.wards, frozenset(wards)),
        ("school_clusters", worker.school_clusters, frozenset(section.school_clusters)),
    )
    for name, given, there in known:
        for place, one in enumerate(given):
            if one not in there:
                yield FieldError(f"{at}/{name}/{place}", "The authority's pack has no such place.")


def changed(before: Worker | None, after: Worker, expected_version: int | None) -> Worker | None:
    """The worker to write: None where nothing changes. `expected_version` is what the caller saw.
    Somebody who comes back after leaving is registered again by the same code.

    Raises DomainError where somebody else changed them meanwhile.
    """
    if before is None:
        return after
    if expected_version is not None and expected_version != before.version:
        raise stale()
    same = replace(after, worker_id=before.worker_id, version=before.version)
    if before.left_on is None:
        same = replace(same, registered_on=before.registered_on)
    if same == before:
        return None
    return replace(same, version=before.version + 1)


def stale() -> DomainError:
    """Somebody else was first."""
    return PreconditionFailed("worker_changed", "Somebody changed this worker. Read it again.")


def leave(worker: Worker, open_cases: int, last_day: date, promised: int = 0) -> Worker:
    """Take somebody off the register. Raises DomainError while they hold cases, or something that
    they are to do for a family is `promised`."""
    if open_cases:
        raise DomainError(
            "worker_holds_cases",
            "This worker holds cases or has been offered some. Give those to others first.",
        )
    if promised:
        raise DomainError(
            "worker_has_actions",
            "This worker has yet to do what they were asked for a family. Ask somebody else, and note"
            " it as declined.",
        )
    if worker.left_on is not None:
        raise DomainError("worker_left", "This worker has left already.")
    return replace(worker, left_on=last_day, version=worker.version + 1)


def absence(worker: Worker, first_day: date, last_day: date) -> Absence:
    """Raises InvalidInput for days that are the wrong way round, or for years."""
    wrong = None
    if last_day < first_day:
        wrong = "The last day comes before the first."
    elif last_day - first_day > LONGEST_ABSENCE:
        wrong = "An absence lasts three years at most."
    if wrong:
        raise InvalidInput(
            "invalid_absence", "The days are wrong.", errors=(FieldError("/last_day", wrong),)
        )
    return Absence(worker.worker_id, first_day, last_day)


def shift(
    worker: Worker,
    team: str,
    starts_at: datetime,
    ends_at: datetime,
    section: AllocationSection,
    *,
    on_call: bool,
) -> Shift:
    """A turn of duty. Raises InvalidInput for a team that isn't one of duty, or for times that
    can't be."""
    errors = []
    if team not in {section.duty.team, section.duty.out_of_hours}:
        errors.append(FieldError("/team", "This is neither the duty team nor that out of hours."))
    if ends_at <= starts_at:
        errors.append(FieldError("/ends_at", "The shift ends before it begins."))
    elif ends_at - starts_at > LONGEST_SHIFT:
        errors.append(FieldError("/ends_at", "A shift lasts 24 hours at most."))
    if errors:
        raise InvalidInput("invalid_shift", "The shift is wrong.", errors=errors)
    return Shift(worker.worker_id, team, on_call, starts_at, ends_at)


def serves(worker: Worker, section: AllocationSection) -> frozenset[str]:
    """The localities that somebody serves: their own, those of their wards, else their team's; none
    named anywhere means all."""
    own = {
        *worker.localities,
        *(
            code
            for code, place in section.localities.items()
            if not place.wards.keys().isdisjoint(worker.wards)
        ),
    }
    if own:
        return frozenset(own)
    team = section.teams.get(worker.team)
    return frozenset((team.localities if team else ()) or section.localities)
