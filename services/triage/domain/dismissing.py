"""Saying that words which the reader found mean something else.

It changes no suggestion: what the rules proposed is kept as it was, and a decision below it needs
what it needed before. It tells the next person, the snapshot of the decision, and whoever mends
the reader.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chassis.change import Change, Ids
from chassis.errors import DomainError, NotFound
from contracts.codes import DismissedBecause
from policy.loading import PackSet
from services.triage.domain.case import Case, Dismissal, Person, in_force, known
from services.triage.domain.rules import may_decide, still_as_seen


@dataclass(frozen=True, slots=True)
class Dismiss:
    """One finding, as the suggestion's reasons name it."""

    person: Person
    expected_version: int | None
    indicator: str
    text: str
    start: int
    end: int
    because: DismissedBecause


def dismiss(
    state: Case | None, command: Dismiss, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Record it. Raises NotFound; Forbidden without the qualification; DomainError where somebody
    said so before; PreconditionFailed where the case has changed."""
    del ids
    case = known(state)
    may_decide(command.person, in_force(case, policy, now))
    if command.expected_version is not None:
        still_as_seen(case, command.expected_version, decided=False)
    finding = (command.indicator, command.text, command.start, command.end)
    if not any(
        (reason.indicator, reason.text, reason.start, reason.end) == finding
        for reason in case.reasons
    ):
        raise NotFound("finding_not_found", "The reader found no such thing in that place.")
    if any((one.indicator, one.text, one.start, one.end) == finding for one in case.dismissed):
        raise DomainError("already_dismissed", "Somebody dismissed this before.")
    dismissal = Dismissal(
        *finding, command.because, command.person.staff_id, command.person.name, now
    )
    changed = replace(
        case,
        version=case.version + 1,
        dismissed=(*case.dismissed, dismissal),
        updated_at=now,
    )
    return Change(changed), {
        "referral_id": case.referral_id,
        "dismissed": shown(dismissal),
        "version": changed.version,
    }


def shown(one: Dismissal) -> Mapping[str, Any]:
    """A dismissal as the hub's staff see it."""
    return {
        "indicator": one.indicator,
        "text": one.text,
        "start": one.start,
        "end": one.end,
        "because": one.because,
        "by": one.name,
        "at": one.at,
    }
