"""Telling the house what is known of a referral's children already. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.change import Change, Ids
from contracts.events import AssigneeKind, KnownAs, KnownElsewhere, Outcome, ReferralKnownElsewhere
from policy.loading import PackSet
from policy.matching import State
from services.intake.domain import Case, known
from services.intake.people.matches import Role, is_later
from services.intake.people.story import closed, matches_of

GOES_ON: Final[Mapping[Outcome, KnownAs]] = {
    Outcome.STRATEGY_DISCUSSION: "open_social_care",
    Outcome.CHILD_AND_FAMILY_ASSESSMENT: "open_social_care",
    Outcome.ALREADY_OPEN: "open_social_care",
    Outcome.EARLY_HELP_ASSESSMENT: "open_early_help",
    Outcome.LOCALITY_PANEL: "open_early_help",
    Outcome.SINGLE_AGENCY_SUPPORT: "open_early_help",
}
"""What a child is open to by what was decided, until the case is closed."""


@dataclass(frozen=True, slots=True)
class Told:
    """What counts of it, for every child, and when it was asked for."""

    children: tuple[KnownElsewhere, ...]
    as_of: datetime


def here(case: Case, others: Mapping[UUID, Case]) -> Iterator[KnownElsewhere]:
    """What earlier referrals of the same children, linked and decided, say of them."""
    mine = (case.received_at, case.referral_id)
    for match in matches_of(case, others.values()):
        other = others.get(match.other_referral_id)
        if other is None or match.state is not State.LINKED or match.role is Role.ADULT:
            continue
        if not is_later(mine, (other.received_at, other.referral_id)) or not other.decided_at:
            continue
        over = closed(other)
        worker = other.assignee if other.allocated_to is AssigneeKind.LEAD_PROFESSIONAL else None
        for decided in other.outcomes:
            if decided.child_id != match.other_person_id:
                continue
            kind = GOES_ON.get(decided.outcome)
            # What was looked at once and went no further is no case that was closed.
            if kind is not None and over is not None:
                yield KnownElsewhere(child_id=match.person_id, kind="closed", at=over)
            elif kind is not None:
                yield KnownElsewhere(
                    child_id=match.person_id,
                    kind=kind,
                    at=other.decided_at,
                    team=other.team,
                    worker=worker,
                )


def in_order(children: Sequence[KnownElsewhere]) -> tuple[KnownElsewhere, ...]:
    """Each once, in an order of their own."""
    return tuple(
        sorted(
            dict.fromkeys(children),
            key=lambda one: (one.child_id, one.kind, one.at, one.team or "", one.worker or ""),
        )
    )


def tell(
    state: Case | None, command: Told, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Say it, where it is other than what was said before. What an earlier system held is rated by
    nobody, so that nothing is said of it."""
    del policy, ids, now
    case = known(state)
    if case.historic or command.children == case.history:
        return Change(case), {}
    event = ReferralKnownElsewhere(children=command.children, as_of=command.as_of)
    return Change(replace(case, history=command.children), (event,)), {}
