"""Which worker of a team is asked to take a piece of work, and why not the others.

First come bars that nothing lifts: no hours, away, left out for this family, above the level that
somebody may lead, a statutory task for who is no social worker, no room. Who is left is asked in
this order: whom the family asked for, who worked with the family last, who works with the child's
schools, and then whoever was given the smallest share, for their hours, over the last weeks. What
somebody has open says whether they have room, not whose turn it is: who closes quickly would else
be given more and more (19 in 100 above their share, measured over 10,000 referrals).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID

SOCIAL_WORK: Final = "social_work"


class WhyNot(StrEnum):
    """Why somebody is not asked."""

    EXCLUDED = "excluded"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    DECLINED = "declined"
    NO_ANSWER = "no_answer"
    HAS_IT = "has_it"
    NO_HOURS = "no_hours"
    AWAY = "away"
    ABOVE_LEVEL = "above_level"
    NO_SOCIAL_WORKER = "no_social_worker"
    OTHER_TEAM = "other_team"
    SKILLS = "skills"
    OTHER_LOCALITY = "other_locality"
    FULL = "full"
    AFTER = "after"


WORDS: Final[Mapping[WhyNot, str]] = {
    WhyNot.EXCLUDED: "was left out for this family",
    WhyNot.CONFLICT_OF_INTEREST: "has a conflict of interest",
    WhyNot.DECLINED: "has declined this",
    WhyNot.NO_ANSWER: "was asked and did not answer in time",
    WhyNot.HAS_IT: "works with these children already, or was asked",
    WhyNot.NO_HOURS: "has no hours",
    WhyNot.AWAY: "is away",
    WhyNot.ABOVE_LEVEL: "is not asked to lead at this level of need",
    WhyNot.NO_SOCIAL_WORKER: "is no social worker, and this is a statutory task",
    WhyNot.OTHER_TEAM: "is in another team",
    WhyNot.SKILLS: "lacks a skill that is needed",
    WhyNot.OTHER_LOCALITY: "does not serve this locality",
    WhyNot.FULL: "has no room",
    WhyNot.AFTER: "comes after who was chosen",
}

# What not even a person's own choice lifts: it can't be done, or must not.
FIRM: Final = frozenset(
    {
        WhyNot.CONFLICT_OF_INTEREST,
        WhyNot.NO_HOURS,
        WhyNot.ABOVE_LEVEL,
        WhyNot.NO_SOCIAL_WORKER,
    }
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody on the register. `capacity` is in points; `presence` is the part of the last weeks
    in which they were on the register and not away."""

    worker_id: UUID
    team: str
    skills: frozenset[str]
    localities: frozenset[str]
    school_clusters: frozenset[str]
    capacity: float
    leads_up_to: int
    away: bool = False
    presence: float = 1.0


@dataclass(slots=True)
class Load:
    """What somebody carries now, and what they were given over the last weeks, in points."""

    open: float = 0
    given: float = 0


Loads = Mapping[UUID, Load]
NOTHING: Final = Load()
# Somebody new or just back counts as there for this part at least, or one case would be too many.
LEAST_PRESENCE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of work that a team holds. `level` is the level of need. `barred` holds who was left
    out, said that they have an interest, declined, or did not answer. `known_to` are those who worked with the
    family, the last first."""

    team: str
    points: int
    level: int = 1
    locality: str | None = None
    school_cluster: str | None = None
    needs: frozenset[str] = frozenset()
    barred: Mapping[UUID, WhyNot] = field(default_factory=dict)
    preferred: UUID | None = None
    known_to: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """`worker_id` is None where nobody can take it: it waits. `rule` says which preference chose,
    `reason` says it in words."""

    worker_id: UUID | None
    rule: str
    reason: str


REASONS: Final = (
    ("family_asked", "The family asked for them"),
    ("continuity", "They worked with the family before"),
    ("school_cluster", "They work with the child's schools, and have room"),
    ("fair_share", "Of those with room they were given the smallest share for their hours"),
)


def why_not(task: Task, one: Candidate, load: Load) -> WhyNot | None:
    """The first bar between somebody and a piece of work; None where there is none."""
    barred = task.barred.get(one.worker_id)
    if barred is not None:
        return barred
    if one.capacity <= 0:
        return WhyNot.NO_HOURS
    if one.away:
        return WhyNot.AWAY
    if one.leads_up_to < task.level:
        return WhyNot.ABOVE_LEVEL
    if SOCIAL_WORK in task.needs and SOCIAL_WORK not in one.skills:
        return WhyNot.NO_SOCIAL_WORKER
    if one.worker_id != task.preferred and one.worker_id not in task.known_to:
        if one.team != task.team:
            return WhyNot.OTHER_TEAM
        if not task.needs <= one.skills:
            return WhyNot.SKILLS
        if task.locality is not None and task.locality not in one.localities:
            return WhyNot.OTHER_LOCALITY
    if load.open + task.points > one.capacity:
        return WhyNot.FULL
    return None


def choose(task: Task, candidates: Iterable[Candidate], loads: Loads) -> Choice:
    """Who is asked."""
    best: tuple[int, int, float, UUID] | None = None
    full = some = False
    for one in candidates:
        load = loads.get(one.worker_id, NOTHING)
        bar = why_not(task, one, load)
        if bar is None:
            place = _place(task, one, load)
            if best is None or place < best:
                best = place
        elif one.team == task.team:
            some = True
            full = full or bar is WhyNot.FULL
    if best is not None:
        return Choice(best[3], *REASONS[best[0]])
    if full:
        return Choice(None, "full", "Everybody who could take it has no room")
    if some:
        return Choice(None, "nobody_free", "Nobody in the team can take it")
    return Choice(None, "no_workers", "The team has nobody on the register")


def explain(
    task: Task, candidates: Iterable[Candidate], loads: Loads
) -> tuple[Choice, tuple[tuple[UUID, WhyNot], ...]]:
    """Who would be asked, and why not each of the others; those who could have come first."""
    everybody = list(candidates)
    choice = choose(task, everybody, loads)
    bars: list[tuple[tuple[int, int, float, UUID], UUID, WhyNot]] = []
    for one in everybody:
        if one.worker_id != choice.worker_id:
            load = loads.get(one.worker_id, NOTHING)
            bar = why_not(task, one, load) or WhyNot.AFTER
            place = _place(task, one, load) if bar is WhyNot.AFTER else _BEHIND
            bars.append((place, one.worker_id, bar))
    return choice, tuple((worker_id, bar) for _, worker_id, bar in sorted(bars))


_BEHIND: Final = (len(REASONS), 0, 0.0, UUID(int=0))


def _place(task: Task, one: Candidate, load: Load) -> tuple[int, int, float, UUID]:
    there = max(one.presence, LEAST_PRESENCE)
    share = (load.given + task.points) / (one.capacity * there)
    if one.worker_id == task.preferred:
        return (0, 0, share, one.worker_id)
    if one.worker_id in task.known_to:
        return (1, task.known_to.index(one.worker_id), share, one.worker_id)
    if task.school_cluster is not None and task.school_cluster in one.school_clusters:
        return (2, 0, share, one.worker_id)
    return (3, 0, share, one.worker_id)
