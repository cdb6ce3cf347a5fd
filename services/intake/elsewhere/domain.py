"""Telling the house what other systems know of a referral's children. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.change import Change, Ids
from contracts.events import KnownElsewhere, ReferralKnownElsewhere
from policy.loading import PackSet
from services.intake.domain import Case, known


@dataclass(frozen=True, slots=True)
class Told:
    """What counts of it, for every child, and when the other systems were asked."""

    children: tuple[KnownElsewhere, ...]
    as_of: datetime


def tell(
    state: Case | None, command: Told, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Say it. What an earlier system held is rated by nobody, so that nothing is said of it."""
    del policy, ids, now
    case = known(state)
    if case.historic or not command.children:
        return Change(case), {}
    event = ReferralKnownElsewhere(children=command.children, as_of=command.as_of)
    return Change(case, (event,)), {}
