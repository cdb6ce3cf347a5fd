"""The end of a referral whose referrer asked to withdraw it (practice rule 2)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chassis.change import Change, Ids
from chassis.errors import DomainError, Forbidden
from contracts.events import ContinuedBecause, Rag, TriageWithdrawn
from policy.loading import PackSet
from services.triage.domain.case import Case, Decision, DecisionKind, Person, Status, known
from services.triage.domain.continuing import continued
from services.triage.domain.deciding import told
from services.triage.domain.rules import may_decide, rationale_errors, refuse, still_as_seen


@dataclass(frozen=True, slots=True)
class ConcludeWithdrawal:
    person: Person
    expected_version: int | None
    close: bool
    rationale: str


def conclude_withdrawal(
    state: Case | None, command: ConcludeWithdrawal, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Close a referral whose referrer asked to withdraw it, or go on with it.

    A manager concludes where Red was suggested or the child was referred before (practice rule
    2). Raises DomainError `no_withdrawal` when nobody asked, and as `decide` does.
    """
    case = known(state)
    may_decide(command.person)
    if command.expected_version is not None:
        still_as_seen(case, command.expected_version, decided=False)
    if case.withdrawal_requested_at is None:
        raise DomainError("no_withdrawal", "Nobody has asked to withdraw this referral.")
    if command.close and case.decided_at is not None:
        raise DomainError("already_decided", "A decided referral is re-rated, not withdrawn.")
    refuse(rationale_errors(command.rationale))
    manager_needed = case.suggested is Rag.RED or case.rag is Rag.RED or bool(case.facts.links)
    if command.close and manager_needed and "manager" not in command.person.roles:
        raise Forbidden(
            "manager_needed",
            "A manager concludes a withdrawal where Red was suggested or the child was referred "
            "before.",
        )
    conclusion = Decision(
        decision_id=ids(),
        kind=DecisionKind.WITHDRAWAL,
        decided_at=now,
        person=command.person,
        rag=case.rag,
        suggested=case.suggested,
        children=(),
        child_id=None,
        previous=case.rag,
        clauses=(),
        pack_version=case.facts.pack_version,
        rationale=command.rationale,
    )
    changed = replace(
        case,
        status=Status.WITHDRAWN if command.close else case.status,
        version=case.version + 1,
        withdrawal_requested_at=None,
        claim=None if command.close else case.claim,
        updated_at=now,
        added=(*case.added, conclusion),
    )
    if not command.close:
        because = (
            ContinuedBecause.DECIDED
            if case.decided_at is not None and case.awaiting is None
            else ContinuedBecause.TO_BE_DECIDED
        )
        goes_on = continued(case, conclusion.decision_id, command.person, now, because)
        return Change(changed, goes_on), told(case, changed, conclusion)
    event = TriageWithdrawn(
        decision_id=conclusion.decision_id,
        concluded_at=now,
        staff_id=command.person.staff_id,
        role=command.person.role,
        rationale_id=conclusion.decision_id,
    )
    return Change(changed, (event,)), told(case, changed, conclusion)
