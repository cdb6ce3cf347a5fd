"""One referral as its page shows it, put together from what each service said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from contracts import codes
from services.console import words
from services.console.marks import Mark, Segment, segments
from services.console.reads import Opened
from services.console.store.queue import Line
from services.console.times import Due, due, moment, stamp

Answer = Mapping[str, Any]

TEXTS = ("narrative", "going_well", "child_voice", "work_already_tried", "reason_not_informed")
AROUND = 60


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a rating was suggested. `quote` are the words, with some of what stands around them."""

    number: int
    title: str
    level: int
    source: str
    clause_id: str
    clause_title: str
    clause_text: str
    whom: str
    hard: bool
    quote: tuple[Segment, ...]
    where: str


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


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock with its explanation."""

    title: str
    state: str
    words: str
    due: Due | None
    when: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the timeline, or one message."""

    title: str
    when: str
    note: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided, with the words that they wrote."""

    title: str
    by: str
    when: str
    rag: str
    children: tuple[tuple[str, str, str], ...]
    rationale: str
    analysis: str
    clauses: tuple[tuple[str, str], ...]
    no_clause: str
    lowered: str
    actions: tuple[tuple[str, str], ...]


def children(opened: Opened) -> tuple[Child, ...]:
    """The children, in the order in which they stand on the form."""
    on_form = {_id(child): child for child in _form(opened).get("children", ())}
    in_case = {str(child["child_id"]): child for child in opened.case.data.get("children", ())}
    found = []
    for number, child_id in enumerate(on_form or in_case, start=1):
        person, rated = on_form.get(child_id, {}), in_case.get(child_id, {})
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
    for number, reason in enumerate(_ordered(opened), start=1):
        clause = clauses.get(reason["clause"], {})
        name = reason.get("text") or ""
        title, text = written.get(name, ("", ""))
        found.append(
            Reason(
                number=number,
                title=reason.get("title") or words.sentence(reason["indicator"]),
                level=reason["level"],
                source=words.said(words.SOURCES, reason["source"]),
                clause_id=reason["clause"],
                clause_title=clause.get("title", ""),
                clause_text=clause.get("text", ""),
                whom=_whom(reason.get("children") or (), people),
                hard=bool(reason.get("hard")),
                quote=_quote(text, reason, number),
                where=title,
            )
        )
    return tuple(found)


def texts(opened: Opened) -> tuple[Text, ...]:
    """Everything that was written, with the words marked that a reason stands on."""
    marks: dict[str, list[Mark]] = {}
    for number, reason in enumerate(_ordered(opened), start=1):
        if reason.get("text") and reason.get("start") is not None:
            mark = Mark(reason["start"], reason["end"], number, reason["level"])
            marks.setdefault(reason["text"], []).append(mark)
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
        about = [people[place].called for place in concern.get("children") or () if place < len(people)]
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
        notes.append(f"Born {_day(person['date_of_birth'])}" if person.get("date_of_birth") else "")
        notes.append("Parental responsibility" if person.get("parental_responsibility") else "")
        found.append((str(person.get("name") or "Name not given"), ". ".join(filter(None, notes))))
    return tuple(found)


def referrer(opened: Opened) -> tuple[tuple[str, str], ...]:
    """Who referred, and what they say about sharing and agreement."""
    form, case = _form(opened), opened.case.data
    person = form.get("referrer", {})
    agency = person.get("agency") or case.get("source_agency")
    informed = form.get("parents_informed", case.get("parents_informed"))
    facts = [
        ("Referrer", ", ".join(filter(None, (person.get("name"), person.get("role"))))),
        ("Agency", ", ".join(filter(None, (words.said(codes.AGENCIES, agency), person.get("organisation"))))),
        ("Email", person.get("email")),
        ("Telephone", person.get("phone")),
        ("Asks for", words.said(words.REQUESTS, form.get("request") or case.get("request"))),
        ("Their own level", case.get("referrer_level") and f"Level {case['referrer_level']}"),
        ("Parents told", {True: "Yes", False: "No"}.get(informed) if isinstance(informed, bool) else ""),
        ("Agreement", words.said(words.AGREEMENT, case.get("agreement"))),
        ("Their reference", form.get("your_reference")),
    ]
    return tuple((label, str(value)) for label, value in facts if value)


def clocks(
    opened: Opened, titles: Mapping[str, str], now: datetime
) -> tuple[Clock, ...]:
    """The clocks: those that run first, the soonest on top. `titles` are the pack's."""
    found = []
    for clock in sorted(opened.clocks.items, key=_clock_order):
        counting = clock["state"] in COUNTING
        due_at = _time(clock["due_at"])
        found.append(
            Clock(
                title=words.said(titles, clock["name"]),
                state=clock["state"],
                words=words.said(words.CLOCK_STATES, clock["state"]),
                due=due(due_at, now) if counting else None,
                when=f"Due {moment(due_at, now)}",
                explanation=clock.get("explanation") or "",
            )
        )
    return tuple(found)


