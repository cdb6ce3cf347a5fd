"""Who and what a referral is about, as its page shows it: from the words that intake keeps and
the reasons that triage gives. What happened to it since is in happened.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts import codes
from services.console import words
from services.console.marks import Mark, Segment, segments
from services.console.reads import Opened

Answer = Mapping[str, Any]

TEXTS = ("narrative", "going_well", "child_voice", "work_already_tried")
AROUND = 60
"""How many characters around the words that a reason stands on are shown with it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a sign was seen. `quote` are the words, with some of what stands around them."""

    source: str
    where: str
    quote: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """A sign of need on which a rating was suggested, with everything in which it was seen."""

    number: int
    title: str
    level: int
    clause_id: str
    clause_title: str
    clause_text: str
    whom: str
    hard: bool
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """Something that was written. `unread`: why the reader did not read it, if it did not."""

    title: str
    segments: tuple[Segment, ...]
    unread: str


@dataclass(frozen=True, slots=True)
class Child:
    """One child. `name` is empty where intake cannot say it."""

    child_id: str
    number: int
    name: str
    facts: tuple[tuple[str, str], ...]
    suggested: str
    rag: str
    outcome: str

    @property
    def called(self) -> str:
        """The name, or which child of the referral it is."""
        return self.name or f"Child {self.number}"


def children(opened: Opened) -> tuple[Child, ...]:
    """Every known child: those whom the form is about, then others of the household."""
    form = _form(opened)
    people = {
        str(person["child_id"]): person
        for person in (*form.get("children", ()), *form.get("household", ()))
        if person.get("child_id")
    }
    in_case = {str(child["child_id"]): child for child in opened.case.data.get("children", ())}
    found = []
    for number, child_id in enumerate(in_case or people, start=1):
        person, rated = people.get(child_id, {}), in_case.get(child_id, {})
        found.append(
            Child(
                child_id=child_id,
                number=number,
                name=_name(person),
                facts=tuple(_child_facts(person, rated)),
                suggested=rated.get("suggested") or "",
                rag=rated.get("rag") or "",
                outcome=words.said(words.OUTCOMES, rated.get("outcome")),
            )
        )
    return tuple(found)


def reasons(opened: Opened, people: Sequence[Child]) -> tuple[Reason, ...]:
    """The reasons for the suggestion, most serious first, numbered as they are marked."""
    suggestion = opened.case.data.get("suggestion", {})
    clauses = {clause["id"]: clause for clause in suggestion.get("clauses", ())}
    written = _written(opened)
    found = []
    for number, signs in enumerate(_grouped(opened), start=1):
        sign = signs[0]
        clause = clauses.get(sign["clause"], {})
        found.append(
            Reason(
                number=number,
                title=sign.get("title") or words.sentence(sign["indicator"]),
                level=sign["level"],
                clause_id=sign["clause"],
                clause_title=clause.get("title", ""),
                clause_text=clause.get("text", ""),
                whom=_whom(signs, people),
                hard=any(each.get("hard") for each in signs),
                evidence=tuple(_evidence(each, number, written) for each in signs),
            )
        )
    return tuple(found)


def texts(opened: Opened) -> tuple[Text, ...]:
    """Everything that was written, with the words marked that a reason stands on."""
    marks: dict[str, list[Mark]] = {}
    for number, signs in enumerate(_grouped(opened), start=1):
        for sign in signs:
            if sign.get("text") and sign.get("start") is not None:
                mark = Mark(sign["start"], sign["end"], number, sign["level"])
                marks.setdefault(sign["text"], []).append(mark)
    unread = {
        reading["text"]: words.said(words.UNREAD, reading.get("reason"))
        for reading in opened.case.data.get("suggestion", {}).get("texts", ())
        if not reading.get("read", True)
    }
    return tuple(
        Text(title, segments(text, marks.get(name, ())), unread.get(name, ""))
        for name, (title, text) in _written(opened).items()
    )


def concerns(opened: Opened, people: Sequence[Child]) -> tuple[tuple[str, str], ...]:
    """What the referrer ticked: the concern, and how serious and about whom."""
    found = []
    for concern in _form(opened).get("concerns", ()):
        about = [
            people[place].called for place in concern.get("children") or () if place < len(people)
        ]
        notes = [words.said(words.IMPACTS, concern.get("impact"))]
        notes.append("" if concern.get("current", True) else "In the past")
        notes.append(", ".join(about) or "Every child")
        found.append((words.said(codes.CONCERNS, concern["code"]), ". ".join(filter(None, notes))))
    return tuple(found)


def household(opened: Opened) -> tuple[tuple[str, str], ...]:
    """The others of the household: name, and who they are."""
    found = []
    for person in _form(opened).get("household", ()):
        notes = [str(person.get("relationship") or "").capitalize()]
        notes.append(f"Born {day(person['date_of_birth'])}" if person.get("date_of_birth") else "")
        notes.append("Parental responsibility" if person.get("parental_responsibility") else "")
        found.append((str(person.get("name") or "Name not given"), ". ".join(filter(None, notes))))
    return tuple(found)


def referrer(opened: Opened) -> tuple[tuple[str, str], ...]:
    """Who referred, and what they say about sharing and agreement."""
    form, case = _form(opened), opened.case.data
    person = form.get("referrer") or {}
    agency = words.said(codes.AGENCIES, person.get("agency") or case.get("source_agency"))
    level = case.get("referrer_level") or form.get("referrer_level")
    facts = [
        ("Referrer", _listed(person.get("name"), person.get("role"))),
        ("Agency", _listed(agency, person.get("organisation"))),
        ("Email", person.get("email")),
        ("Telephone", person.get("phone")),
        ("Asks for", _coded(codes.REQUESTS, form.get("request") or case.get("request"))),
        ("Their own level", level and f"Level {level}"),
        ("Parents told", _informed(form, case)),
        ("Why not", _coded(codes.REASONS_NOT_INFORMED, form.get("reason_not_informed"))),
        ("Agreement", _coded(codes.AGREEMENT_STATUSES, case.get("agreement"))),
        ("Their reference", form.get("your_reference")),
    ]
    return tuple((label, str(value)) for label, value in facts if value)


def set_aside(opened: Opened) -> tuple[tuple[str, str], ...]:
    """What the referrer sent and could not be read as it stood: where it stood, and what it was."""
    values = _form(opened).get("set_aside") or {}
    return tuple(
        (words.sentence(pointer.strip("/").replace("/", ", ")), str(value))
        for pointer, value in values.items()
    )


def day(said: str | date) -> str:
    """`2018-05-04` as `4 May 2018`; what is no date stays as it is."""
    try:
        at = said if isinstance(said, date) else date.fromisoformat(said[:10])
    except ValueError:
        return str(said)
    return f"{at.day} {at:%B %Y}"


def _form(opened: Opened) -> Answer:
    form: Answer = opened.form.data.get("form") or {}
    return form


def _grouped(opened: Opened) -> list[list[Answer]]:
    """What triage's reasons say, together where they tell of the same sign; the most serious
    first."""
    groups: dict[str, list[Answer]] = {}
    for sign in opened.case.data.get("suggestion", {}).get("reasons", ()):
        groups.setdefault(sign["indicator"], []).append(sign)
    return sorted(
        groups.values(),
        key=lambda signs: (-signs[0]["level"], not any(sign.get("hard") for sign in signs)),
    )


def _evidence(sign: Answer, number: int, written: Mapping[str, tuple[str, str]]) -> Evidence:
    title, text = written.get(sign.get("text") or "", ("", ""))
    source = words.said(words.SOURCES, sign["source"])
    return Evidence(source, title, _quote(text, sign, number))


def _written(opened: Opened) -> dict[str, tuple[str, str]]:
    """Every text by the name that readings and reasons give it, with its title."""
    form = _form(opened)
    found = {name: (words.TEXTS[name], str(form[name])) for name in TEXTS if form.get(name)}
    for place, concern in enumerate(form.get("concerns", ())):
        if concern.get("detail"):
            title = f"On the concern: {words.said(codes.CONCERNS, concern['code'])}"
            found[f"concerns/{place}/detail"] = (title, str(concern["detail"]))
    for one in opened.form.data.get("later", ()):
        if one.get("text"):
            found[one["name"]] = (words.said(words.LATER, one["kind"]), str(one["text"]))
    return found


def _quote(text: str, reason: Answer, number: int) -> tuple[Segment, ...]:
    if not text or reason.get("start") is None:
        return ()
    start, end = reason["start"], reason["end"]
    first = text.rfind(" ", 0, max(0, start - AROUND)) + 1 if start > AROUND else 0
    space = text.find(" ", end + AROUND)
    last = space if space >= 0 else len(text)
    cut = segments(text[first:last], (Mark(start - first, end - first, number, reason["level"]),))
    before = (Segment("…"),) if first else ()
    after = (Segment("…"),) if last < len(text) else ()
    return (*before, *cut, *after)


def _whom(signs: Sequence[Answer], people: Sequence[Child]) -> str:
    wanted = {str(child_id) for sign in signs for child_id in sign.get("children") or ()}
    unclear = any(not sign.get("children") for sign in signs)
    named = [child.called for child in people if child.child_id in wanted]
    if unclear or not named or len(named) == len(people):
        return "Every child" if len(people) > 1 else ""
    return ", ".join(named)


def _name(person: Answer) -> str:
    parts = (person.get("given_name"), person.get("family_name"))
    otherwise = person.get("name") or next(iter(person.get("also_known_as") or ()), "")
    return " ".join(str(part) for part in parts if part) or str(otherwise)


def _child_facts(person: Answer, rated: Answer) -> list[tuple[str, str]]:
    band = words.AGE_BANDS.get(rated.get("age_band") or "", "")
    address = person.get("address") or {}
    where = [*(address.get("lines") or ()), address.get("postcode")]
    facts = [
        ("Born", day(person["date_of_birth"]) if person.get("date_of_birth") else ""),
        (
            "Expected",
            day(person["expected_date_of_delivery"])
            if person.get("expected_date_of_delivery")
            else "",
        ),
        ("Age", _age(person, band)),
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
        ("Address", _listed(*where)),
        ("No address", person.get("address_unknown_because")),
        ("School", person.get("school")),
        ("NHS number", person.get("nhs_number")),
        ("UPN", person.get("upn")),
    ]
    return [(label, str(value)) for label, value in facts if value]


def _age(person: Answer, band: str) -> str:
    estimate = person.get("age_estimate")
    return f"About {estimate}" if estimate is not None else words.begin(band)


def _coded(table: Mapping[str, codes.Coded], code: Any) -> str:
    known = table.get(str(code or ""))
    return known.title if known else str(code or "")


def _listed(*parts: Any) -> str:
    return ", ".join(str(part) for part in parts if part)


def _informed(form: Answer, case: Answer) -> str:
    """Whether the parents know: one answer, or one for each person."""
    told = form.get("parents_informed", case.get("parents_informed"))
    answers = {True: "Yes", False: "No"}
    if isinstance(told, bool):
        return answers[told]
    each = (
        f"{one.get('name') or one.get('person') or 'A parent'}: "
        f"{answers.get(one.get('informed'), 'Not known').lower()}"
        for one in told or ()
    )
    return ". ".join(each)
