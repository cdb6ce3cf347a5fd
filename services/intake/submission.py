"""From a form that was read to what intake keeps and says of it. Pure.

Each child gets an id. Every text is read here by the policy's reader, so that it stays in this
service and only the signals found in it travel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from chassis.change import Ids
from chassis.vault import BlindIndex
from contracts.codes import AGENCY_TYPES, UNKNOWN_SOURCE, basis_for
from contracts.events import (
    AgeBand,
    ChildFacts,
    ConcernFact,
    ExactLink,
    NarrativeSignal,
    TextReading,
)
from contracts.events.parts import CUT
from contracts.form import (
    Child,
    Concern,
    FormReading,
    Person,
    ReferralForm,
    age_band,
    completed_months,
    probably_non_mobile,
)
from contracts.form.problems import FieldWarning
from policy.allocation import locality_of
from policy.matching import MatchingSection, plain_name
from policy.pack import Pack
from policy.reader import read
from services.intake.people.keys import PersonKey

ADULT_MONTHS = 18 * 12
PRIVATE_FOSTERING = "private_fostering"
# What is written freely on a form, beside each concern's detail.
TEXTS = (
    "narrative",
    "going_well",
    "child_voice",
    "work_already_tried",
    "exact_words",
    "injuries",
    "history",
    "parenting",
    "environment",
    "family_response",
    "what_should_happen",
)
# Why a text that came with the form was not read, by the warning about it: nothing may be left of
# what was written, or not all of it.
LOST: Mapping[str, str] = {
    "characters_removed": "noise",
    "set_aside": "not_text",
    "shortened": CUT,
}
NON_MOBILE_INJURY = "injury_to_non_mobile_child"

# Whoever in the household is no child of it, whatever their age.
PARENTS = frozenset(
    {"mother", "father", "parent", "step_parent", "stepmother", "stepfather", "carer",
     "foster_carer", "guardian", "partner", "parent_partner"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadForm:
    """A form with ids for its children. `children` are those that it is about, then the other
    children of the household, who are known too (practice rule 6)."""

    form: ReferralForm
    children: tuple[ChildFacts, ...]
    keys: tuple[PersonKey, ...]
    signals: tuple[NarrativeSignal, ...]
    readings: tuple[TextReading, ...]
    household: Mapping[int, UUID]


def prepare(
    reading: FormReading,
    pack: Pack,
    index: BlindIndex,
    today: date,
    ids: Ids,
    *,
    silent: bool = False,
) -> ReadForm:
    """Give the children of a form their ids, and read its texts. `today` is a date in England.
    `silent`: nothing will be rated by it, so that its texts are not read."""
    form = reading.form
    children = []
    keys: list[PersonKey] = []
    for place, child in enumerate(form.children):
        child_id = ids()
        children.append(child_facts(form, place, child_id, today))
        keys.extend(person_keys(child_id, child, index, pack.matching))
    household: dict[int, UUID] = {}
    for place, member in enumerate(form.household):
        if is_child(member, today):
            household[place] = ids()
            children.append(member_facts(member, household[place], today))
    written = {} if silent else texts(form)
    signals, readings = read_texts(written, pack)
    if not silent:
        readings = _with_lost(readings, reading.warnings, written)
    return ReadForm(form, tuple(children), tuple(keys), signals, readings, household)


def is_child(member: Person, today: date) -> bool:
    """Whether one of the household is a child of it, on a date in England."""
    born = member.date_of_birth
    relation = (member.relationship or "").casefold().replace(" ", "_").replace("-", "_")
    return (
        born is not None
        and completed_months(born, today) < ADULT_MONTHS
        and relation not in PARENTS
    )


def member_facts(member: Person, child_id: UUID, today: date) -> ChildFacts:
    """What the rules know of a child of the household whom the form is not about."""
    born = member.date_of_birth
    return ChildFacts(
        child_id=child_id,
        age_band=age_band(born, None, None, today),
        non_mobile=probably_non_mobile(born, today),
    )


def child_facts(form: ReferralForm, place: int, child_id: UUID, today: date) -> ChildFacts:
    """What the rules know of one child that a form is about, on a date in England."""
    child = form.children[place]
    band = age_band(child.date_of_birth, child.expected_date_of_delivery, child.age_estimate, today)
    still = band is not AgeBand.UNBORN and any(
        concern.code == NON_MOBILE_INJURY and (not concern.children or place in concern.children)
        for concern in form.concerns
    )
    return ChildFacts(
        child_id=child_id,
        age_band=band,
        non_mobile=still or probably_non_mobile(child.date_of_birth, today),
    )


def texts(form: ReferralForm) -> Mapping[str, str]:
    """Everything that was written freely, by the name under which it is read and shown."""
    written = {name: getattr(form, name) for name in TEXTS}
    details = {_detail(place): one.detail for place, one in enumerate(form.concerns)}
    return {name: text for name, text in {**written, **details}.items() if text}


def stored_texts(document: Mapping[str, Any]) -> Mapping[str, str]:
    """The same of a form as it is stored."""
    written = {name: document.get(name) for name in TEXTS}
    concerns = document.get("concerns") or ()
    details = {_detail(place): one.get("detail") for place, one in enumerate(concerns)}
    return {name: text for name, text in {**written, **details}.items() if text}


def _detail(place: int) -> str:
    return f"concerns/{place}/detail"


def read_texts(
    written: Mapping[str, str], pack: Pack
) -> tuple[tuple[NarrativeSignal, ...], tuple[TextReading, ...]]:
    """What the reader finds in texts, by their names; blank ones are passed over."""
    signals: list[NarrativeSignal] = []
    readings: list[TextReading] = []
    for name, text in written.items():
        if not text.strip():
            continue
        found = read(text, field=name, pack=pack)
        signals.extend(found.signals)
        readings.append(found.reading)
    return tuple(signals), tuple(readings)


def _with_lost(
    readings: Sequence[TextReading], warnings: Sequence[FieldWarning], written: Mapping[str, str]
) -> tuple[TextReading, ...]:
    """The readings, with each text as not read of which something was lost before it was read."""
    lost = {}
    for warning in warnings:
        name, reason = warning.pointer.removeprefix("/"), LOST.get(warning.code)
        if reason is None or not (name in TEXTS or name.endswith("/detail")):
            continue
        # Without its control characters a text is read like any other, if any of it is left.
        if reason == CUT or name not in written:
            lost[name] = TextReading(text=name, read=False, reason=reason)
    return (*(each for each in readings if each.text not in lost), *lost.values())


def person_keys(
    child_id: UUID, child: Child, index: BlindIndex, matching: MatchingSection
) -> list[PersonKey]:
    """The digests by which this child is found again: verified numbers only, each with what has
    to agree beside it, and what tells twins apart."""
    numbers = {"nhs_number": child.verified_nhs_number, "upn": child.verified_upn}
    if not any(numbers.values()):
        return []
    agrees = []
    if child.date_of_birth:
        agrees.append(index.of("born", child.date_of_birth.isoformat()))
    if child.given_name and child.family_name:
        agrees.append(index.of("name", _plain(child.given_name), _plain(child.family_name)))
    first = plain_name(child.given_name).split()[:1]
    roots = matching.roots_of(first[0]) if first else ()
    given = tuple(index.of("given", name) for name in sorted({*first, *roots}))
    postcode = child.address.normal_postcode if child.address else None
    home = index.of("home", postcode) if postcode else None
    return [
        PersonKey(child_id, kind, index.of(kind, number), tuple(agrees), given, home)
        for kind, number in numbers.items()
        if number
    ]


def facts(
    read_form: ReadForm,
    links: Sequence[ExactLink],
    pack: Pack,
    *,
    completeness: int,
    repeated_reference: bool,
    unread: Sequence[TextReading] = (),
    ward: str | None = None,
) -> Mapping[str, Any]:
    """What `referral.submitted` says: codes, ids and times."""
    form = read_form.form
    agency = form.referrer.agency or "other"
    known = AGENCY_TYPES.get(agency)
    about = read_form.children[: len(form.children)]
    home = _home(form)
    locality, cluster = locality_of(
        home.address.postcode if home and home.address else None,
        first_school(form),
        pack.allocation,
        ward,
    )
    return {
        "children": read_form.children,
        "concerns": (
            *(_concern(concern, about) for concern in form.concerns),
            *_fostered(form, about),
        ),
        "request": form.request,
        "immediate_danger": form.immediate_danger,
        "source_agency": agency,
        "census_source": known.source if known else UNKNOWN_SOURCE,
        "referrer_level": form.referrer_level,
        "basis": basis_for(form.referrer.agency),
        "agreement": form.agreement_for(),
        "parents_informed": form.told,
        "reason_not_informed": form.why_not_told,
        "locality": locality,
        "school_cluster": cluster,
        "completeness": completeness,
        "signals": read_form.signals,
        "texts": (*read_form.readings, *unread),
        "links": tuple(links),
        # Restricted from the first second (practice rule 10).
        "restricted": any(one.works_with_children for one in form.alleged_perpetrators),
        "repeated_reference": repeated_reference,
    }


def content(read_form: ReadForm, originals: Mapping[str, str]) -> str:
    """The form as it is sealed: each child with its id, and beside it, by pointer, the values that
    were set aside, so that whoever decides can see them."""
    document = read_form.form.model_dump(mode="json")
    for child, known in zip(document["children"], read_form.children, strict=False):
        child["child_id"] = str(known.child_id)
    for place, child_id in read_form.household.items():
        document["household"][place]["child_id"] = str(child_id)
    document["set_aside"] = dict(originals)
    return to_json(document).decode()


def home_postcode(form: ReferralForm) -> str | None:
    """The postcode of the first child's home that has an address, in its normal form."""
    home = _home(form)
    return home.address.normal_postcode if home and home.address else None


def first_school(form: ReferralForm) -> str | None:
    """The school of the first child that has one."""
    return next((child.school for child in form.children if child.school), None)


def _home(form: ReferralForm) -> Child | None:
    return next((child for child in form.children if child.address), None)


def _concern(concern: Concern, about: Sequence[ChildFacts]) -> ConcernFact:
    return ConcernFact(
        code=concern.code,
        children=tuple(about[place].child_id for place in concern.children if place < len(about)),
        impact=concern.impact,
        current=concern.current,
    )


def _fostered(form: ReferralForm, about: Sequence[ChildFacts]) -> tuple[ConcernFact, ...]:
    """Private fostering that was answered and not ticked."""
    if any(concern.code == PRIVATE_FOSTERING for concern in form.concerns):
        return ()
    children = tuple(
        known.child_id
        for child, known in zip(form.children, about, strict=True)
        if child.private_fostering == "yes"
    )
    return (ConcernFact(code=PRIVATE_FOSTERING, children=children),) if children else ()


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("-", " ").replace("'", "").split())
