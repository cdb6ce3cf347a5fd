"""What a correction says, read beside the form that it corrects. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from chassis.errors import FieldError, Forbidden, InvalidInput
from chassis.vault import BlindIndex
from contracts.events import ChildFacts
from contracts.form import ReferralForm
from contracts.form.model import Person
from policy.matching import MatchingSection
from services.intake.correcting.domain import (
    ADDRESSES,
    CHILDREN,
    HOUSEHOLD,
    Correction,
    whole,
)
from services.intake.domain import Case
from services.intake.people.records import member_id
from services.intake.submission import child_facts, is_child, member_facts, person_keys


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks to correct. `sees_all`: confidential addresses are shown to them, or are
    their own to tell. `theirs`: the form as they know it, without what the hub corrected; None for
    who is shown how it stands."""

    part: str
    place: int
    values: Mapping[str, Any]
    because: str
    by_hub: bool
    sees_all: bool
    theirs: Mapping[str, Any] | None = None


def read(
    case: Case,
    document: dict[str, Any],
    asked: Asked,
    index: BlindIndex,
    matching: MatchingSection,
    received_on: date,
) -> tuple[Correction, ReferralForm]:
    """A correction, and the form with it. `document` is the form as it stands, `received_on` a date in
    England.

    Raises InvalidInput for somebody who isn't on it, for what it says already as far as they know,
    so that nobody can guess what the hub found out, and for who would be a child whom nobody has
    rated; Forbidden for an address that is not shown to whoever asks.
    """
    rows = document.get(asked.part) or []
    if asked.place >= len(rows):
        name = "child" if asked.part == CHILDREN else "person"
        raise refused([FieldError(f"/{name}", "There is nobody in this place on this form.")])
    said: Mapping[str, Any] = rows[asked.place]
    theirs = said if asked.theirs is None else asked.theirs[asked.part][asked.place]
    new = {
        name: value
        for name, value in asked.values.items()
        if _as_on_form(name, value, theirs, asked) != (theirs.get(name) or None)
    }
    if not new:
        raise refused([FieldError("", "The form says so already.")])
    values = {name: _as_on_form(name, value, said, asked) for name, value in whole(new).items()}
    values = {
        name: value
        for name, value in values.items()
        if name in new or value != (said.get(name) or None)
    }
    rows[asked.place] = {**said, **values}
    form = ReferralForm.model_validate(document)
    known = [row["child_id"] for part in (CHILDREN, HOUSEHOLD) for row in document.get(part) or ()
             if row.get("child_id")]  # fmt: skip
    own = said.get("child_id")
    # What is refused is judged by what whoever asks knows: a refusal that only the hub's own words
    # bring about would tell them what those are.
    as_known = form if asked.theirs is None else ReferralForm.model_validate(_with(asked, new))
    if not own and asked.part == HOUSEHOLD:
        _refuse_child(as_known.household[asked.place], received_on)
    facts = _facts(form, asked, UUID(own) if own else None, received_on)
    person_id = member_id(case.referral_id, asked.place, said)
    again = [person_id]
    if asked.part == CHILDREN and "address" in values:
        # The household lives where the children do, unless it is said otherwise.
        again = [UUID(row["child_id"]) for row in document[CHILDREN]]
        again += [
            member_id(case.referral_id, place, row)
            for place, row in enumerate(document.get(HOUSEHOLD) or ())
        ]
    keys = [
        key
        for child, row in zip(form.children, document[CHILDREN], strict=True)
        if UUID(row["child_id"]) in again
        for key in person_keys(UUID(row["child_id"]), child, index, matching)
    ]
    correction = Correction(
        part=asked.part,
        place=asked.place,
        values=values,
        was={name: said.get(name) or None for name in values},
        because=asked.because,
        by_hub=asked.by_hub,
        person_id=person_id,
        again=tuple(again),
        keys=tuple(keys),
        version=case.version,
        number=known.index(own) if own else None,
        facts=facts,
    )
    return correction, form


def on_form(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Who stands on a form, by their places in it."""
    for place, child in enumerate(document.get(CHILDREN) or ()):
        name = " ".join(filter(None, (child.get("given_name"), child.get("family_name"))))
        yield {"child": place, "person": None, "name": name or None}
    for place, member in enumerate(document.get(HOUSEHOLD) or ()):
        yield {"child": None, "person": place, "name": member.get("name")}


def refused(errors: list[FieldError]) -> InvalidInput:
    return InvalidInput("invalid_correction", "Some fields are wrong.", errors=tuple(errors))


def _facts(
    form: ReferralForm, asked: Asked, child_id: UUID | None, received_on: date
) -> ChildFacts | None:
    if asked.part == CHILDREN and child_id:
        return child_facts(form, asked.place, child_id, received_on)
    return member_facts(form.household[asked.place], child_id, received_on) if child_id else None


def _refuse_child(member: Person, received_on: date) -> None:
    if is_child(member, received_on):
        said = "Then this is a child, whom nobody has rated: send a referral about them."
        raise refused([FieldError("/date_of_birth", said)])


def _with(asked: Asked, new: Mapping[str, Any]) -> Mapping[str, Any]:
    """The form as whoever asks knows it, with what they correct."""
    theirs = asked.theirs or {}
    rows = list(theirs[asked.part])
    rows[asked.place] = {**rows[asked.place], **new}
    return {**theirs, asked.part: rows}


def _as_on_form(name: str, value: Any, said: Mapping[str, Any], asked: Asked) -> Any:
    """A value as the form, which says `said` of them, would have it. Raises Forbidden."""
    if name not in ADDRESSES:
        return value
    return _address(value, said.get(name), sees_all=asked.sees_all)


def _address(
    value: Mapping[str, Any] | None, was: Mapping[str, Any] | None, *, sees_all: bool
) -> dict[str, Any] | None:
    """An address as the form has it. It stays confidential until somebody says otherwise."""
    few = bool((was or {}).get("confidential"))
    if few and not sees_all:
        raise Forbidden(
            "shown_to_few", "This address is shown to few. Ask the duty manager to correct it."
        )
    lines = [line for line in (value or {}).get("lines") or () if line]
    postcode = (value or {}).get("postcode") or None
    if not lines and not postcode:
        return None
    said = (value or {}).get("confidential")
    confidential = few if said is None else said
    return {"lines": lines, "postcode": postcode, "confidential": confidential}
