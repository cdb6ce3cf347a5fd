"""What is recorded about telling a school or a family (practice rules 11 and 21). Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from chassis.change import Change, Ids
from chassis.errors import FieldError, InvalidInput
from contracts import codes
from contracts.codes import Told
from contracts.events import CaseMilestoneRecorded
from policy.loading import PackSet
from policy.working_time import LONDON
from services.allocation.domain.answering import Answerer, noted
from services.allocation.domain.case import Case, known
from services.allocation.domain.helping import Milestone
from services.allocation.domain.timing import happen, then

MILESTONES: Final[Mapping[Told, str]] = {
    Told.SCHOOL: "school_told",
    Told.FAMILY: "family_told",
}
TO: Final = "told_to"
SAID: Final = "told_words"
SOON: Final = timedelta(minutes=5)
"""How far a clock of somebody's own may be ahead."""
BEFORE: Final = timedelta(days=7)
"""How long before the referral came somebody may have been told of what it tells: the police ring
the school at dawn, and refer at nine."""


@dataclass(frozen=True, slots=True)
class Tell:
    """That somebody was told, at `at`, or is not to be told for a reason. `to` names who it was;
    `words` are what they said, or more of the reason. `safe_contact`: whether it was made sure that
    it reached the parent who is harmed and nobody else."""

    whom: Told
    at: datetime
    who: Answerer
    to: str | None = field(default=None, repr=False)
    how: str | None = None
    not_because: str | None = None
    words: str | None = field(default=None, repr=False)
    safe_contact: bool | None = None


def tell(
    command: Tell, state: Case | None, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Record it, before a decision or after, and stop the clocks that wait for it.

    Raises NotFound; InvalidInput with a pointer to each field.
    """
    case = known(state)
    errors = [*_how(command), *_safely(case, command), *_when(case, command, now)]
    if errors:
        raise InvalidInput("invalid_telling", "Some fields are wrong.", errors=errors)
    made = Milestone(
        milestone_id=ids(),
        allocation_id=None,
        milestone=MILESTONES[command.whom],
        on=command.at.astimezone(LONDON).date(),
        recorded_at=now,
        recorded_by=command.who.person_id,
        at=command.at,
        how=command.how,
        not_because=command.not_because,
        safe_contact=command.safe_contact,
    )
    notes = case.notes
    for kind, text in ((TO, command.to), (SAID, command.words)):
        notes = noted(notes, made.milestone_id, kind, text, command.who, ids, now)
    changed = replace(case, milestones=(*case.milestones, made), notes=notes)
    event = CaseMilestoneRecorded(
        milestone=made.milestone, on=made.on, not_because=command.not_because
    )
    # Whoever knew before the referral came knew when its clock started.
    at = min(max(command.at, case.received_at), now)
    change = then(
        Change(changed, (event,)),
        happen(changed, f"case.milestone_recorded:{made.milestone}", at, policy, ids),
    )
    return change, {
        "id": made.milestone_id,
        "referral_id": case.referral_id,
        "whom": command.whom,
        "at": made.at,
        "how": made.how,
        "not_because": made.not_because,
    }


def tellings(case: Case) -> tuple[tuple[Told, Milestone], ...]:
    """What was recorded of it, the latest first."""
    whom = {milestone: told for told, milestone in MILESTONES.items()}
    return tuple(
        (whom[one.milestone], one) for one in reversed(case.milestones) if one.milestone in whom
    )


def _how(command: Tell) -> Iterator[FieldError]:
    because = command.not_because
    if because is None:
        if command.how is None:
            yield FieldError("/how", "Say how they were told, or why they are not.")
        if not (command.to or "").strip():
            yield FieldError("/to", "Say who was told.")
    elif command.how is not None:
        yield FieldError("/how", "Say how they were told, or why they are not: one of them.")
    if command.how is not None and command.how not in codes.TOLD_HOW:
        yield FieldError("/how", "There is no such way.")
    if because is not None and (
        because not in codes.NOT_TOLD_BECAUSE
        or (because in codes.ONLY_OF_SCHOOLS and command.whom is not Told.SCHOOL)
    ):
        yield FieldError("/not_because", "There is no such reason.")
    if because == "other" and not (command.words or "").strip():
        yield FieldError("/words", "Say what the reason is.")


def _safely(case: Case, command: Tell) -> Iterator[FieldError]:
    """Nothing goes to the home without a safe-contact check (practice rule 11)."""
    home = command.whom is Told.FAMILY and command.how in codes.LEFT_BEHIND
    if home and case.domestic_abuse and command.safe_contact is None:
        yield FieldError(
            "/safe_contact",
            "There is a worry about domestic abuse: say whether it was made sure that this reached"
            " the parent who is harmed, and nobody else.",
        )


def _when(case: Case, command: Tell, now: datetime) -> Iterator[FieldError]:
    if command.at > now + SOON:
        yield FieldError("/at", "This has not happened yet.")
    elif command.at < case.received_at - BEFORE:
        yield FieldError("/at", "This was more than a week before the referral was received.")
