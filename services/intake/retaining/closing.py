"""When the hub is done with a referral, and what may move that day. Pure."""

from datetime import date

from policy.working_time import LONDON
from services.intake.domain import Case, Stage


def closed_on(case: Case) -> date | None:
    """The day in England on which anything last happened to a referral that the hub is done with;
    None while it is to be decided."""
    if case.historic:
        return case.received_at.astimezone(LONDON).date()
    if case.stage is Stage.RECEIVED:
        return None
    return (case.updated_at or case.received_at).astimezone(LONDON).date()


def may_move(before: Case | None, case: Case) -> bool:
    """Whether a change may move the day until which a referral is kept."""
    now = closed_on(case)
    if now is None:
        return False
    return before is None or (closed_on(before), before.outcomes) != (now, case.outcomes)
