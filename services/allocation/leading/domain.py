"""What is decided about the work of lead professionals. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import DomainError, FieldError, Forbidden, InvalidInput, NotFound
from contracts.events import CaseClosed, CaseMilestoneRecorded
from policy.loading import PackSet
from policy.working_time import LONDON
from services.allocation.domain.answering import Answerer, noted
from services.allocation.domain.assigning import end_work
from services.allocation.domain.case import Allocation, AllocationState, Case, held, known
from services.allocation.domain.helping import (
    Ended,
    EndedBecause,
    Milestone,
    Paper,
    PaperKind,
    Score,
)
from services.allocation.domain.timing import happen, then

# What leads record by itself; papers and meetings record theirs.
FIRST_CONTACT: Final = "first_contact"
MEETING: Final = "meeting"
REVIEW: Final = "review"
# Who may sign off what another wrote.
SIGNING: Final = frozenset({"coordinator", "manager"})


@dataclass(frozen=True, slots=True)
class Record:
    """First contact, a team-around-the-child meeting or a review."""

    allocation_id: UUID
    milestone: str
    on: date
    who: Answerer
    agencies: tuple[str, ...] = ()
    next_on: date | None = None
    scores: tuple[Score, ...] = ()
    note: str | None = field(default=None, repr=False)
    kept_as: str | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """An assessment or a plan. `replaces` is the paper of which it is the next version; a new one
    beside a live one needs `anew`."""

    allocation_id: UUID
    kind: PaperKind
    on: date
    who: Answerer
    kept_as: str | None = None
    text: str | None = field(default=None, repr=False)
    replaces: UUID | None = None
    anew: bool = False
    scores: tuple[Score, ...] = ()


@dataclass(frozen=True, slots=True)
class Close:
    allocation_id: UUID
    reason: EndedBecause
    on: date
    who: Answerer
    scores: tuple[Score, ...] = ()
    note: str | None = field(default=None, repr=False)


def record(
    command: Record, state: Case | None, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Record what was reached, and stop and start the clocks that wait for it.

    Raises NotFound, Forbidden, DomainError where the work isn't theirs (yet, or any more),
    InvalidInput for a day that can't be.
    """
    case = known(state)
    one = _led(case, command.allocation_id, command.who)
    _refuse_day(case, command.on, now, "/on")
    if command.next_on is not None and command.next_on <= command.on:
        wrong = FieldError("/next_on", "The next meeting comes after this one.")
        raise InvalidInput("invalid_day", "Some fields are wrong.", errors=(wrong,))
    made = Milestone(
        milestone_id=ids(),
        allocation_id=one.allocation_id,
        milestone=command.milestone,
        on=command.on,
        recorded_at=now,
        recorded_by=command.who.person_id,
        agencies=command.agencies,
        next_on=command.next_on,
        scores=command.scores,
        kept_as=command.kept_as,
    )
    change = _reached(case, made, policy, ids, now)
    notes = noted(
        change.state.notes,
        made.milestone_id,
        command.milestone,
        command.note,
        command.who,
        ids,
        now,
    )
    return Change(replace(change.state, notes=notes), change.events), {
        "id": made.milestone_id,
        "referral_id": case.referral_id,
        "milestone": made.milestone,
        "on": made.on,
    }


