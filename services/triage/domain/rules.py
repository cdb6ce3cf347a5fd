"""The rules that a person's decision must keep."""

from collections.abc import Sequence
from uuid import UUID

from chassis.errors import DomainError, FieldError, Forbidden, InvalidInput, PreconditionFailed
from contracts.codes import LoweredBecause
from contracts.events import Outcome, Rag
from policy.pack import Pack
from policy.ruleset import RAG_ORDER
from services.triage.domain.case import Case, ChildToDecide, Person

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


def may_decide(person: Person, pack: Pack | None = None) -> None:
    """Raise Forbidden for whoever does not carry the qualification that `pack` asks for."""
    needed = pack.rating.qualification if pack else "social_worker"
    if person.roles.isdisjoint({"practitioner", "manager"}) or needed not in person.qualifications:
        raise Forbidden("not_qualified", "A qualified social worker of the hub decides.")


def still_as_seen(case: Case, expected: int | None, *, decided: bool) -> None:
    if decided if expected is None else expected != case.version:
        raise PreconditionFailed(
            "changed_meanwhile", "This referral has changed since you opened it. Read it again."
        )


def still_in_force(pack: Pack, read: str | None) -> None:
    """Raise DomainError where the guidance that somebody read has been replaced since."""
    if read is not None and read != pack.version:
        raise DomainError(
            "superseded_version",
            f"The guidance has changed: version {pack.version} holds since"
            f" {pack.valid_from:%d %B %Y}. Read what it says, and decide by that.",
            errors=(FieldError("/pack_version", "This version is no longer in force."),),
        )


def may_lower(
    case: Case, child_id: UUID, rag: Rag, person: Person, because: LoweredBecause | None
) -> None:
    suggested = next(child.suggested for child in case.children if child.child_id == child_id)
    if RAG_ORDER[rag] >= RAG_ORDER[suggested.rag]:
        return
    hard = any(
        reason.hard and (not reason.children or child_id in reason.children)
        for reason in case.reasons
    )
    if hard and "manager" not in person.roles:
        raise Forbidden(
            "manager_needed", "A manager decides below what a hard rule of the guidance suggests."
        )
    if not because:
        raise InvalidInput(
            "reason_needed",
            "Say why this goes below what the guidance suggests.",
            errors=(FieldError("/lowered_because", "Choose a reason."),),
        )


def lowered_errors(because: LoweredBecause | None, analysis: str | None) -> list[FieldError]:
    """Another reason than those of the list is written down for the hub."""
    if because is LoweredBecause.OTHER and not (analysis or "").strip():
        return [FieldError("/analysis", "Say here what the other reason is.")]
    return []


def children_errors(case: Case, children: Sequence[ChildToDecide]) -> list[FieldError]:
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
            errors.append(FieldError(f"/children/{place}/child_id", "This child is decided twice."))
        seen.add(child.child_id)
        if child.rag is Rag.RED and child.outcome in NOT_FOR_RED:
            errors.append(FieldError(f"/children/{place}/outcome", "This outcome contradicts Red."))
    missing = len(known - seen)
    if missing:
        errors.append(
            FieldError("/children", f"Every known child needs an outcome: {missing} without one.")
        )
    return errors


def rationale_errors(rationale: str) -> list[FieldError]:
    if len(rationale.split()) >= FEWEST_WORDS:
        return []
    return [FieldError("/rationale", "Tell the referrer why, in a sentence or more.")]


def note_errors(note: str | None) -> list[FieldError]:
    """What is sent back is sent back with a reason."""
    if len((note or "").split()) >= FEWEST_WORDS:
        return []
    return [FieldError("/note", "Say why, in a sentence or more, for whoever decides again.")]


def clause_errors(
    pack: Pack, clauses: Sequence[str], no_clause_because: str | None
) -> list[FieldError]:
    if not clauses and not (no_clause_because or "").strip():
        return [FieldError("/clauses", "Name a clause of the guidance, or say why none fits.")]
    return unknown_clauses(pack, clauses)


def unknown_clauses(pack: Pack, clauses: Sequence[str]) -> list[FieldError]:
    return [
        FieldError(f"/clauses/{place}", "The guidance in force has no such clause.")
        for place, clause in enumerate(clauses)
        if clause not in pack.clauses
    ]


def refuse(errors: Sequence[FieldError]) -> None:
    if errors:
        raise InvalidInput(
            "invalid_decision", "The decision is not complete or not consistent.", errors=errors
        )
