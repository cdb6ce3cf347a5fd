"""What triage decides: the suggested rating, and the rules that a person's decision must keep.

Pure: no input or output, no clock, no random. A case keeps the facts that came in events; words
that people wrote (rationale, analysis, actions) pass through on their way to the vault.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import (
    DomainError,
    FieldError,
    Forbidden,
    InvalidInput,
    NotFound,
    PreconditionFailed,
)
from contracts.envelope import Event, EventData
from contracts.events import (
    AgreedAction,
    AgreementStatus,
    ChildDecision,
    ChildRating,
    Duty,
    Outcome,
    Rag,
    Reason,
    ReferralSubmitted,
    ReferralUpdated,
    ReferralWithdrawn,
    TriageDecided,
    TriageRated,
    TriageRerated,
    TriageWithdrawn,
    Urgency,
)
from policy.loading import PackSet
from policy.pack import Pack
from policy.rating import RatingFacts, suggest

SEVERITY = {Rag.RED: 3, Rag.AMBER: 2, Rag.GREEN: 1, Rag.NONE: 0}

# Outcomes that the census would count as a referral (section 17 or 47 of the Children Act 1989).
STATUTORY = frozenset({Outcome.STRATEGY_DISCUSSION, Outcome.CHILD_AND_FAMILY_ASSESSMENT})

# Red means that a child may be at risk of significant harm: these outcomes would contradict it.
NOT_FOR_RED = frozenset(
    {
        Outcome.EARLY_HELP_ASSESSMENT,
        Outcome.LOCALITY_PANEL,
        Outcome.SINGLE_AGENCY_SUPPORT,
        Outcome.INFORMATION_AND_ADVICE,
        Outcome.NO_FURTHER_ACTION,
    }
)

FEWEST_WORDS = 3


class Status(StrEnum):
    TO_DECIDE = "to_decide"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class DecisionKind(StrEnum):
    DECISION = "decision"
    RATING = "rating"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True)
class Child:
    """One child of a case: what the rules suggest, and what people have said since. `rag` is
    somebody's rating of this child; without one the suggestion stands."""

    child_id: UUID
    suggested: ChildRating
    rag: Rag | None = None
    outcome: Outcome | None = None
    duties: tuple[Duty, ...] = ()

    @property
    def current(self) -> Rag:
        """The colour that counts now."""
        return self.rag or self.suggested.rag


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts: a member of staff, as the access token says."""

    staff_id: UUID
    name: str
    roles: frozenset[str]
    qualifications: frozenset[str]

    @property
    def role(self) -> str:
        """The role under which a decision is recorded."""
        return "manager" if "manager" in self.roles else "practitioner"


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody will do. `by` is a date in England."""

    action: str
    owner: str
    by: date | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision, a re-rating or the end of a withdrawn referral, with its words."""

    decision_id: UUID
    kind: DecisionKind
    decided_at: datetime
    person: Person
    rag: Rag
    suggested: Rag
    children: tuple[ChildDecision, ...]
    child_id: UUID | None
    previous: Rag | None
    clauses: tuple[str, ...]
    pack_version: str
    rationale: str
    analysis: str | None = None
    no_clause_because: str | None = None
    lowered_because: str | None = None
    actions: tuple[tuple[UUID, Action], ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One referral as triage sees it. `version` rises with every change that a decider must have
    seen; `added` are decisions that this change makes."""

    referral_id: UUID
    authority: str
    facts: ReferralSubmitted
    status: Status
    version: int
    rag: Rag
    level: int
    urgency: Urgency
    suggested: Rag
    children: tuple[Child, ...]
    reasons: tuple[Reason, ...]
    clauses: tuple[str, ...]
    updated_at: datetime
    withdrawal_requested_at: datetime | None = None
    decided_at: datetime | None = None
    added: tuple[Decision, ...] = ()


# --- events ----------------------------------------------------------------------------------


