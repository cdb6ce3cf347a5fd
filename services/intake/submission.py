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
from contracts.codes import agency_of
from contracts.events import (
    AgreementStatus,
    ChildFacts,
    ConcernFact,
    ExactLink,
    NarrativeSignal,
    TextReading,
)
from contracts.form import Child, FormReading, ReferralForm, age_band, non_mobile, texts
from policy.allocation import locality_of
from policy.pack import Pack
from policy.reader import read
from services.intake.domain import PersonKey

ADULT_AGE = 18

# Whoever in the household is no child of it, whatever their age.
PARENTS = frozenset({"mother", "father", "parent", "step_parent", "carer", "foster_carer", "guardian"})


@dataclass(frozen=True, slots=True)
class ReadForm:
    """A form with ids for its children. `children` are those that it is about, then the other
    children of the household, who are known too (practice rule 6)."""

    form: ReferralForm
    children: tuple[ChildFacts, ...]
    keys: tuple[PersonKey, ...]
    signals: tuple[NarrativeSignal, ...]
    readings: tuple[TextReading, ...]


def prepare(reading: FormReading, pack: Pack, index: BlindIndex, today: date, ids: Ids) -> ReadForm:
    """Give the children of a form their ids, and read its texts. `today` is a date in England."""
    form = reading.form
    children = []
    keys: list[PersonKey] = []
    for child in form.children:
        child_id = ids()
        children.append(
            ChildFacts(
                child_id=child_id,
                age_band=age_band(child, today),
                non_mobile=non_mobile(child, form.concerns, today),
            )
        )
        keys.extend(person_keys(child_id, child, index))
    for member in form.household:
        born = member.date_of_birth
        if born and _age(born, today) < ADULT_AGE and member.relationship not in PARENTS:
            children.append(ChildFacts(child_id=ids(), age_band=age_band(member, today)))
    signals, readings = read_texts(texts(form), pack)
    return ReadForm(form, tuple(children), tuple(keys), signals, readings)


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


def person_keys(child_id: UUID, child: Child, index: BlindIndex) -> list[PersonKey]:
    """The digests by which this child is found again: verified numbers only, each with what has
    to agree beside it."""
    agrees = []
    if child.date_of_birth:
        agrees.append(index.of("born", child.date_of_birth.isoformat()))
    if child.given_name and child.family_name:
        agrees.append(index.of("name", _plain(child.given_name), _plain(child.family_name)))
    numbers = {"nhs_number": child.verified_nhs_number, "upn": child.verified_upn}
    return [
        PersonKey(child_id, kind, index.of(kind, number), tuple(agrees))
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
) -> Mapping[str, Any]:
    """What `referral.submitted` says: codes, ids and times."""
    form = read_form.form
    agency = agency_of(form.referrer.agency if form.referrer else None)
    about = read_form.children[: len(form.children)]
    home = next((child for child in form.children if child.address), None)
    school = next((child.school for child in form.children if child.school), None)
    locality, cluster = locality_of(
        home.address.postcode if home and home.address else None, school, pack.allocation
    )
    return {
        "children": read_form.children,
        "concerns": tuple(
            ConcernFact(
                code=concern.code,
                children=tuple(
                    about[place].child_id for place in concern.children if place < len(about)
                ),
                impact=concern.impact,
                current=concern.current is not False,
            )
            for concern in form.concerns
            if concern.code
        ),
        "request": form.request or "unsure",
        "immediate_danger": bool(form.immediate_danger),
        "source_agency": agency.code,
        "census_source": agency.census_source,
        "referrer_level": form.referrer_level,
        "basis": agency.basis,
        "agreement": form.agreement_status or AgreementStatus.UNKNOWN,
        "parents_informed": form.all_parents_informed,
        "reason_not_informed": form.reason_not_informed,
        "locality": locality,
        "school_cluster": cluster,
        "completeness": completeness,
        "signals": read_form.signals,
        "texts": read_form.readings,
        "links": tuple(links),
        "repeated_reference": repeated_reference,
    }


def content(read_form: ReadForm) -> str:
    """The form as it is sealed: what was sent and accepted, with each child's id."""
    ids = [str(child.child_id) for child in read_form.children]
    document = read_form.form.model_dump(mode="json")
    for child, child_id in zip(document["children"], ids, strict=False):
        child["child_id"] = child_id
    document["children_ids"] = ids
    return to_json(document).decode()


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("-", " ").replace("'", "").split())
