"""Who is asked whether the help that a decision named happened. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from policy.loading import PackSet
from policy.working_time import LONDON
from services.notifications.domain import Case, Kind
from services.notifications.reads import Decision, Referral
from services.notifications.rendering.titles import Detail
from services.notifications.rendering.view import detail_for

TAKEN_ON: Final = frozenset({Kind.ALLOCATION, Kind.PANEL_OUTCOME, Kind.OPEN_CASE_ALERT})
"""Messages that say that somebody has it since, and sees for themselves what happens."""


def to_be_asked(
    case: Case,
    decision_id: UUID | None,
    decisions: Iterable[Decision],
    referral: Referral | None,
    policy: PackSet,
    now: datetime,
) -> bool:
    """Whether that decision still stands alone, named a service, and whoever referred may read that
    by email. `decisions`, in the order in which they were made, may be about other referrals too."""
    made = [one for one in decisions if one.referral_id == case.referral_id]
    if not made or made[-1].decision_id != decision_id:
        return False
    if case.erased or referral is None or not referral.write_safely:
        return False
    if any(message.kind in TAKEN_ON for message in case.messages):
        return False
    try:
        contacts = policy.current(case.authority, now.astimezone(LONDON).date())
    except KeyError:
        return False
    return detail_for(case, referral, contacts) is Detail.FULL and any(
        action.service_id for action in made[-1].actions
    )
