"""Who is asked whether the help that was named happened, and what they say, as a hub reads it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from policy.loading import PackSet
from policy.working_time import LONDON
from services.notifications.domain import Case, Kind
from services.notifications.ratings.domain import is_small
from services.notifications.reads import Decision, Referral
from services.notifications.rendering.titles import Detail
from services.notifications.rendering.view import detail_for

Answer = Literal["it_happened", "began_and_stopped", "never_got_there", "no_room", "not_known"]
LOOK_AGAIN: Final = frozenset({"never_got_there", "no_room"})
"""After these a person of the hub looks again: nothing is closed or opened by them."""

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


@dataclass(frozen=True, slots=True)
class Said:
    """How many of an authority's referrers gave each answer. None where it is not published."""

    authority: str
    total: int | None
    answers: Mapping[str, int | None]


def summed(rows: Iterable[Mapping[str, Any]]) -> list[Said]:
    """Counts by authority and answer."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["authority"], {})[row["answer"]] = row["count"]
    return [
        Said(authority, sum(answers.values()), dict(sorted(answers.items())))
        for authority, answers in sorted(found.items())
    ]


def published(said: Iterable[Said]) -> list[Said]:
    """Counts without small ones, and then without the total that would tell what they were."""
    return [
        replace(
            one,
            total=None,
            answers={
                answer: None if is_small(count) else count for answer, count in one.answers.items()
            },
        )
        if any(map(is_small, one.answers.values()))
        else one
        for one in said
    ]
