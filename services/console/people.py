"""The people of a referral as its page shows them: children, household, who works with them, what
a visitor has to take care of, who referred. From the words that intake keeps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts import codes
from services.console import words
from services.console.reads import Opened

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Child:
    """One child. `name` is empty where intake cannot say it; `parents` have responsibility for it,
    as the form says; not `listed`: one of the household."""

    child_id: str
    number: int
    name: str
    unborn: bool
    parents: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    suggested: str
    rag: str
    outcome: str
    listed: bool = True

    @property
    def called(self) -> str:
        """The name, or which child of the referral it is."""
        return self.name or f"Child {self.number}"


def children(opened: Opened, today: date | None = None) -> tuple[Child, ...]:
    """Every known child: those whom the form is about, then others of the household. With `today`,
    in England, whoever's day of birth is known has their age in years, otherwise its band."""
    form = form_of(opened)
    people = {
        str(person["child_id"]): person
        for person in (*form.get("children", ()), *form.get("household", ()))
        if person.get("child_id")
    }
    in_case = {str(child["child_id"]): child for child in opened.case.data.get("children", ())}
    places = {str(child["child_id"]): n for n, child in enumerate(form.get("children", ()))}
    found = []
    for number, child_id in enumerate(in_case or people, start=1):
        person, rated = people.get(child_id, {}), in_case.get(child_id, {})
        found.append(
            Child(
                child_id=child_id,
                number=number,
                name=_name(person),
                unborn=rated.get("age_band") == "unborn"
                or bool(
                    person.get("expected_date_of_delivery") and not person.get("date_of_birth")
                ),
                parents=_responsible(form, places.get(child_id)),
                facts=tuple(_child_facts(person, rated, today)),
                suggested=rated.get("suggested") or "",
                rag=rated.get("rag") or "",
                outcome=words.said(words.OUTCOMES, rated.get("outcome")),
                listed=child_id in places,
            )
        )
    return tuple(found)


def household(opened: Opened) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The others of the household: name, and what is known of them."""
    form = form_of(opened)
    found = []
    for person in form.get("household", ()):
        lives = {"yes": "Lives with the children", "no": "Does not live with the children"}
        notes = (
            words.sentence(str(person.get("relationship") or "")),
            f"Born {day(person['date_of_birth'])}" if person.get("date_of_birth") else "",
            _responsibility(form, person),
            lives.get(str(person.get("lives_with_children")), ""),
            _address(person.get("address")),
            f"Telephone {person['phone']}" if person.get("phone") else "",
            f"Speaks {person['first_language']}" if person.get("first_language") else "",
            "Needs an interpreter" if person.get("interpreter_needed") == "yes" else "",
        )
        found.append((str(person.get("name") or "Name not given"), tuple(filter(None, notes))))
    return tuple(found)


def said_to_harm(opened: Opened) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Who is said to have done harm, where this person may see it."""
    form = form_of(opened)
    found = []
    for one in form.get("alleged_perpetrators") or ():
        notes = (
            words.sentence(str(one.get("relationship") or "")),
            f"Harm to {_named(form, one['children'])}" if one.get("children") else "",
            "Works or volunteers with children" if one.get("works_with_children") else "",
            str(one.get("access_to_children") or ""),
        )
        found.append((str(one.get("name") or "Name not given"), tuple(filter(None, notes))))
    return tuple(found)


def withheld(opened: Opened) -> tuple[str, ...]:
    """What the form holds and is shown to those who decide only."""
    hidden = opened.form.data.get("hidden") or ()
    found = []
    if any("alleged_perpetrators" in pointer for pointer in hidden):
        found.append("Who is said to have done harm")
    if any("address" in pointer for pointer in hidden):
        found.append("A confidential address")
    return tuple(found)


