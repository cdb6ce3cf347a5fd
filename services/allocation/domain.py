"""Who takes a referral on. Pure; what happens to its clocks is in clocks/domain.py.

A suggested Red goes to the duty team at once, before and beside the decision. What is decided is
assigned by the first of the pack's rules that fits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import DomainError, Forbidden, NotFound
from contracts.envelope import Event, EventData
from contracts.events import (
    AgeBand,
    AgreementStatus,
    AllocationAccepted,
    AllocationAssigned,
    AllocationEnded,
    AssigneeKind,
    MessageSent,
    Outcome,
    Rag,
    ReferralSubmitted,
    TriageClaimed,
    TriageDecided,
    TriageRated,
    TriageRerated,
    TriageWithdrawn,
)
from policy.allocation import WITHOUT_WORK, Assignment, Work, assign
from policy.loading import PackSet
from policy.pack import Pack
from policy.working_time import Calendar, is_open
from services.allocation.clocks import domain as clockwork
from services.allocation.clocks.domain import Clock, Happened

SEVERITY = {Rag.RED: 3, Rag.AMBER: 2, Rag.GREEN: 1, Rag.NONE: 0}

# Who may say that a team has taken work on.
ACCEPTING = {
    AssigneeKind.DUTY: frozenset({"duty", "manager", "practitioner"}),
    AssigneeKind.TEAM: frozenset({"practitioner", "manager", "coordinator"}),
    AssigneeKind.LEAD_PROFESSIONAL: frozenset({"coordinator", "manager"}),
    AssigneeKind.PANEL: frozenset({"coordinator", "panel_chair", "manager"}),
}


class AllocationState(StrEnum):
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Allocation:
    """One piece of work, with one team, worker or panel. `reason` says why, in the words of the
    pack's rule."""

    allocation_id: UUID
    kind: AssigneeKind
    assignee: str
    rule: str
    reason: str
    rag: Rag
    urgent: bool
    children: tuple[UUID, ...]
    state: AllocationState
    assigned_at: datetime
    accepted_at: datetime | None = None
    accepted_by: UUID | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One referral as allocation sees it. `rag` is None before it is rated."""

    referral_id: UUID
    authority: str
    reference: str
    received_at: datetime
    pack_version: str
    source_agency: str
    locality: str | None
    school_cluster: str | None
    agreement: AgreementStatus
    age_bands: tuple[AgeBand, ...]
    children: tuple[UUID, ...]
    rag: Rag | None = None
    level: int | None = None
    decided: bool = False
    outcomes: tuple[Outcome, ...] = ()
    allocations: tuple[Allocation, ...] = ()
    clocks: tuple[Clock, ...] = ()


# --- events ----------------------------------------------------------------------------------


def on_submitted(
    state: Case | None, event: Event[ReferralSubmitted], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Start the clocks that run from receipt, whatever the colour."""
    del now
    if state is not None:
        return None
    facts = event.data
    case = Case(
        referral_id=event.subject,
        authority=event.authority,
        reference=facts.reference,
        received_at=facts.received_at,
        pack_version=facts.pack_version,
        source_agency=facts.source_agency,
        locality=facts.locality,
        school_cluster=facts.school_cluster,
        agreement=facts.agreement,
        age_bands=tuple(child.age_band for child in facts.children),
        children=tuple(child.child_id for child in facts.children),
    )
    return _happen(case, "referral.submitted", facts.received_at, policy, ids)