def allocations(opened: Opened, teams: Mapping[str, str]) -> tuple[Told, ...]:
    """Who has, or had, the work, and by which rule. `teams` are the pack's names."""
    found = []
    for held in opened.allocations.items:
        to = words.said(words.ASSIGNEES, held.get("kind"))
        name = words.said(teams, str(held.get("assignee") or ""))
        state = words.said(words.ALLOCATION_STATES, held.get("state"))
        why = held.get("reason") or (held.get("rule") and f"Rule: {words.sentence(held['rule'])}")
        found.append(Told(name, f"{state} ({to})", str(why or "")))
    return tuple(found)


def messages(opened: Opened, now: datetime) -> tuple[Told, ...]:
    """What was sent to whom, and whether it arrived."""
    found = []
    for message in opened.messages.items:
        at = message.get("sent_at") or message.get("created_at") or message.get("updated_at")
        state = words.said(words.MESSAGE_STATES, message.get("state"))
        note = " to ".join(filter(None, (state, words.said({}, message.get("audience")).lower())))
        kind = words.said(words.MESSAGES, message.get("kind"))
        found.append(Told(kind, moment(_time(at), now) if at else "", note))
    return tuple(found)


def decisions(opened: Opened, people: Sequence[Child]) -> tuple[Decision, ...]:
    """What people decided, latest first."""
    names = {child.child_id: child.called for child in people}
    found = []
    for made in reversed(opened.case.data.get("decisions", ())):
        found.append(
            Decision(
                title=words.said(words.DECISIONS, made["kind"]),
                by=f"{made['by']}, {words.sentence(made['role']).lower()}",
                when=stamp(_time(made["decided_at"])),
                rag=made["rag"],
                children=tuple(
                    (
                        names.get(str(child["child_id"]), ""),
                        child["rag"],
                        words.said(words.OUTCOMES, child["outcome"]),
                    )
                    for child in made.get("children") or ()
                ),
                rationale=made.get("rationale") or "",
                analysis=made.get("analysis") or "",
                clauses=tuple(
                    (clause["id"], clause["title"]) for clause in made.get("clauses") or ()
                ),
                no_clause=made.get("no_clause_because") or "",
                lowered=made.get("lowered_because") or "",
                actions=tuple(_action(action) for action in made.get("actions") or ()),
            )
        )
    return tuple(found)


def timeline(lines: Sequence[Line], now: datetime) -> tuple[Told, ...]:
    """What happened, latest first."""
    return tuple(
        Told(words.said(words.EVENTS, line.kind), moment(line.at, now), _line_note(line, now))
        for line in lines
    )


COUNTING = ("running", "breached", "warned")


def _form(opened: Opened) -> Answer:
    form: Answer = opened.form.data.get("form") or {}
    return form


def _ordered(opened: Opened) -> list[Answer]:
    found = opened.case.data.get("suggestion", {}).get("reasons", ())
    return sorted(found, key=lambda reason: (-reason["level"], not reason.get("hard")))


