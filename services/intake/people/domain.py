"""What intake decides about matches: what a look-up found, and what people say of it.

Pure. Nothing is ever merged: a match can be taken back, and both records stay as they were. Nor does
the case's time of change move with it: its referrer would see that something was found (practice
rule 14).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import DomainError
from contracts.envelope import EventData
from contracts.events import ReferralLinked, ReferralUnlinked
from policy.loading import PackSet
from policy.matching import State
from services.intake.domain import Case, known
from services.intake.people.matches import Because, Match, Role


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up found, the best first. At most `shown` matches of one person are kept;
    links always are."""

    matches: tuple[Match, ...]
    shown: int


def found(
    state: Case | None, command: Found, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Keep what was found. What is there already stays as it is: what a person said above all;
    a link made in the post only learns its score and reasons."""
    del policy, ids
    case = known(state)
    held = {match.pair: match for match in case.matches}
    counts = Counter(match.person_id for match in case.matches)
    events: list[EventData] = []
    for match in command.matches:
        there = held.get(match.pair)
        if there is not None:
            if there.said_by is None and not there.reasons:
                held[match.pair] = replace(there, score=match.score, reasons=match.reasons)
            continue
        if match.state is not State.LINKED and counts[match.person_id] >= command.shown:
            continue
        counts[match.person_id] += 1
        held[match.pair] = match
        events += _linked(match)
    matches = tuple(held.values())
    if matches == case.matches:
        return Change(case), {}
    return Change(replace(case, matches=matches), tuple(events)), {}


@dataclass(frozen=True, slots=True)
class Said:
    """What a member of staff says of two records. `match` is the pair as nobody judged it yet."""

    match: Match
    state: State
    because: Because
    staff_id: UUID


def say(
    state: Case | None, command: Said, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Link two records, say that they are not the same, or take either back.

    Raises DomainError when it is so already.
    """
    del policy, ids
    case = known(state)
    before = next((one for one in case.matches if one.pair == command.match.pair), None)
    if before is not None and before.state is command.state:
        raise DomainError("already_so", "Somebody has said so already.")
    if before is None and command.state is State.CANDIDATE:
        raise DomainError("nothing_to_take_back", "Nothing was said about these two.")
    after = replace(
        before or command.match,
        state=command.state,
        how="person" if command.state is State.LINKED else (before or command.match).how,
        said_by=command.staff_id,
        said_at=now,
        because=command.because,
    )
    events: list[EventData] = []
    if before is not None and before.state is State.LINKED:
        events += _unlinked(after)
    if after.state is State.LINKED:
        events += _linked(after)
    others = tuple(one for one in case.matches if one.pair != after.pair)
    changed = replace(case, matches=(*others, after))
    return Change(changed, tuple(events)), {
        "referral_id": case.referral_id,
        "person_id": after.person_id,
        "other_referral_id": after.other_referral_id,
        "other_person_id": after.other_person_id,
        "state": after.state,
        "because": after.because,
    }


def _linked(match: Match) -> Sequence[EventData]:
    """Said of children whom the other services know. That a parent is the same says nothing yet of
    a child."""
    if match.role is not Role.CHILD or match.state is not State.LINKED:
        return ()
    return (
        ReferralLinked(
            child_id=match.person_id,
            other_referral_id=match.other_referral_id,
            other_child_id=match.other_person_id,
            how=match.how,
            score=match.score,
            other_received_at=match.other_received_at,
        ),
    )


def _unlinked(match: Match) -> Sequence[EventData]:
    if match.role is not Role.CHILD:
        return ()
    return (
        ReferralUnlinked(
            child_id=match.person_id,
            other_referral_id=match.other_referral_id,
            other_child_id=match.other_person_id,
            reason=match.because or Because.DIFFERENT_PERSON,
        ),
    )