def on_rated(
    state: Case | None, event: Event[TriageRated], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    """Start the clocks of the suggested colour; a suggested Red goes to duty at once."""
    case = _known(state)
    rated = event.data
    first = case.rag is None
    raised = case.rag is not None and SEVERITY[rated.rag] > SEVERITY[case.rag]
    if not first and not raised:
        return Change(case)
    change = Change(replace(case, rag=rated.rag, level=rated.level, agreement=rated.agreement))
    if raised:
        change = _recalculate(change, rated.rag, event.time, policy)
    change = _then(change, _happen(change.state, "triage.rated", event.time, policy, ids))
    if rated.rag is Rag.RED and not _at_duty(change.state):
        change = _then(change, _assign(change.state, None, event.time, policy, ids, now))
    return change


def on_claimed(
    state: Case | None, event: Event[TriageClaimed], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    del now
    return _happen(_known(state), "triage.claimed", event.time, policy, ids)


def on_decided(
    state: Case | None, event: Event[TriageDecided], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    """Stop the clocks of deciding, start those of what was decided, and assign the work."""
    case = _known(state)
    decided = event.data
    change = Change(
        replace(
            case,
            rag=decided.rag,
            level=decided.level or case.level,
            decided=True,
            agreement=decided.agreement,
            outcomes=tuple(child.outcome for child in decided.children),
        )
    )
    tags = {
        *(str(child.outcome) for child in decided.children),
        *(str(duty) for child in decided.children for duty in child.duties),
    }
    change = _then(
        change,
        _happen(
            change.state,
            "triage.decided",
            decided.decided_at,
            policy,
            ids,
            also=tuple(sorted(tags)),
            children=tuple(
                (child.child_id, child.rag, child.outcome, tuple(map(str, child.duties)))
                for child in decided.children
            ),
        ),
    )
    groups: dict[Outcome, list[UUID]] = {}
    for child in decided.children:
        if child.outcome not in WITHOUT_WORK:
            groups.setdefault(child.outcome, []).append(child.child_id)
    for outcome in sorted(groups):
        change = _then(
            change,
            _assign(
                change.state, outcome, event.time, policy, ids, now, tuple(groups[outcome])
            ),
        )
    return change


def on_rerated(
    state: Case | None, event: Event[TriageRerated], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    """Move the clocks by the stated rule; a re-rating to Red goes to duty at once."""
    case = _known(state)
    rerated = event.data
    if rerated.rag is case.rag:
        return Change(case)
    change = Change(replace(case, rag=rerated.rag))
    change = _recalculate(change, rerated.rag, rerated.rated_at, policy)
    change = _then(
        change, _happen(change.state, "triage.rerated", rerated.rated_at, policy, ids)
    )
    if rerated.rag is Rag.RED and not _at_duty(change.state):
        change = _then(change, _assign(change.state, None, event.time, policy, ids, now))
    return change


def on_withdrawn(
    state: Case | None, event: Event[TriageWithdrawn], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    """The referral is closed: its clocks stop, and nobody has it any more."""
    del now
    case = _known(state)
    at = event.data.concluded_at
    change = _happen(case, "triage.withdrawn", at, policy, ids)
    clocks, events = clockwork.cancel_all(change.state.clocks, at, "withdrawn")
    ended = tuple(
        AllocationEnded(allocation_id=one.allocation_id, reason="withdrawn")
        for one in change.state.allocations
        if one.state is not AllocationState.ENDED
    )
    allocations = tuple(
        one
        if one.state is AllocationState.ENDED
        else replace(one, state=AllocationState.ENDED, ended_at=at)
        for one in change.state.allocations
    )
    return Change(
        replace(change.state, clocks=clocks, allocations=allocations),
        (*change.events, *events, *ended),
    )


def on_message_sent(
    state: Case | None, event: Event[MessageSent], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """A message that was sent stops the clocks that wait for it."""
    del now
    case = _known(state)
    sent = event.data
    if sent.audience != "referrer":
        return None
    return _happen(case, f"message.sent:{sent.kind}", sent.sent_at, policy, ids)


# --- commands --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Accept:
    """A person takes on what their team was given."""

    allocation_id: UUID
    staff_id: UUID
    roles: frozenset[str]


def accept(
    state: Case | None, command: Accept, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Record who took the work on, and stop the clocks that wait for a person.

    Raises NotFound; Forbidden for a role that doesn't do this; DomainError when somebody was
    first, or when it has ended.
    """
    case = _known(state)
    found = next(
        (one for one in case.allocations if one.allocation_id == command.allocation_id), None
    )
    if found is None:
        raise NotFound("allocation_not_found", "There is no such allocation.")
    if command.roles.isdisjoint(ACCEPTING[found.kind]):
        raise Forbidden("role_needed", "Your role does not take on this work.")
    if found.state is AllocationState.ACCEPTED:
        raise DomainError("already_accepted", "Somebody has taken this on before you.")
    if found.state is AllocationState.ENDED:
        raise DomainError("allocation_ended", "This work has ended.")
    accepted = replace(
        found, state=AllocationState.ACCEPTED, accepted_at=now, accepted_by=command.staff_id
    )
    changed = replace(
        case,
        allocations=tuple(accepted if one is found else one for one in case.allocations),
    )
    event = AllocationAccepted(
        allocation_id=found.allocation_id, staff_id=command.staff_id, accepted_at=now
    )
    change = _then(
        Change(changed, (event,)),
        _happen(
            changed,
            f"allocation.accepted:{found.kind}",
            now,
            policy,
            ids,
            subject_id=found.allocation_id,
        ),
    )
    return change, {
        "id": found.allocation_id,
        "referral_id": case.referral_id,
        "state": accepted.state,
        "accepted_at": now,
    }


def fire(state: Case, policy: PackSet, ids: Ids, now: datetime) -> Change[Case] | None:
    """Warn of and breach the clocks of a case that are due. None when none is after all."""
    del ids
    clocks, events = clockwork.fire(state.clocks, now, _pack(state, policy))
    return Change(replace(state, clocks=clocks), events) if events else None


# --- rules -----------------------------------------------------------------------------------


def _known(state: Case | None) -> Case:
    if state is None:
        raise NotFound("referral_not_found", "There is no such referral.")
    return state


def _pack(case: Case, policy: PackSet) -> Pack:
    return policy.version(case.authority, case.pack_version)


def _at_duty(case: Case) -> bool:
    return any(
        one.kind is AssigneeKind.DUTY and one.state is not AllocationState.ENDED
        for one in case.allocations
    )


def _then(first: Change[Case], second: Change[Case]) -> Change[Case]:
    """Two changes as one, the second made from the first's state."""
    return Change(second.state, (*first.events, *second.events))


def _happen(  # noqa: PLR0913
    case: Case,
    trigger: str,
    at: datetime,
    policy: PackSet,
    ids: Ids,
    *,
    also: tuple[str, ...] = (),
    subject_id: UUID | None = None,
    children: tuple[tuple[UUID, Rag, Outcome, tuple[str, ...]], ...] = (),
) -> Change[Case]:
    happened = Happened(
        trigger=trigger,
        at=at,
        received_at=case.received_at,
        rag=case.rag,
        also=also,
        subject_id=subject_id,
        children=children,
    )
    clocks, events = clockwork.happen(case.clocks, happened, _pack(case, policy), ids)
    return Change(replace(case, clocks=clocks), events)


def _recalculate(
    change: Change[Case], rag: Rag, at: datetime, policy: PackSet
) -> Change[Case]:
    clocks, events = clockwork.rerate(
        change.state.clocks, rag, at, _pack(change.state, policy)
    )
    return Change(replace(change.state, clocks=clocks), (*change.events, *events))


def _assign(  # noqa: PLR0913
    case: Case,
    outcome: Outcome | None,
    at: datetime,
    policy: PackSet,
    ids: Ids,
    now: datetime,
    children: tuple[UUID, ...] | None = None,
) -> Change[Case]:
    pack = _pack(case, policy)
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
    found = assign(work, pack.allocation, open_now=is_open(Calendar.of(pack.hours), now))
    allocation = _allocation(found, rag, children or case.children, outcome is None, at, ids)
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
    return _then(
        Change(changed, (event,)),
        _happen(
            changed,
            f"allocation.assigned:{allocation.kind}",
            at,
            policy,
            ids,
            subject_id=allocation.allocation_id,
        ),
    )


def _allocation(  # noqa: PLR0913
    found: Assignment,
    rag: Rag,
    children: tuple[UUID, ...],
    urgent: bool,
    at: datetime,
    ids: Ids,
) -> Allocation:
    return Allocation(
        allocation_id=ids(),
        kind=found.kind,
        assignee=found.assignee,
        rule=found.rule,
        reason=found.reason,
        rag=rag,
        urgent=urgent,
        children=children,
        state=AllocationState.ASSIGNED,
        assigned_at=at,
    )