def on_submitted(
    state: Case | None, event: Event[ReferralSubmitted], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Suggest a rating for every child, by the pack in force when the referral was received."""
    del ids
    if state is not None:
        return None
    facts = event.data
    pack = policy.version(event.authority, facts.pack_version)
    suggestion = suggest(_rating_facts(facts), pack)
    case = Case(
        referral_id=event.subject,
        authority=event.authority,
        facts=facts,
        status=Status.TO_DECIDE,
        version=1,
        rag=suggestion.rag,
        level=suggestion.level,
        urgency=suggestion.urgency,
        suggested=suggestion.rag,
        children=tuple(Child(child.child_id, child) for child in suggestion.children),
        reasons=suggestion.reasons,
        clauses=suggestion.clauses,
        updated_at=now,
    )
    return Change(case, (_rated(case, facts.pack_version, raised_from=None),))


def on_updated(
    state: Case | None, event: Event[ReferralUpdated], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Suggest again with what came later. What people decided stands; a suggestion that rose
    above it is told, so that somebody looks again."""
    del ids
    case = _known(state)
    update = event.data
    facts = case.facts.model_copy(
        update={
            "concerns": (*case.facts.concerns, *update.concerns),
            "signals": (*case.facts.signals, *update.signals),
            "texts": (*case.facts.texts, *update.texts),
            "immediate_danger": case.facts.immediate_danger or update.immediate_danger,
            "agreement": update.agreement or case.facts.agreement,
        }
    )
    pack = policy.version(case.authority, facts.pack_version)
    suggestion = suggest(_rating_facts(facts), pack)
    suggested = {child.child_id: child for child in suggestion.children}
    changed = replace(
        case,
        facts=facts,
        version=case.version + 1,
        level=max(case.level, suggestion.level),
        urgency=suggestion.urgency,
        suggested=suggestion.rag,
        children=tuple(
            replace(child, suggested=suggested[child.child_id]) for child in case.children
        ),
        reasons=suggestion.reasons,
        clauses=suggestion.clauses,
        updated_at=now,
    )
    changed = replace(changed, rag=_highest(child.current for child in changed.children))
    raised_from = case.suggested if SEVERITY[suggestion.rag] > SEVERITY[case.suggested] else None
    return Change(changed, (_rated(changed, facts.pack_version, raised_from=raised_from),))


def on_withdrawn(
    state: Case | None, event: Event[ReferralWithdrawn], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """A withdrawal is a request: it is shown to whoever decides, and changes nothing else
    (practice rule 2)."""
    del policy, ids
    case = _known(state)
    return Change(
        replace(
            case,
            version=case.version + 1,
            withdrawal_requested_at=event.data.requested_at,
            updated_at=now,
        )
    )


# --- commands --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChildToDecide:
    child_id: UUID
    rag: Rag
    outcome: Outcome
    duties: tuple[Duty, ...] = ()


@dataclass(frozen=True, slots=True)
class Decide:
    """A practitioner's decision. `expected_version` is the version that they had seen, None for
    whoever expects that nobody has decided yet."""

    person: Person
    expected_version: int | None
    children: tuple[ChildToDecide, ...]
    rationale: str
    analysis: str | None
    clauses: tuple[str, ...]
    no_clause_because: str | None
    actions: tuple[Action, ...]
    lowered_because: str | None = None


def decide(
    state: Case | None, command: Decide, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Record what was decided for every child.

    Raises NotFound; PreconditionFailed when somebody decided first; Forbidden without a social
    work qualification, or below a hard rule's suggestion without a manager (practice rule 5);
    InvalidInput with a pointer to each field.
    """
    case = _known(state)
    _may_decide(command.person)
    _still_as_seen(case, command.expected_version, decided=case.decided_at is not None)
    pack = policy.current(case.authority, now.date())
    errors = [
        *_children_errors(case, command.children),
        *_rationale_errors(command.rationale),
        *_clause_errors(pack, command.clauses, command.no_clause_because),
    ]
    if not command.actions:
        errors.append(FieldError("/actions", "Say at least one thing that happens next."))
    _refuse(errors)
    for child in command.children:
        _may_lower(case, child.child_id, child.rag, command.person, command.lowered_because)
    decided = {child.child_id: child for child in command.children}
    children = tuple(
        replace(
            child,
            rag=decided[child.child_id].rag,
            outcome=decided[child.child_id].outcome,
            duties=decided[child.child_id].duties,
        )
        for child in case.children
    )
    rag = _highest(child.current for child in children)
    decision = Decision(
        decision_id=ids(),
        kind=DecisionKind.DECISION,
        decided_at=now,
        person=command.person,
        rag=rag,
        suggested=case.suggested,
        children=tuple(
            ChildDecision(
                child_id=child.child_id, rag=child.rag, outcome=child.outcome, duties=child.duties
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
        actions=tuple((ids(), action) for action in command.actions),
    )
    changed = replace(
        case,
        status=Status.DECIDED,
        version=case.version + 1,
        rag=rag,
        children=children,
        decided_at=now,
        updated_at=now,
        added=(decision,),
    )
    return Change(changed, (_decided(changed, decision, pack),)), _told(changed, decision)


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
    lowered_because: str | None = None


def rerate(
    state: Case | None, command: Rerate, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Record a later rating, up or down; the earlier ones stay. The same colour is recorded as
    reviewed, no change. Raises as `decide` does."""
    case = _known(state)
    _may_decide(command.person)
    if command.expected_version is not None:
        _still_as_seen(case, command.expected_version, decided=False)
    pack = policy.current(case.authority, now.date())
    rated = [
        child for child in case.children if command.child_id in (None, child.child_id)
    ]
    errors = [
        *_rationale_errors(command.rationale),
        *_unknown_clauses(pack, command.clauses),
    ]
    if not rated:
        errors.append(FieldError("/child_id", "This referral has no such child."))
    _refuse(errors)
    for child in rated:
        _may_lower(case, child.child_id, command.rag, command.person, command.lowered_because)
    children = tuple(
        replace(child, rag=command.rag) if child in rated else child for child in case.children
    )
    rag = _highest(child.current for child in children)
    rating = Decision(
        decision_id=ids(),
        kind=DecisionKind.RATING,
        decided_at=now,
        person=command.person,
        rag=rag,
        suggested=case.suggested,
        children=(),
        child_id=command.child_id,
        previous=case.rag,
        clauses=command.clauses,
        pack_version=pack.version,
        rationale=command.rationale,
        analysis=command.analysis,
        lowered_because=command.lowered_because,
    )
    changed = replace(
        case,
        version=case.version + 1,
        rag=rag,
        children=children,
        updated_at=now,
        added=(rating,),
    )
    event = TriageRerated(
        rating_id=rating.decision_id,
        rated_at=now,
        staff_id=command.person.staff_id,
        role=command.person.role,
        child_id=command.child_id,
        previous=case.rag,
        rag=rag,
        clauses=command.clauses,
        rationale_id=rating.decision_id,
        pack_version=pack.version,
        decided=case.decided_at is not None,
    )
    return Change(changed, (event,)), _told(changed, rating)


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
    case = _known(state)
    _may_decide(command.person)
    if command.expected_version is not None:
        _still_as_seen(case, command.expected_version, decided=False)
    if case.withdrawal_requested_at is None:
        raise DomainError("no_withdrawal", "Nobody has asked to withdraw this referral.")
    if command.close and case.decided_at is not None:
        raise DomainError("already_decided", "A decided referral is re-rated, not withdrawn.")
    _refuse(_rationale_errors(command.rationale))
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
        updated_at=now,
        added=(conclusion,),
    )
    events: tuple[EventData, ...] = ()
    if command.close:
        events = (
            TriageWithdrawn(
                decision_id=conclusion.decision_id,
                concluded_at=now,
                staff_id=command.person.staff_id,
                role=command.person.role,
                rationale_id=conclusion.decision_id,
            ),
        )
    return Change(changed, events), _told(changed, conclusion)


# --- rules -----------------------------------------------------------------------------------


def _known(state: Case | None) -> Case:
    if state is None:
        raise NotFound("referral_not_found", "There is no such referral.")
    return state


def _may_decide(person: Person) -> None:
    if person.roles.isdisjoint({"practitioner", "manager"}) or (
        "social_worker" not in person.qualifications
    ):
        raise Forbidden("not_qualified", "A qualified social worker of the hub decides.")


def _still_as_seen(case: Case, expected: int | None, *, decided: bool) -> None:
    if (decided if expected is None else expected != case.version):
        raise PreconditionFailed(
            "changed_meanwhile", "This referral has changed since you opened it. Read it again."
        )


def _may_lower(
    case: Case, child_id: UUID, rag: Rag, person: Person, because: str | None
) -> None:
    suggested = next(child.suggested for child in case.children if child.child_id == child_id)
    if SEVERITY[rag] >= SEVERITY[suggested.rag]:
        return
    hard = any(
        reason.hard and (not reason.children or child_id in reason.children)
        for reason in case.reasons
    )
    if not hard:
        return
    if "manager" not in person.roles:
        raise Forbidden(
            "manager_needed", "A manager decides below what a hard rule of the guidance suggests."
        )
    if not because:
        raise InvalidInput(
            "reason_needed",
            "Say why this goes below what a hard rule of the guidance suggests.",
            errors=(FieldError("/lowered_because", "A reason is needed."),),
        )


def _children_errors(case: Case, children: Sequence[ChildToDecide]) -> list[FieldError]:
    """Every known child has one outcome, no other child has one, and none contradicts its
    colour (practice rule 6: no decision closes while a known child has no outcome)."""
    errors = []
    known = {child.child_id for child in case.children}
    seen: set[UUID] = set()
    for place, child in enumerate(children):
        if child.child_id not in known:
            errors.append(
                FieldError(f"/children/{place}/child_id", "This referral has no such child.")
            )
        elif child.child_id in seen:
            errors.append(
                FieldError(f"/children/{place}/child_id", "This child is decided twice.")
            )
        seen.add(child.child_id)
        if child.rag is Rag.RED and child.outcome in NOT_FOR_RED:
            errors.append(
                FieldError(f"/children/{place}/outcome", "This outcome contradicts Red.")
            )
    missing = len(known - seen)
    if missing:
        errors.append(
            FieldError("/children", f"Every known child needs an outcome: {missing} without one.")
        )
    return errors


def _rationale_errors(rationale: str) -> list[FieldError]:
    if len(rationale.split()) >= FEWEST_WORDS:
        return []
    return [FieldError("/rationale", "Tell the referrer why, in a sentence or more.")]


def _clause_errors(
    pack: Pack, clauses: Sequence[str], no_clause_because: str | None
) -> list[FieldError]:
    if not clauses and not (no_clause_because or "").strip():
        return [FieldError("/clauses", "Name a clause of the guidance, or say why none fits.")]
    return _unknown_clauses(pack, clauses)


def _unknown_clauses(pack: Pack, clauses: Sequence[str]) -> list[FieldError]:
    return [
        FieldError(f"/clauses/{place}", "The guidance in force has no such clause.")
        for place, clause in enumerate(clauses)
        if clause not in pack.clauses
    ]


def _refuse(errors: Sequence[FieldError]) -> None:
    if errors:
        raise InvalidInput(
            "invalid_decision", "The decision is not complete or not consistent.", errors=errors
        )


def _highest(colours: Iterable[Rag]) -> Rag:
    return max(colours, key=SEVERITY.__getitem__)


# --- what is said ----------------------------------------------------------------------------


def _rating_facts(facts: ReferralSubmitted) -> RatingFacts:
    return RatingFacts(
        children=facts.children,
        received_at=facts.received_at,
        concerns=facts.concerns,
        signals=facts.signals,
        texts=facts.texts,
        links=facts.links,
        request=facts.request,
        immediate_danger=facts.immediate_danger,
        agreement=facts.agreement,
        source_agency=facts.source_agency,
        referrer_level=facts.referrer_level,
    )


def _rated(case: Case, pack_version: str, *, raised_from: Rag | None) -> TriageRated:
    facts = case.facts
    return TriageRated(
        reference=facts.reference,
        received_at=facts.received_at,
        rag=case.suggested,
        level=case.level,
        urgency=case.urgency,
        children=tuple(child.suggested for child in case.children),
        reasons=case.reasons,
        clauses=case.clauses,
        pack_version=pack_version,
        agreement=facts.agreement,
        locality=facts.locality,
        school_cluster=facts.school_cluster,
        source_agency=facts.source_agency,
        raised_from=raised_from,
    )


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
    )


def _told(case: Case, decision: Decision) -> Mapping[str, Any]:
    return {
        "id": decision.decision_id,
        "referral_id": case.referral_id,
        "state": case.status,
        "rag": case.rag,
        "previous_rag": decision.previous,
        "changed": decision.previous != case.rag,
        "decided_at": decision.decided_at,
        "version": case.version,
    }