def _written(opened: Opened) -> dict[str, tuple[str, str]]:
    """Every text by the name that readings and reasons give it, with its title."""
    form = _form(opened)
    found = {
        name: (words.TEXTS[name], str(form[name])) for name in TEXTS if form.get(name)
    }
    for place, concern in enumerate(form.get("concerns", ())):
        if concern.get("detail"):
            title = words.said(codes.CONCERNS, concern["code"])
            found[f"concerns/{place}/detail"] = (title, str(concern["detail"]))
    for later in opened.form.data.get("information", ()):
        told = str(later.get("content") or later.get("text") or "")
        if told:
            found[str(later.get("name") or later.get("id"))] = ("Further information", told)
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


def _whom(ids: Sequence[Any], people: Sequence[Child]) -> str:
    if not ids or len(ids) >= len(people):
        return "Every child" if len(people) > 1 else ""
    wanted = {str(child_id) for child_id in ids}
    return ", ".join(child.called for child in people if child.child_id in wanted)


def _id(child: Answer) -> str:
    return str(child.get("child_id") or child.get("id") or "")


def _name(person: Answer) -> str:
    parts = (person.get("given_name"), person.get("family_name"))
    return " ".join(str(part) for part in parts if part)


def _child_facts(person: Answer, rated: Answer) -> list[tuple[str, str]]:
    band = words.AGE_BANDS.get(rated.get("age_band") or "", "")
    address = person.get("address") or {}
    where = [*(address.get("lines") or ()), address.get("postcode")]
    facts = [
        ("Born", _day(person["date_of_birth"]) if person.get("date_of_birth") else ""),
        (
            "Expected",
            _day(person["expected_date_of_delivery"])
            if person.get("expected_date_of_delivery")
            else "",
        ),
        ("Age", band.capitalize()),
        ("Also known as", ", ".join(person.get("also_known_as") or ())),
        ("Sex", words.SEXES.get(str(person.get("sex") or ""), "")),
        ("Address", ", ".join(str(line) for line in where if line)),
        ("School", person.get("school")),
        ("NHS number", person.get("nhs_number")),
        ("UPN", person.get("upn")),
    ]
    return [(label, str(value)) for label, value in facts if value]


def _action(action: Answer) -> tuple[str, str]:
    by = action.get("by")
    owner = str(action.get("owner") or "")
    return str(action.get("action") or ""), f"{owner}, by {_day(by)}" if by else owner


def _clock_order(clock: Answer) -> tuple[bool, str]:
    return clock["state"] not in (*COUNTING, "paused"), str(clock["due_at"])


def _line_note(line: Line, now: datetime) -> str:
    said = line.codes
    notes: list[str] = []
    if "rag" in said:
        notes.append(words.said(words.RAG, said["rag"]))
    if said.get("previous") and said["previous"] != said.get("rag"):
        notes.append(f"before: {words.said(words.RAG, said['previous'])}")
    if said.get("suggested") and said["suggested"] != said.get("rag"):
        notes.append(f"suggested: {words.said(words.RAG, said['suggested'])}")
    notes += [words.said(words.OUTCOMES, outcome) for outcome in said.get("outcomes", ())]
    if said.get("clock"):
        notes.append(words.said(words.CLOCKS, said["clock"]))
        if said.get("due_at"):
            notes.append(f"due {moment(_time(said['due_at']), now)}")
    if said.get("to"):
        notes.append(f"to {words.said(words.ASSIGNEES, said['to'])}")
    if line.kind.startswith("message."):
        notes.append(words.said(words.MESSAGES, said.get("kind")))
        notes.append(words.said({}, said.get("audience")).lower())
    if said.get("role"):
        notes.append(f"by {words.said(words.ROLES, said['role'])}")
    if said.get("source_agency"):
        notes.append(words.said(codes.AGENCIES, said["source_agency"]))
    if said.get("reason"):
        notes.append(words.sentence(str(said["reason"])).lower())
    return ", ".join(filter(None, notes))


def _time(said: str | datetime) -> datetime:
    at = said if isinstance(said, datetime) else datetime.fromisoformat(said)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _day(said: str | date) -> str:
    try:
        day = said if isinstance(said, date) else date.fromisoformat(said[:10])
    except ValueError:
        return str(said)
    return f"{day.day} {day:%B %Y}"
