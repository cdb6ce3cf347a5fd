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
from contracts.events import ChildFacts, Home, ReferralCorrected, ReferralUnlinked
from contracts.form import completed_months
from contracts.form.dates import (
    MAX_AGE_YEARS,
    MAX_EXPECTED_MONTHS_AHEAD,
    MAX_EXPECTED_MONTHS_PAST,
)
from contracts.form.identifiers import nhs_number, normal_postcode, unique_pupil_number
from policy.loading import PackSet
from policy.matching import State
from services.intake.domain import Case, SealedLater, known, live
from services.intake.people.keys import PersonKey
from services.intake.people.matches import Match, Role

KIND: Final = "correction"
CHILDREN: Final = "children"
HOUSEHOLD: Final = "household"
ADDRESSES: Final = ("address", "current_address")
FIELDS: Final[Mapping[str, str]] = {
    "given_name": "First name",
    "family_name": "Family name",
    "date_of_birth": "Date of birth",
    "expected_date_of_delivery": "Expected date of birth",
    "sex": "Sex",
    "nhs_number": "NHS number",
    "upn": "Unique pupil number",
    "address": "Address",
    "current_address": "Staying at",
}
"""What is corrected of a child."""

OF_HOUSEHOLD: Final[Mapping[str, str]] = {
    "name": "Name",
    "relationship": "Relationship",
    "date_of_birth": "Date of birth",
    "address": "Address",
}
"""What is corrected of somebody else of the household."""

_DATES: Final = ("date_of_birth", "expected_date_of_delivery")
_BORN, _EXPECTED = _DATES
_YEAR: Final = 12
MAX_ADULT_YEARS: Final = 120


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction that was read. `place` is in the form's list `part`; `values` the fields with
    what they say from now on, None for what is not known after all; `was` what they said.
    `person_id` is who is corrected, `again` everybody who is looked up again. `facts` are the
    child's from now on, at `number` of those whom events name, None for an adult; `keys` those of
    the children who are looked up again. `home`: what follows from where the family lives, where it
    is another. `version`: the case's when it was read. Personal: never log it."""

    part: str
    place: int
    values: Mapping[str, Any]
    was: Mapping[str, Any]
    because: str
    by_hub: bool
    person_id: UUID
    again: tuple[UUID, ...]
    keys: tuple[PersonKey, ...]
    version: int
    number: int | None = None
    facts: ChildFacts | None = None
    home: Home | None = None

    @property
    def moved(self) -> bool:
        """Whether nothing but where somebody lives is corrected."""
        return all(name in ADDRESSES for name in self.values)


def wrong(
    values: Mapping[str, Any], because: str, today: date, part: str = CHILDREN
) -> list[FieldError]:
    """What keeps fields from being a correction of somebody in a part of the form. `today` is a date
    in England."""
    errors = []
    fields = FIELDS if part == CHILDREN else OF_HOUSEHOLD
    if because not in CORRECTED_BECAUSE:
        errors.append(FieldError("/because", f"Use one of: {', '.join(CORRECTED_BECAUSE)}."))
    if not values:
        errors.append(FieldError("", f"Say what is to be corrected: {', '.join(fields)}."))
    errors += [
        FieldError(f"/{name}", f"Somebody of the {part} has none: use {', '.join(fields)}.")
        for name in values
        if name not in fields
    ]
    for name in _DATES:
        text = values.get(name)
        if text:
            child = part == CHILDREN
            errors += [
                FieldError(f"/{name}", said) for said in _wrong_day(name, text, today, child=child)
            ]
    if values.get(_BORN) and values.get(_EXPECTED):
        errors.append(FieldError(f"/{_EXPECTED}", "A child is born or expected, not both."))
    if values.get("sex") and values["sex"] not in SEXES:
        errors.append(FieldError("/sex", f"Use one of: {', '.join(SEXES)}."))
    for name, read in (("nhs_number", nhs_number), ("upn", unique_pupil_number)):
        if values.get(name) and read(values[name]) is None:
            errors.append(FieldError(f"/{name}", "Its check digit does not agree."))
    for name in ADDRESSES:
        postcode = (values.get(name) or {}).get("postcode")
        if postcode and normal_postcode(postcode) is None:
            errors.append(FieldError(f"/{name}/postcode", "This is no postcode."))
    return errors


