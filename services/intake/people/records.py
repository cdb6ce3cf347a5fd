"""The people of a form as they are looked up and kept. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from pydantic_core import from_json, to_json

from contracts.form import Address, ReferralForm
from contracts.form.identifiers import normal_postcode
from policy.matching import MatchingSection, Person, plain_name
from services.intake.people.matches import Role

CHILDREN = frozenset(
    {"son", "daughter", "brother", "sister", "sibling", "half_brother", "half_sister",
     "stepbrother", "stepsister", "step_brother", "step_sister", "stepson", "stepdaughter",
     "step_son", "step_daughter", "child", "baby", "twin", "cousin", "niece", "nephew"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """One person of one referral."""

    person_id: UUID
    referral_id: UUID
    role: Role
    received_at: datetime
    person: Person


def records_of(
    content: str, referral_id: UUID, received_at: datetime, matching: MatchingSection
) -> Iterator[Record]:
    """Everybody on a form as it was sealed: its children, those of the household, the adults.

    A person of the household gets an id that is the same each time the form is read.
    """
    document = from_json(content)
    form = ReferralForm.model_validate(document)
    words = matching.placeholders
    for child, sent in zip(form.children, document["children"], strict=True):
        address = _open(child.address)
        person = Person.named(
            child.given_name,
            child.family_name,
            also_known_as=child.also_known_as,
            lines=address.lines if address else (),
            placeholders=words,
            born=child.date_of_birth,
            expected=child.expected_date_of_delivery,
            sex=child.sex,
            postcode=_postcode(address.postcode if address else None),
            nhs_number=child.verified_nhs_number,
            upn=child.verified_upn,
        )
        yield Record(UUID(sent["child_id"]), referral_id, Role.CHILD, received_at, person)
    homes = next((child.address for child in form.children if child.address), None)
    for place, (member, sent) in enumerate(zip(form.household, document["household"], strict=True)):
        names = _named(member.name, words)
        known = sent.get("child_id")
        role = Role.CHILD if known else _role(member.relationship)
        home = _open(member.address or (None if member.lives_with_children == "no" else homes))
        person = Person.named(
            names[0],
            names[1],
            lines=home.lines if home else (),
            placeholders=words,
            born=member.date_of_birth,
            postcode=_postcode(home.postcode if home else None),
            adult=role is Role.ADULT,
        )
        if not person.nameless:
            own = member_id(referral_id, place, sent)
            yield Record(own, referral_id, role, received_at, person)


def member_id(referral_id: UUID, place: int, sent: Mapping[str, Any]) -> UUID:
    """Under which id somebody of the household, in this place of a form, is looked up."""
    known = sent.get("child_id")
    return UUID(known) if known else uuid5(referral_id, f"household/{place}")


def says_telephoned(content: str) -> bool:
    """Whether a form as it was sealed says that it was telephoned first."""
    telephoned = from_json(content).get("telephoned") or {}
    return telephoned.get("made") == "yes"


def quoted_in(content: str) -> str | None:
    """The reference of a call that a form as it was sealed quotes."""
    telephoned = from_json(content).get("telephoned") or {}
    return "".join((telephoned.get("reference") or "").upper().split()) or None


def sealed_form(person: Person) -> str:
    """A person as a line to seal."""
    return to_json(
        [person.given, person.family, person.born, person.expected, person.sex, person.postcode,
         person.line, person.nhs_number, person.upn, person.adult]
    ).decode()  # fmt: skip


def opened(text: str) -> Person:
    """The person that `sealed_form` wrote."""
    given, family, born, expected, sex, postcode, line, nhs_number, upn, adult = from_json(text)
    return Person(
        tuple(given),
        tuple(family),
        date.fromisoformat(born) if born else None,
        date.fromisoformat(expected) if expected else None,
        sex,
        postcode,
        line,
        nhs_number,
        upn,
        adult,
    )


def shown(person: Person) -> Mapping[str, Any]:
    """What staff see of a record beside a match, to tell two people apart."""
    return {
        "given_name": _title(person.given),
        "family_name": _title(person.family),
        "date_of_birth": person.born,
        "expected_date_of_delivery": person.expected,
    }


def _open(address: Address | None) -> Address | None:
    """An address that may take part in a look-up. A confidential one doesn't: that it agrees with
    another record's would tell where somebody lives."""
    return None if address is None or address.confidential else address


def _title(names: tuple[str, ...]) -> str | None:
    return names[0].title() if names else None


def _postcode(text: str | None) -> str | None:
    """A postcode that says where somebody lives; the codes for no fixed abode do not."""
    found = normal_postcode(text)
    return None if found is None or found.startswith("ZZ99") else found


def _named(name: str | None, words: Collection[str]) -> tuple[str | None, str | None]:
    """The first and the last word of a whole name."""
    parts = [part for part in plain_name(name).split() if part not in words]
    return (parts[0] if parts else None, parts[-1] if len(parts) > 1 else None)


def _role(relationship: str | None) -> Role:
    said = (relationship or "").casefold().replace(" ", "_").replace("-", "_")
    return Role.OTHER_CHILD if said in CHILDREN else Role.ADULT