def write(
    command: Write, state: Case | None, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Add an assessment or a plan, or the next version of one.

    Raises as `record` does; DomainError (`live_paper`) where a live one of the kind is about the
    same children and nobody said that another is wanted.
    """
    case = known(state)
    one = _led(case, command.allocation_id, command.who)
    _refuse_day(case, command.on, now, "/on")
    papers = {paper.paper_id: paper for paper in case.papers}
    before = papers.get(command.replaces) if command.replaces else None
    if command.replaces and (before is None or before.kind is not command.kind):
        wrong = FieldError("/replaces", "There is no such paper of this kind.")
        raise InvalidInput("unknown_paper", "Some fields are wrong.", errors=(wrong,))
    if before is not None and before.replaced:
        raise DomainError("paper_replaced", "A later version has replaced this one.")
    alive = live(case.papers, command.kind, one.children)
    if before is None and alive and not command.anew:
        raise DomainError(
            "live_paper",
            "There is a live one about these children. Write its next version, or say that another "
            "is wanted.",
        )
    made = Paper(
        paper_id=ids(),
        allocation_id=one.allocation_id,
        kind=command.kind,
        version=before.version + 1 if before else 1,
        on=command.on,
        written_by=command.who.person_id,
        written_at=now,
        children=one.children,
        kept_as=command.kept_as,
        replaces=before.paper_id if before else None,
    )
    kept = tuple(
        replace(paper, replaced=True) if paper is before else paper for paper in case.papers
    )
    changed = replace(
        case,
        papers=(*kept, made),
        notes=noted(case.notes, made.paper_id, command.kind, command.text, command.who, ids, now),
    )
    change = Change(changed)
    if before is None:
        reached = Milestone(
            milestone_id=ids(),
            allocation_id=one.allocation_id,
            milestone=command.kind.value,
            on=command.on,
            recorded_at=now,
            recorded_by=command.who.person_id,
            scores=command.scores,
        )
        change = then(change, _reached(changed, reached, policy, ids, now))
    return change, {
        "id": made.paper_id,
        "referral_id": case.referral_id,
        "kind": made.kind,
        "version": made.version,
    }


def sign(
    paper_id: UUID,
    allocation_id: UUID,
    who: Answerer,
    state: Case | None,
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Sign off what another wrote. Raises NotFound, Forbidden; DomainError where it was signed
    before or replaced."""
    del policy, ids
    case = known(state)
    held(case, allocation_id)
    found = next((paper for paper in case.papers if paper.paper_id == paper_id), None)
    if found is None:
        raise NotFound("paper_not_found", "There is no such paper.")
    if who.roles.isdisjoint(SIGNING) or who.person_id == found.written_by:
        raise Forbidden("another_signs", "A coordinator or manager signs what another wrote.")
    if found.signed_at is not None:
        raise DomainError("paper_signed", "This was signed off before.")
    if found.replaced:
        raise DomainError("paper_replaced", "A later version has replaced this one.")
    signed = replace(found, signed_by=who.person_id, signed_at=now)
    papers = tuple(signed if paper is found else paper for paper in case.papers)
    return Change(replace(case, papers=papers)), {
        "id": paper_id,
        "referral_id": case.referral_id,
        "version": found.version,
        "signed_at": now,
    }


def close(
    command: Close, state: Case | None, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """End help for the children of this work, with its reason. The case is closed once nobody has
    other work of it. Raises as `record` does."""
    case = known(state)
    one = _led(case, command.allocation_id, command.who)
    _refuse_day(case, command.on, now, "/on")
    change = Change(case)
    if command.scores:
        scored = Milestone(
            milestone_id=ids(),
            allocation_id=one.allocation_id,
            milestone="scored_at_end",
            on=command.on,
            recorded_at=now,
            recorded_by=command.who.person_id,
            scores=command.scores,
        )
        change = _reached(case, scored, policy, ids, now)
    change = then(
        change,
        end_help(
            change.state, one.children, command.reason, command.on, command.who, policy, ids, now
        ),
    )
    notes = noted(
        change.state.notes, one.allocation_id, "closed", command.note, command.who, ids, now
    )
    return Change(replace(change.state, notes=notes), change.events), {
        "id": one.allocation_id,
        "referral_id": case.referral_id,
        "reason": command.reason,
        "closed": change.state.ended is not None,
    }


def end_help(
    case: Case,
    children: Sequence[UUID],
    reason: EndedBecause,
    on: date,
    who: Answerer,
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Case]:
    """End all work about some children, and the case where that was all."""
    theirs = {
        each.allocation_id
        for each in case.allocations
        if each.open and not set(each.children).isdisjoint(children)
    }
    at = moment(on, now)
    change = end_work(case, theirs, f"closed_{reason}", at, policy, ids)
    if any(each.open for each in change.state.allocations):
        return change
    ended = replace(change.state, ended=Ended(reason, on, who.person_id))
    event = CaseClosed(reason=reason.value)
    change = then(change, Change(ended, (event,)))
    return then(change, happen(ended, "case.closed", at, policy, ids))


def live(papers: Sequence[Paper], kind: PaperKind, children: Sequence[UUID]) -> tuple[Paper, ...]:
    """Papers of a kind that nothing replaced, about any of these children."""
    return tuple(
        paper
        for paper in papers
        if paper.kind is kind
        and not paper.replaced
        and not set(paper.children).isdisjoint(children)
    )


def distance(milestones: Sequence[Milestone]) -> Mapping[str, tuple[int, int]]:
    """For each area that was scored at two times: the first score and the last."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    times: dict[str, int] = {}
    for one in sorted(milestones, key=lambda each: (each.on, each.recorded_at)):
        for score in one.scores:
            first.setdefault(score.area, score.score)
            last[score.area] = score.score
            times[score.area] = times.get(score.area, 0) + 1
    return {area: (first[area], last[area]) for area in first if times[area] > 1}


def moment(on: date, now: datetime) -> datetime:
    """When something of a day counts: the day's end in England, now at the latest."""
    end = datetime.combine(on + timedelta(days=1), time(0), LONDON) - timedelta(seconds=1)
    return min(end.astimezone(now.tzinfo), now)


def _reached(case: Case, made: Milestone, policy: PackSet, ids: Ids, now: datetime) -> Change[Case]:
    changed = replace(case, milestones=(*case.milestones, made))
    event = CaseMilestoneRecorded(
        milestone=made.milestone,
        on=made.on,
        scores=tuple(score.score for score in made.scores),
    )
    return then(
        Change(changed, (event,)),
        happen(
            changed,
            f"case.milestone_recorded:{made.milestone}",
            moment(made.on, now),
            policy,
            ids,
        ),
    )


def _led(case: Case, allocation_id: UUID, who: Answerer) -> Allocation:
    one = held(case, allocation_id)
    who.refuse(one)
    if one.state is AllocationState.ACCEPTED:
        return one
    if not one.open:
        raise DomainError("allocation_ended", "This work has ended.")
    raise DomainError("not_accepted", "Nobody has taken this on yet.")


def _refuse_day(case: Case, on: date, now: datetime, at: str) -> None:
    wrong = None
    if on > now.astimezone(LONDON).date():
        wrong = "This day has not come yet."
    elif on < case.received_at.astimezone(LONDON).date():
        wrong = "This is before the referral was received."
    if wrong:
        raise InvalidInput("invalid_day", "Some fields are wrong.", errors=(FieldError(at, wrong),))
