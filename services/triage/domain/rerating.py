"""Later ratings: up or down, at any time, with a rationale. The earlier ones stay."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import FieldError
from contracts.codes import LoweredBecause
from contracts.events import Rag, ReturnedBecause, TriageRerated
from policy.loading import PackSet
from services.triage.domain.case import (
    Case,
    Decision,
    DecisionKind,
    Person,
    highest,
    in_force,
    known,
    seen,
)
from services.triage.domain.claiming import hastened
from services.triage.domain.countersigning import returned, sent_back
from services.triage.domain.deciding import told
from services.triage.domain.rules import (
    lowered_errors,
    may_decide,
    may_lower,
    rationale_errors,
    refuse,
    still_as_seen,
    still_in_force,
    unknown_clauses,
)


@dataclass(frozen=True, slots=True)
class Rerate:
    """A later rating of one child, or of all when `child_id` is None."""

    person: Person
    expected_version: int | None
    child_id: UUID | None
    rag: Rag
    rationale: str
    analysis: str | None
    clauses: tuple[str, ...]
    lowered_because: LoweredBecause | None = None
    pack_version: str | None = None


def rerate(
    state: Case | None, command: Rerate, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Record a later rating, up or down; the earlier ones stay. The same colour is recorded as
    reviewed, no change. Another colour than that of a decision which waits for a countersignature
    undoes it: it is decided again. Raises as `decide` does."""
    case = known(state)
    pack = in_force(case, policy, now)
    may_decide(command.person, pack)
    if command.expected_version is not None:
        still_as_seen(case, command.expected_version, decided=False)
    still_in_force(pack, command.pack_version)
    rated = [child for child in case.children if command.child_id in (None, child.child_id)]
    errors = [
        *rationale_errors(command.rationale),
        *unknown_clauses(pack, command.clauses),
        *lowered_errors(command.lowered_because, command.analysis),
    ]
    if not rated:
        errors.append(FieldError("/child_id", "This referral has no such child."))
    refuse(errors)
    for child in rated:
        may_lower(case, child.child_id, command.rag, command.person, command.lowered_because)
    before, undone = case, case.awaiting
    if undone is not None and any(child.current is not command.rag for child in rated):
        case = sent_back(case)
    else:
        undone = None
    ids_rated = {child.child_id for child in rated}
    children = tuple(
        replace(child, rag=command.rag) if child.child_id in ids_rated else child
        for child in case.children
    )
    rag = highest(child.current for child in children)
    rating = Decision(
        decision_id=ids(),
        kind=DecisionKind.RATING,
        decided_at=now,
        person=command.person,
        rag=rag,
        suggested=case.suggested,
        children=(),
        child_id=command.child_id,
        previous=before.rag,
        clauses=command.clauses,
        pack_version=pack.version,
        rationale=command.rationale,
        analysis=command.analysis,
        lowered_because=command.lowered_because,
        seen=seen(before),
    )
    changed = hastened(
        replace(
            case,
            version=case.version + 1,
            rag=rag,
            children=children,
            updated_at=now,
            added=(*case.added, rating),
        ),
        policy,
        now,
    )
    event = TriageRerated(
        rating_id=rating.decision_id,
        rated_at=now,
        staff_id=command.person.staff_id,
        role=command.person.role,
        child_id=command.child_id,
        previous=before.rag,
        rag=rag,
        clauses=command.clauses,
        rationale_id=rating.decision_id,
        pack_version=pack.version,
        decided=case.decided_at is not None,
        lowered_because=command.lowered_because,
    )
    if undone is None:
        return Change(changed, (event,)), told(before, changed, rating)
    again = returned(changed, undone, command.person, ReturnedBecause.RERATED, now)
    return Change(changed, (again, event)), told(before, changed, rating)