def whole(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with what follows from them: who is born is not expected any more, and the other
    way round."""
    found = dict(values)
    for one, other in (_DATES, _DATES[::-1]):
        if found.get(one):
            found[other] = None
    return found


def as_corrected(
    words: Sequence[Mapping[str, Any]], *, by_hub: bool = True
) -> list[dict[str, Any]]:
    """What was written about referrals, as it was kept: forms as they were corrected since, and
    corrections as people read them. Without `by_hub` forms are as their referrers corrected them."""
    corrections: dict[UUID, list[str]] = {}
    for one in words:
        if one["kind"] == KIND and (by_hub or not from_json(one["content"])["by_hub"]):
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
        part, place = _whom(said)
        document[part][place] |= said["values"]
    return content if document is None else to_json(document).decode()


def in_words(content: str) -> str:
    """A correction as it was sealed, as people read it. An address that is shown to few is shown in
    the form, to those few."""
    said = from_json(content)
    part, place = _whom(said)
    whom = "child" if part == CHILDREN else "of the household, person"
    lines = [f"{'By the hub' if said['by_hub'] else 'By the referrer'}, {whom} {place + 1}."]
    lines.append(f"Why: {CORRECTED_BECAUSE[said['because']].title}.")
    titles = {**FIELDS, **OF_HOUSEHOLD}
    for name, value in said["values"].items():
        both = (value, said["was"][name])
        if name in ADDRESSES and any((one or {}).get("confidential") for one in both):
            both = ("confidential", "confidential")
        elif name in ADDRESSES:
            both = (_on_a_line(both[0]), _on_a_line(both[1]))
        lines.append(f"{titles[name]}: {both[0] or 'not known'} (was {both[1] or 'blank'})")
    return "\n".join(lines)


def correct(
    state: Case | None, command: Correction, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Keep a correction. Links that software made of what was wrong end, and they are looked up
    again; what people said of links stands. Nothing was linked by where somebody lives.

    Raises PreconditionFailed where somebody changed the referral meanwhile, and as `live` does.
    """
    del policy
    case = live(state)
    if case.version != command.version:
        raise PreconditionFailed(
            "changed_meanwhile",
            "The referral changed meanwhile. Read it again, and correct it then.",
        )
    left, events = _parted(case, command.moved, lambda match: match.person_id == command.person_id)
    correction_id = ids()
    sealed = to_json(
        {
            ("child" if command.part == CHILDREN else "person"): command.place,
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
        matches=left,
        corrected=command.again,
        keys=command.keys,
    )
    events.append(
        ReferralCorrected(
            version=changed.version,
            corrected_at=now,
            by="hub" if command.by_hub else "referrer",
            because=command.because,
            fields=tuple(command.values),
            place=command.number,
            child=command.facts,
            home=command.home,
        )
    )
    return Change(changed, tuple(events)), {
        "id": correction_id,
        "referral_id": case.referral_id,
        "corrected_at": now,
        "version": changed.version,
    }


@dataclass(frozen=True, slots=True)
class Corrected:
    """Somebody of an earlier referral is another than the form said. `moved`: only where they live."""

    person_id: UUID
    moved: bool


def part(
    state: Case | None, command: Corrected, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """End the links that software made, in a later referral's case, of what was wrong in an earlier
    one's."""
    del policy, ids
    case = known(state)
    left, events = _parted(
        case, command.moved, lambda match: match.other_person_id == command.person_id
    )
    if left == case.matches:
        return Change(case), {}
    return Change(replace(case, matches=left), tuple(events)), {}


def _parted(
    case: Case, moved: bool, theirs: Callable[[Match], bool]
) -> tuple[tuple[Match, ...], list[EventData]]:
    """The matches that are left once what software found of somebody is forgotten, and what is said
    of it. Nothing was linked by where somebody lives."""
    gone = [
        match
        for match in case.matches
        if theirs(match) and not match.said_by and not (moved and match.state is State.LINKED)
    ]
    return tuple(match for match in case.matches if match not in gone), [
        ReferralUnlinked(
            child_id=match.person_id,
            other_referral_id=match.other_referral_id,
            other_child_id=match.other_person_id,
            reason="identity_corrected",
        )
        for match in gone
        if match.state is State.LINKED and match.role is Role.CHILD
    ]


def _whom(said: Mapping[str, Any]) -> tuple[str, int]:
    """The list of the form and the place in it that a correction is about."""
    return (CHILDREN, said["child"]) if "child" in said else (HOUSEHOLD, said["person"])


def _on_a_line(address: Mapping[str, Any] | None) -> str:
    parts = (*(address.get("lines") or ()), address.get("postcode")) if address else ()
    return ", ".join(filter(None, parts))


def _wrong_day(name: str, text: str, today: date, *, child: bool) -> list[str]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return ["is not a date like 2017-03-04"]
    months = completed_months(day, today)
    if name == _BORN:
        if day > today:
            return ["is in the future: say expected_date_of_delivery"]
        old = MAX_AGE_YEARS if child else MAX_ADULT_YEARS
        return ["is too long ago"] if months >= old * _YEAR else []
    if completed_months(today, day) >= MAX_EXPECTED_MONTHS_AHEAD:
        return ["is too far ahead"]
    return ["is long past: was the child born?"] if months >= MAX_EXPECTED_MONTHS_PAST else []
