"""What a correction changes, and what it leaves as it was. Pure.

The form stays as it was sent. A correction is kept beside it, sealed, with what stood before, and is
laid over the form wherever the form is read.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json, to_json

from chassis.change import Change, Ids
from chassis.errors import FieldError, PreconditionFailed
from contracts.codes import CORRECTED_BECAUSE, SEXES
from contracts.envelope import EventData
from contracts.events import ChildFacts, ReferralCorrected, ReferralUnlinked
from contracts.form import completed_months
from contracts.form.dates import (
    MAX_AGE_YEARS,
    MAX_EXPECTED_MONTHS_AHEAD,
    MAX_EXPECTED_MONTHS_PAST,
)
from contracts.form.identifiers import nhs_number, unique_pupil_number
from policy.loading import PackSet
from policy.matching import State
from services.intake.domain import Case, SealedLater, live
from services.intake.people.keys import PersonKey

KIND: Final = "correction"
FIELDS: Final[Mapping[str, str]] = {
    "given_name": "First name",
    "family_name": "Family name",
    "date_of_birth": "Date of birth",
    "expected_date_of_delivery": "Expected date of birth",
    "sex": "Sex",
    "nhs_number": "NHS number",
    "upn": "Unique pupil number",
}
_DATES: Final = ("date_of_birth", "expected_date_of_delivery")
_BORN, _EXPECTED = _DATES
_YEAR: Final = 12


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction that was read. `child` is a place in the form's list; `values` the fields with
    what they say from now on, None for what is not known after all; `was` what they said. `facts`
    and `keys` are the child's from now on. `version`: the case's when it was read. Personal: never
    log it."""

    child: int
    values: Mapping[str, str | None]
    was: Mapping[str, str | None]
    because: str
    by_hub: bool
    facts: ChildFacts
    keys: tuple[PersonKey, ...]
    version: int


def wrong(values: Mapping[str, str | None], because: str, today: date) -> list[FieldError]:
    """What keeps fields from being a correction. `today` is a date in England."""
    errors = []
    if because not in CORRECTED_BECAUSE:
        errors.append(FieldError("/because", f"Use one of: {', '.join(CORRECTED_BECAUSE)}."))
    if not values:
        errors.append(FieldError("", f"Say what is to be corrected: {', '.join(FIELDS)}."))
    for name in _DATES:
        text = values.get(name)
        if text:
            errors += [FieldError(f"/{name}", said) for said in _wrong_day(name, text, today)]
    if values.get(_BORN) and values.get(_EXPECTED):
        errors.append(FieldError(f"/{_EXPECTED}", "A child is born or expected, not both."))
    if values.get("sex") and values["sex"] not in SEXES:
        errors.append(FieldError("/sex", f"Use one of: {', '.join(SEXES)}."))
    for name, read in (("nhs_number", nhs_number), ("upn", unique_pupil_number)):
        if values.get(name) and read(values[name]) is None:
            errors.append(FieldError(f"/{name}", "Its check digit does not agree."))
    return errors


def whole(values: Mapping[str, str | None]) -> dict[str, str | None]:
    """The fields with what follows from them: who is born is not expected any more, and the other
    way round."""
    found = dict(values)
    for one, other in (_DATES, _DATES[::-1]):
        if found.get(one):
            found[other] = None
    return found


def as_corrected(words: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What was written about referrals, as it was kept: forms as they were corrected since, and
    corrections as people read them."""
    corrections: dict[UUID, list[str]] = {}
    for one in words:
        if one["kind"] == KIND:
            corrections.setdefault(one["referral_id"], []).append(one["content"])
    read: dict[str, Callable[[Mapping[str, Any]], str]] = {
        "form": lambda one: applied(one["content"], corrections.get(one["referral_id"], ())),
        KIND: lambda one: in_words(one["content"]),
    }
    return [
        {**one, "content": read[one["kind"]](one) if one["kind"] in read else one["content"]}
        for one in words
    ]


def applied(content: str, corrections: Iterable[str]) -> str:
    """A form as it was sealed, with corrections as they were sealed laid over it in their order."""
    document = None
    for correction in corrections:
        document = document or from_json(content)
        said = from_json(correction)
        document["children"][said["child"]] |= said["values"]
    return content if document is None else to_json(document).decode()


def in_words(content: str) -> str:
    """A correction as it was sealed, as people read it."""
    said = from_json(content)
    lines = [f"{'By the hub' if said['by_hub'] else 'By the referrer'}, child {said['child'] + 1}."]
    lines.append(f"Why: {CORRECTED_BECAUSE[said['because']].title}.")
    for name, value in said["values"].items():
        lines.append(f"{FIELDS[name]}: {value or 'not known'} (was {said['was'][name] or 'blank'})")
    return "\n".join(lines)


def correct(
    state: Case | None, command: Correction, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Keep a correction. Links that software made of what was wrong end, and the child is looked up
    again; what people said of links stands.

    Raises PreconditionFailed where somebody changed the referral meanwhile, and as `live` does.
    """
    del policy
    case = live(state)
    if case.version != command.version:
        raise PreconditionFailed(
            "changed_meanwhile",
            "The referral changed meanwhile. Read it again, and correct it then.",
        )
    child_id = command.facts.child_id
    own = [match for match in case.matches if match.person_id == child_id and not match.said_by]
    events: list[EventData] = [
        ReferralUnlinked(
            child_id=match.person_id,
            other_referral_id=match.other_referral_id,
            other_child_id=match.other_person_id,
            reason="identity_corrected",
        )
        for match in own
        if match.state is State.LINKED
    ]
    correction_id = ids()
    sealed = to_json(
        {
            "child": command.child,
            "values": command.values,
            "was": command.was,
            "because": command.because,
            "by_hub": command.by_hub,
        }
    ).decode()
    changed = replace(
        case,
        version=case.version + 1,
        updated_at=now,
        added=(SealedLater(correction_id, KIND, now, sealed),),
        matches=tuple(match for match in case.matches if match not in own),
        corrected=(child_id,),
        keys=command.keys,
    )
    events.append(
        ReferralCorrected(
            version=changed.version,
            corrected_at=now,
            by="hub" if command.by_hub else "referrer",
            because=command.because,
            fields=tuple(command.values),
            place=command.child,
            child=command.facts,
        )
    )
    return Change(changed, tuple(events)), {
        "id": correction_id,
        "referral_id": case.referral_id,
        "corrected_at": now,
        "version": changed.version,
    }


def _wrong_day(name: str, text: str, today: date) -> list[str]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return ["is not a date like 2017-03-04"]
    months = completed_months(day, today)
    if name == _BORN:
        if day > today:
            return ["is in the future: say expected_date_of_delivery"]
        return ["is too long ago for a child"] if months >= MAX_AGE_YEARS * _YEAR else []
    if completed_months(today, day) >= MAX_EXPECTED_MONTHS_AHEAD:
        return ["is too far ahead"]
    return ["is long past: was the child born?"] if months >= MAX_EXPECTED_MONTHS_PAST else []
