"""A practitioner's decision for every child of a referral."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chassis.change import Change, Ids
from chassis.errors import FieldError
from contracts.codes import LoweredBecause, WithoutAgreement
from contracts.events import (
    AgreedAction,
    AgreementStatus,
    ChildDecision,
    ContinuedBecause,
    Duty,
    Outcome,
    TriageDecided,
)
from policy.loading import PackSet
from policy.pack import Pack
from services.triage.domain.agreeing import agreement_errors, may_go_on
from services.triage.domain.case import (
    Action,
    Case,
    ChildToDecide,
    Decision,
    DecisionKind,
    Person,
    Status,
    highest,
    in_force,
    known,
    seen,
)
from services.triage.domain.claiming import not_anothers
from services.triage.domain.continuing import continued
from services.triage.domain.countersigning import awaited, to_countersign
from services.triage.domain.rules import (
    children_errors,
    clause_errors,
    lowered_errors,
    may_decide,
    may_lower,
    rationale_errors,
    refuse,
    still_as_seen,
    still_in_force,
)

# Outcomes that the census would count as a referral (section 17 or 47 of the Children Act 1989).
STATUTORY = frozenset({Outcome.STRATEGY_DISCUSSION, Outcome.CHILD_AND_FAMILY_ASSESSMENT})


@dataclass(frozen=True, slots=True)
class Decide:
    """A practitioner's decision. `expected_version` is the version that they had seen, None for
    whoever expects that nobody has decided yet; `pack_version` that of the guidance they read."""

    person: Person
    expected_version: int | None
    children: tuple[ChildToDecide, ...]
    rationale: str
    analysis: str | None
    clauses: tuple[str, ...]
    no_clause_because: str | None
    actions: tuple[Action, ...]
    lowered_because: LoweredBecause | None = None
    without_agreement: WithoutAgreement | None = None
    pack_version: str | None = None


def decide(
    state: Case | None, command: Decide, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Record what was decided for every child. Deciding answers a request to withdraw: the
    referral goes on. Red and no further action wait for a manager's countersignature.

    Raises NotFound; PreconditionFailed when somebody decided first; Forbidden without a social
    work qualification, or below a hard rule's suggestion without a manager (practice rule 5);
    InvalidInput with a pointer to each field.
    """
    case, person = known(state), command.person
    pack = in_force(case, policy, now)
    may_decide(person, pack)
    still_as_seen(case, command.expected_version, decided=case.decided_at is not None)
    not_anothers(case, person, now)
    still_in_force(pack, command.pack_version)
    errors = [
        *children_errors(case, command.children),
        *rationale_errors(command.rationale),
        *clause_errors(pack, command.clauses, command.no_clause_because),
        *lowered_errors(command.lowered_because, command.analysis),
        *agreement_errors(case, command.children, command.without_agreement, command.analysis),
    ]
    if not command.actions:
        errors.append(FieldError("/actions", "Say at least one thing that happens next."))
    refuse(errors)
    may_go_on(case, command.children, person, pack)
    for child in command.children:
        may_lower(case, child.child_id, child.rag, person, command.lowered_because)
    decided = {child.child_id: child for child in command.children}
    children = tuple(
        replace(
            child,
            rag=decided[child.child_id].rag,
            outcome=decided[child.child_id].outcome,
            duties=_duties(decided[child.child_id]),
        )
        for child in case.children
    )
    rag = highest(child.current for child in children)
    because = to_countersign(pack, command.children, person)
    decision = Decision(
        decision_id=ids(),
        kind=DecisionKind.DECISION,
        decided_at=now,
        person=person,
        rag=rag,
        suggested=case.suggested,
        children=tuple(
            ChildDecision(
                child_id=child.child_id,
                rag=child.rag,
                outcome=child.outcome,
                duties=_duties(child),
            )
            for child in command.children
        ),
        child_id=None,
        previous=case.rag,
        clauses=command.clauses,
        pack_version=pack.version,
        rationale=command.rationale,
        analysis=command.analysis,
        no_clause_because=command.no_clause_because,
        lowered_because=command.lowered_because,
        without_agreement=command.without_agreement,
        duties=tuple((child.child_id, duty) for child in command.children for duty in child.duties),
        actions=tuple((ids(), action) for action in command.actions),
        to_countersign=because,
        seen=seen(case),
    )
    changed = replace(
        case,
        status=Status.DECIDED,
        version=case.version + 1,
        rag=rag,
        children=children,
        decided_at=now,
        # A request to withdraw is answered when the decision may be told.
        withdrawal_requested_at=case.withdrawal_requested_at if because else None,
        claim=None,
        awaiting=awaited(decision),
        updated_at=now,
        added=(*case.added, decision),
    )
    answered = continued(case, decision.decision_id, person, now, ContinuedBecause.DECIDED)
    events = (
        _decided(changed, decision, pack),
        *(() if because else answered),
    )
    return Change(changed, events), told(case, changed, decision)


def _duties(child: ChildToDecide) -> tuple[Duty, ...]:
    """Each duty once, in the order in which they were named."""
    return tuple(dict.fromkeys(one.duty for one in child.duties))


def _decided(case: Case, decision: Decision, pack: Pack) -> TriageDecided:
    facts = case.facts
    levels = [pack.clauses[clause].level for clause in decision.clauses]
    return TriageDecided(
        decision_id=decision.decision_id,
        decided_at=decision.decided_at,
        staff_id=decision.person.staff_id,
        role=decision.person.role,
        rag=decision.rag,
        level=max(levels, default=None),
        children=decision.children,
        suggested=decision.suggested,
        clauses=decision.clauses,
        no_clause=not decision.clauses,
        rationale_id=decision.decision_id,
        actions=tuple(
            AgreedAction(action_id=action_id, by=action.by)
            for action_id, action in decision.actions
        ),
        statutory=any(child.outcome in STATUTORY for child in decision.children),
        pack_version=decision.pack_version,
        agreement=facts.agreement or AgreementStatus.UNKNOWN,
        locality=facts.locality,
        school_cluster=facts.school_cluster,
        age_bands=tuple(child.age_band for child in facts.children),
        lowered_because=decision.lowered_because,
        without_agreement=decision.without_agreement,
        to_countersign=bool(decision.to_countersign),
    )


def told(before: Case, case: Case, decision: Decision) -> Mapping[str, Any]:
    """What came of a decision or a rating; `changes` are the children whose colour it changed."""
    colours = {child.child_id: child.current for child in before.children}
    return {
        "id": decision.decision_id,
        "referral_id": case.referral_id,
        "state": case.status,
        "rag": case.rag,
        "previous_rag": decision.previous,
        "changed": decision.previous != case.rag,
        "changes": [
            {
                "child_id": child.child_id,
                "previous_rag": colours[child.child_id],
                "rag": child.current,
            }
            for child in case.children
            if child.current is not colours[child.child_id]
        ],
        "decided_at": decision.decided_at,
        "to_countersign": decision.to_countersign,
        "version": case.version,
    }
