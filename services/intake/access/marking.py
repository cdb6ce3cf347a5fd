"""Marking a form for redaction: whom each value is about. Pure.

Nothing is taken out here. A person reads the bundle and decides; what is not plainly about the
person who asks is marked, so that none of it is passed on by oversight.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.intake.people.records import member_id


class About(StrEnum):
    """Whom a value is about. Free text may speak of anybody."""

    SUBJECT = "subject"
    THIRD_PARTY = "third_party"
    REFERRER = "referrer"
    ANYBODY = "anybody"
    REFERRAL = "referral"


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a form. `redact`: it is to be looked at before it is passed on."""

    pointer: str
    value: Any
    about: About

    @property
    def redact(self) -> bool:
        return self.about in {About.THIRD_PARTY, About.REFERRER, About.ANYBODY}


PEOPLE = ("children", "household")
OTHERS = frozenset(
    {"alleged_perpetrators", "agencies_involved", "risks_to_workers", "gp", "dentist"}
)
PLAIN = frozenset({
    "authority", "request", "immediate_danger", "referrer_level", "parents_informed",
    "reason_not_informed", "agreement", "lawful_basis",
})  # fmt: skip


def lines(form: Mapping[str, Any], referral_id: UUID, subject: Collection[UUID]) -> list[Line]:
    """Every value of a form that says something, marked by whom it is about. `subject`: the ids under
    which the person who asks is known in this referral."""
    ids = {str(one) for one in subject}

    def known_as(name: str, place: int, person: Mapping[str, Any]) -> str | None:
        if name == "household":
            return str(member_id(referral_id, place, person))
        return person.get("child_id")

    found: list[Line] = []
    for name, value in form.items():
        if name in PEOPLE:
            for place, person in enumerate(value or ()):
                about = About.SUBJECT if known_as(name, place, person) in ids else About.THIRD_PARTY
                found.extend(_leaves(person, f"/{name}/{place}", about))
            continue
        found.extend(_leaves(value, f"/{name}", _about(name)))
    return found


def _about(name: str) -> About:
    if name == "referrer":
        return About.REFERRER
    if name in OTHERS:
        return About.THIRD_PARTY
    return About.REFERRAL if name in PLAIN else About.ANYBODY


def _leaves(value: Any, pointer: str, about: About) -> Iterator[Line]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _leaves(part, f"{pointer}/{name}", about)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for place, part in enumerate(value):
            yield from _leaves(part, f"{pointer}/{place}", about)
    elif value not in (None, ""):
        yield Line(pointer, value, about)
