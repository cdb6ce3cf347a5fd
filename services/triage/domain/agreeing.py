"""What a family's refusal means for a decision (practice rule 12). Rated first, asked later: no
agreement sends nothing back, and nothing is closed for want of one.
"""

from collections.abc import Sequence

from chassis.errors import FieldError, Forbidden
from contracts.codes import WithoutAgreement
from contracts.events import AgreementStatus, Outcome
from policy.pack import Pack
from services.triage.domain.case import Case, ChildToDecide, Person

# Help that a family takes or leaves. Protection is none such.
OFFERED = frozenset(
    {
        Outcome.CHILD_AND_FAMILY_ASSESSMENT,
        Outcome.EARLY_HELP_ASSESSMENT,
        Outcome.LOCALITY_PANEL,
        Outcome.SINGLE_AGENCY_SUPPORT,
    }
)


def may_go_on(case: Case, children: Sequence[ChildToDecide], person: Person, pack: Pack) -> None:
    """Raise Forbidden where the pack leaves a colour to a manager, as Amber that was refused."""
    if "manager" in person.roles:
        return
    deciders = pack.rating.deciders.get(_agreement(case), {})
    if any(deciders.get(child.rag) == "manager" for child in children):
        raise Forbidden(
            "manager_needed", "The family does not agree: a manager decides about this colour."
        )


def agreement_errors(
    case: Case,
    children: Sequence[ChildToDecide],
    because: WithoutAgreement | None,
    analysis: str | None,
) -> list[FieldError]:
    """Help that was refused is decided on with a reason, which is counted."""
    if _agreement(case) is not AgreementStatus.REFUSED:
        return []
    if because is None and any(child.outcome in OFFERED for child in children):
        return [
            FieldError(
                "/without_agreement", "The family refused: say why it is decided all the same."
            )
        ]
    if because is WithoutAgreement.OTHER and not (analysis or "").strip():
        return [FieldError("/analysis", "Say here what the other reason is.")]
    return []


def _agreement(case: Case) -> AgreementStatus:
    return case.facts.agreement or AgreementStatus.UNKNOWN
