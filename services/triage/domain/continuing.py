"""What is told where somebody's decision answers a request to withdraw, and the referral goes on."""

from datetime import datetime
from uuid import UUID

from contracts.events import ContinuedBecause, WithdrawalContinued
from services.triage.domain.case import Case, Person


def continued(
    case: Case, decision_id: UUID, person: Person, at: datetime, because: ContinuedBecause
) -> tuple[WithdrawalContinued, ...]:
    """Nothing, unless somebody asked to withdraw `case`."""
    if case.withdrawal_requested_at is None:
        return ()
    return (
        WithdrawalContinued(
            decision_id=decision_id,
            concluded_at=at,
            requested_at=case.withdrawal_requested_at,
            staff_id=person.staff_id,
            role=person.role,
            rationale_id=decision_id,
            reason=because,
        ),
    )