def agencies(opened: Opened) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Who works with the family already."""
    return tuple(
        (
            _listed(one.get("name"), one.get("role")) or "Name not given",
            tuple(
                filter(
                    None,
                    (
                        words.said(codes.AGENCIES, one.get("agency")),
                        "Lead professional" if one.get("leads") else "",
                        str(one.get("contact") or ""),
                    ),
                )
            ),
        )
        for one in form_of(opened).get("agencies_involved") or ()
    )


def visiting(opened: Opened) -> tuple[str, ...]:
    """What a visitor has to take care of."""
    form = form_of(opened)
    risks = (
        ": ".join(filter(None, (_coded(codes.RISKS_TO_WORKERS, one["code"]), one.get("detail"))))
        for one in form.get("risks_to_workers") or ()
    )
    return (*risks, *filter(None, (form.get("visiting_advice"),)))


def referrer(opened: Opened) -> tuple[tuple[str, str], ...]:
    """Who referred, and what they say about sharing and agreement."""
    form, case = form_of(opened), opened.case.data
    person = form.get("referrer") or {}
    agency = words.said(codes.AGENCIES, person.get("agency") or case.get("source_agency"))
    level = case.get("referrer_level") or form.get("referrer_level")
    facts = [
        ("Referrer", _listed(person.get("name"), person.get("role"))),
        ("Agency", _listed(agency, person.get("organisation"))),
        ("Sent by", opened.form.data.get("by_web") and "The web form: nobody checked who it is"),
        ("Email", person.get("email")),
        ("Telephone", person.get("phone")),
        ("Writing to them", _written_to(person)),
        ("Safe contact", person.get("safe_contact")),
        ("Asks for", _coded(codes.REQUESTS, form.get("request") or case.get("request"))),
        ("Their own level", level and f"Level {level}"),
        ("Parents told", _informed(form, case)),
        ("Why not", _why_not_told(form, case)),
        ("Agreement", _agreement(case)),
        ("Family would work with a service", _coded(codes.ANSWERS, form.get("willing_to_engage"))),
        ("How they know the child", person.get("knows_child")),
        (
            "Safeguarding lead asked",
            _coded(codes.ANSWERS, person.get("safeguarding_lead_consulted")),
        ),
        ("Telephoned first", _telephoned(form.get("telephoned") or {})),
        ("How they know of it", _coded(codes.INFORMATION_SOURCES, form.get("information_source"))),
        ("How worried, 0 to 10", form.get("worry_scale")),
        ("Incident number", form.get("incident_number")),
        ("Their reference", form.get("your_reference")),
    ]
    return tuple((label, str(value)) for label, value in facts if value not in (None, "", False))


def day(said: str | date) -> str:
    """`2018-05-04` as `4 May 2018`; what is no date stays as it is."""
    try:
        at = said if isinstance(said, date) else date.fromisoformat(said[:10])
    except ValueError:
        return str(said)
    return f"{at.day} {at:%B %Y}"


def form_of(opened: Opened) -> Answer:
    """The form that was posted, empty where intake cannot say it."""
    form: Answer = opened.form.data.get("form") or {}
    return form


def _name(person: Answer) -> str:
    parts = (person.get("given_name"), person.get("family_name"))
    otherwise = person.get("name") or next(iter(person.get("also_known_as") or ()), "")
    return " ".join(str(part) for part in parts if part) or str(otherwise)


def _child_facts(person: Answer, rated: Answer, today: date | None) -> list[tuple[str, str]]:
    band = words.AGE_BANDS.get(rated.get("age_band") or "", "")
    facts = [
        ("Born", day(person["date_of_birth"]) if person.get("date_of_birth") else ""),
        (
            "Expected",
            day(person["expected_date_of_delivery"])
            if person.get("expected_date_of_delivery")
            else "",
        ),
        ("Age", _age(person, band, today)),
        ("Also known as", ", ".join(person.get("also_known_as") or ())),
        ("Sex", _coded(codes.SEXES, person.get("sex"))),
        ("Ethnicity", _coded(codes.ETHNICITIES, person.get("ethnicity"))),
        (
            "Disability",
            _listed(
                *(_coded(codes.DISABILITIES, code) for code in person.get("disabilities") or ())
            ),
        ),
        ("Relationship", person.get("relationship")),
        ("Address", _address(person.get("address"))),
        ("No address", person.get("address_unknown_because")),
        ("Staying at", _address(person.get("current_address"))),
        ("Because", person.get("current_address_because")),
        ("School", _listed(person.get("school"), person.get("school_year"))),
        ("GP", person.get("gp")),
        ("Language", person.get("first_language")),
        ("Interpreter", _coded(codes.ANSWERS, person.get("interpreter_needed"))),
        ("Communication", person.get("communication_needs")),
        ("Special needs", person.get("special_needs")),
        ("Private fostering", _fostered(person)),
        ("Gender identity", person.get("gender_identity")),
        ("Religion", person.get("religion")),
        ("Nationality", person.get("nationality")),
        ("Immigration", person.get("immigration_status")),
        ("NHS number", person.get("nhs_number")),
        ("UPN", person.get("upn")),
    ]
    return [(label, str(value)) for label, value in facts if value]


def _age(person: Answer, band: str, today: date | None) -> str:
    born = person.get("date_of_birth")
    if born and today:
        return words.age(date.fromisoformat(born), today)
    estimate = person.get("age_estimate")
    return f"About {estimate}" if estimate is not None else words.begin(band)


def _coded(table: Mapping[str, codes.Coded], code: Any) -> str:
    known = table.get(str(code or ""))
    return known.title if known else str(code or "")


def _listed(*parts: Any) -> str:
    return ", ".join(str(part) for part in parts if part)


def _agreement(case: Answer) -> str:
    """What the family says now; what is taken back says since when."""
    taken_back = case.get("agreement_withdrawn_at")
    said = words.agreement(case.get("agreement"), withdrawn=bool(taken_back))
    return f"{said}, {day(taken_back)}" if taken_back else said


def _why_not_told(form: Answer, case: Answer) -> str:
    reason = case.get("reason_not_informed") or form.get("reason_not_informed")
    return _coded(codes.REASONS_NOT_INFORMED, reason)


def _written_to(person: Answer) -> str:
    """Whether a relative or the child may be written to; of anybody else only where they said no."""
    said = person.get("write_safely")
    if said is None and person.get("agency") not in codes.FAMILY:
        return ""
    return "Safe, they say" if said else "Not known to be safe: telephone, with care"


def _informed(form: Answer, case: Answer) -> str:
    """Whether the parents know: one answer, or one for each person and child."""
    told = form.get("parents_informed")
    if told is None:
        # What was learnt later.
        told = case.get("parents_informed")
    answers = {True: "Yes", False: "No"}
    if isinstance(told, bool):
        return answers[told]
    household = form.get("household", ())
    each = []
    for one in told or ():
        place, child = one.get("person"), one.get("child")
        whom = household[place].get("name") if place is not None and place < len(household) else ""
        about = f" about {_named(form, (child,))}" if child is not None else ""
        answer = answers.get(one.get("informed"), "Not known").lower()
        why = _coded(codes.REASONS_NOT_INFORMED, one.get("reason_not_informed"))
        each.append(f"{whom or 'Parents'}{about}: {answer}{', ' + why.lower() if why else ''}")
    return ". ".join(each)


def _responsible(form: Answer, place: int | None) -> tuple[str, ...]:
    """Who has parental responsibility for the child at `place` of the form."""
    return tuple(
        str(person.get("name") or words.sentence(str(person.get("relationship") or "Somebody")))
        for person in form.get("household", ())
        if responsible_for(person, place)
    )


def responsible_for(person: Answer, place: int | None) -> bool:
    """Whether somebody has parental responsibility for the child at `place` of the form, as it
    says."""
    whom = person.get("parental_responsibility_for")
    return bool(person.get("parental_responsibility")) and (not whom or place in whom)


def _responsibility(form: Answer, person: Answer) -> str:
    if person.get("parental_responsibility") is None:
        return ""
    if not person["parental_responsibility"]:
        return "No parental responsibility"
    whom = person.get("parental_responsibility_for")
    return "Parental responsibility" + (f" for {_named(form, whom)}" if whom else "")


def _named(form: Answer, places: Sequence[int]) -> str:
    children = form.get("children", ())
    return " and ".join(
        _name(children[place]) or f"child {place + 1}" for place in places if place < len(children)
    )


def _address(address: Answer | None) -> str:
    if not address:
        return ""
    where = _listed(*(address.get("lines") or ()), address.get("postcode"))
    if not address.get("confidential"):
        return where
    return f"{where} (confidential)" if where else "Confidential: shown to those who decide"


def _fostered(person: Answer) -> str:
    since = person.get("private_fostering_since")
    return _listed(
        _coded(codes.ANSWERS, person.get("private_fostering")), since and f"since {day(since)}"
    )


def _telephoned(call: Answer) -> str:
    when = " at ".join(filter(None, (day(call["on"]) if call.get("on") else "", call.get("at"))))
    return _listed(_coded(codes.ANSWERS, call.get("made")), call.get("to"), when)
