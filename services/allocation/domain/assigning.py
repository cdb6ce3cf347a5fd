"""Giving work to a team or a panel by the pack's rules, and ending it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.change import Change, Ids
from contracts.envelope import EventData
from contracts.events import (
    AllocationAssigned,
    AllocationEnded,
    AssigneeKind,
    Outcome,
    Rag,
)
from policy.allocation import (
    SOCIAL_WORK,
    AllocationSection,
    Assignment,
    Work,
    assign,
)
from policy.loading import PackSet
from policy.working_time import is_open
from services.allocation.clocks.domain import cancel_all
from services.allocation.domain.case import (
    Allocation,
    AllocationState,
    Case,
    exchanged,
    pack_of,
)
from services.allocation.domain.timing import happen, then

# A social worker's task by law (sections 17 and 47): never another agency's (practice rule 22).
STATUTORY = frozenset({Outcome.STRATEGY_DISCUSSION, Outcome.CHILD_AND_FAMILY_ASSESSMENT})


def at_duty(case: Case) -> bool:
    return any(one.kind is AssigneeKind.DUTY and one.open for one in case.allocations)


def assign_work(
    case: Case,
    outcome: Outcome | None,
    at: datetime,
    policy: PackSet,
    ids: Ids,
    now: datetime,
    children: tuple[UUID, ...] | None = None,
) -> Change[Case]:
    """Give work to whom the pack's rules say. What goes to a panel also goes to the team that has
    it until the panel has met: allocation never waits for a panel (practice rule 25)."""
    pack = pack_of(case, policy)
    rag = case.rag or Rag.RED
    work = Work(
        rag=rag,
        outcome=outcome,
        age_bands=case.age_bands,
        locality=case.locality,
        school_cluster=case.school_cluster,
        agency=case.source_agency,
        agreement=case.agreement,
        level=case.level,
    )
    open_now = is_open(pack.calendar, now)
    theirs = children or case.children
    found = assign(work, pack.allocation, open_now=open_now)
    change = give(case, found, outcome, theirs, at, policy, ids)
    if found.kind is not AssigneeKind.PANEL:
        return change
    team = assign(work, pack.allocation, open_now=open_now, beside_panel=True)
    return then(change, give(change.state, team, outcome, theirs, at, policy, ids))


def give(
    case: Case,
    found: Assignment,
    outcome: Outcome | None,
    children: tuple[UUID, ...],
    at: datetime,
    policy: PackSet,
    ids: Ids,
) -> Change[Case]:
    """Give work to a team or a panel that was found for it."""
    section = pack_of(case, policy).allocation
    rag = case.rag or Rag.RED
    allocation = Allocation(
        allocation_id=ids(),
        kind=found.kind,
        assignee=found.assignee,
        rule=found.rule,
        reason=found.reason,
        rag=rag,
        urgent=outcome is None,
        children=children,
        state=AllocationState.ASSIGNED,
        assigned_at=at,
        points=section.caseload.weight(rag, len(children)),
        needs=needs_of(found.rule, outcome, section),
        look_at=at if _offered_on(found, outcome, case) else None,
        locality=case.locality,
    )
    changed = replace(case, allocations=(*case.allocations, allocation))
    event: EventData = AllocationAssigned(
        allocation_id=allocation.allocation_id,
        kind=allocation.kind,
        assignee=allocation.assignee,
        rule=allocation.rule,
        children=allocation.children,
        rag=rag,
        urgent=allocation.urgent,
    )
    return then(
        Change(changed, (event,)),
        happen(
            changed,
            f"allocation.assigned:{allocation.kind}",
            at,
            policy,
            ids,
            subject_id=allocation.allocation_id,
        ),
    )


def end_work(
    case: Case, which: Collection[UUID], reason: str, at: datetime, policy: PackSet, ids: Ids
) -> Change[Case]:
    """End those allocations of `which` that are still open. `reason` is a code."""
    change = Change(case)
    for one in case.allocations:
        if one.allocation_id not in which or not one.open:
            continue
        left = exchanged(
            change.state,
            replace(one, state=AllocationState.ENDED, ended_at=at, look_at=None, answer=reason),
        )
        event = AllocationEnded(allocation_id=one.allocation_id, reason=reason)
        change = then(change, Change(left, (event,)))
        change = then(
            change,
            happen(
                change.state,
                f"allocation.ended:{one.kind}",
                at,
                policy,
                ids,
                subject_id=one.allocation_id,
            ),
        )
        items = {each.item_id for each in case.items if each.allocation_id == one.allocation_id}
        if items:
            clocks, events = cancel_all(change.state.clocks, at, "allocation.ended", items)
            change = then(change, Change(replace(change.state, clocks=clocks), events))
    return change


def needs_of(rule: str, outcome: Outcome | None, section: AllocationSection) -> tuple[str, ...]:
    """The skills that a piece of work asks for: what its rule looked for, and social work for what
    is a statutory task."""
    asked = next(
        (one.to.skills for one in (*section.first, *section.rules) if one.rule == rule), ()
    )
    return tuple(sorted({*asked, *((SOCIAL_WORK,) if outcome in STATUTORY else ())}))


def _offered_on(found: Assignment, outcome: Outcome | None, case: Case) -> bool:
    """Whether the team's work goes on to one of its workers by rule. Duty's doesn't, and what is
    restricted a manager gives by hand."""
    by_rule = found.kind in {
        AssigneeKind.TEAM,
        AssigneeKind.LEAD_PROFESSIONAL,
        AssigneeKind.PANEL,
    }
    return by_rule and outcome is not None and not case.restricted
