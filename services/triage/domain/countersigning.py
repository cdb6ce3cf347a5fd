"""A manager's countersignature of Red and of no further action (practice rule 5).

The decision counts from the moment at which it is made: clocks stop, work is assigned, a child is
not kept waiting for a signature. Its referrer is told once it is countersigned. A manager who does
not agree sends it back, and it is decided again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import DomainError, Forbidden, PreconditionFailed
from contracts.envelope import EventData
from contracts.events import (
    ContinuedBecause,
    Rag,
    ReturnedBecause,
    TriageCountersigned,
    TriageReturned,
)
from policy.loading import PackSet
from policy.pack import Pack
from policy.ruleset import RAG_ORDER
from services.triage.domain.case import (
    Awaiting,
    Case,
    Child,
    ChildToDecide,
    Countersignature,
    Decision,
    Person,
    Status,
    highest,
    in_force,
    known,
)
from services.triage.domain.continuing import continued
from services.triage.domain.rules import may_decide, note_errors, refuse, still_as_seen


@dataclass(frozen=True, slots=True)
class Countersign:
    """A manager's word on the decision `decision_id`. `note` says why it is sent back; it is the
    hub's own."""

    person: Person
    expected_version: int | None
    decision_id: UUID
    agree: bool
    note: str | None = None


def to_countersign(
    pack: Pack, children: Sequence[ChildToDecide], person: Person
) -> tuple[str, ...]:
    """The codes for which a manager countersigns a decision, in order. None where a manager makes
    it: then one has looked."""
    if "manager" in person.roles:
        return ()
    rating = pack.rating
    colours = {str(child.rag) for child in children if child.rag in rating.countersign_rags}
    outcomes = {
        str(child.outcome) for child in children if child.outcome in rating.countersign_outcomes
    }
    return tuple(sorted(colours | outcomes))


def countersign(
    state: Case | None, command: Countersign, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Agree with a decision, or send it back.

    Raises NotFound; Forbidden for whoever is no qualified manager, and for whoever made the
    decision; DomainError where nothing waits for it; PreconditionFailed where another decision
    does; InvalidInput where it is sent back without a reason.
    """
    case, person = known(state), command.person
    may_decide(person, in_force(case, policy, now))
    if "manager" not in person.roles:
        raise Forbidden("manager_needed", "A manager countersigns.")
    if command.expected_version is not None:
        still_as_seen(case, command.expected_version, decided=False)
    awaiting = case.awaiting
    if awaiting is None:
        raise DomainError("nothing_to_countersign", "No decision waits for a countersignature.")
    if awaiting.decision_id != command.decision_id:
        raise PreconditionFailed(
            "changed_meanwhile", "It was decided again since you read it. Read it again."
        )
    if awaiting.staff_id == person.staff_id:
        raise Forbidden("another_person_needed", "Somebody else than who decided countersigns.")
    if not command.agree:
        refuse(note_errors(command.note))
    signature = Countersignature(
        decision_id=command.decision_id,
        agreed=command.agree,
        signed_at=now,
        person=person,
        note=command.note,
    )
    if command.agree:
        changed, events = _agreed(case, awaiting, signature)
    else:
        changed = sent_back(case)
        events = (returned(changed, awaiting, person, ReturnedBecause.NOT_AGREED, now),)
    changed = replace(
        changed,
        version=case.version + 1,
        updated_at=now,
        signatures=(*case.signatures, signature),
    )
    return Change(changed, events), {
        "referral_id": case.referral_id,
        "decision_id": command.decision_id,
        "agreed": command.agree,
        "state": changed.status,
        "rag": changed.rag,
        "countersigned_at": now,
        "version": changed.version,
    }


def _agreed(
    case: Case, awaiting: Awaiting, signature: Countersignature
) -> tuple[Case, tuple[EventData, ...]]:
    said = TriageCountersigned(
        decision_id=awaiting.decision_id,
        decided_at=awaiting.decided_at,
        countersigned_at=signature.signed_at,
        staff_id=signature.person.staff_id,
        role=signature.person.role,
        rag=awaiting.rag,
        children=awaiting.children,
        pack_version=awaiting.pack_version,
    )
    changed = replace(case, awaiting=None, withdrawal_requested_at=None)
    return changed, (
        said,
        *continued(
            case, awaiting.decision_id, signature.person, signature.signed_at,
            ContinuedBecause.DECIDED,
        ),
    )  # fmt: skip


def sent_back(case: Case) -> Case:
    """The case with its decision undone: to be decided again. Every child is as the rules suggest,
    or as somebody rated them where that is higher."""
    children = tuple(
        replace(child, rag=_no_lower(child), outcome=None, duties=()) for child in case.children
    )
    return replace(
        case,
        status=Status.TO_DECIDE,
        decided_at=None,
        awaiting=None,
        children=children,
        rag=highest(child.current for child in children),
    )


def _no_lower(child: Child) -> Rag | None:
    raised = child.rag and RAG_ORDER[child.rag] > RAG_ORDER[child.suggested.rag]
    return child.rag if raised else None


def returned(
    case: Case, awaiting: Awaiting, person: Person, because: ReturnedBecause, now: datetime
) -> TriageReturned:
    """What is said of a decision that has to be made again; `case` is as it stands then."""
    return TriageReturned(
        decision_id=awaiting.decision_id,
        returned_at=now,
        staff_id=person.staff_id,
        role=person.role,
        reason=because,
        rag=case.rag,
    )


def awaited(decision: Decision) -> Awaiting | None:
    """What waits for a manager once a decision is made."""
    if not decision.to_countersign:
        return None
    return Awaiting(
        decision_id=decision.decision_id,
        decided_at=decision.decided_at,
        staff_id=decision.person.staff_id,
        rag=decision.rag,
        children=decision.children,
        pack_version=decision.pack_version,
        because=decision.to_countersign,
    )
