"""Who and what a referral is about, as its page shows it: from the words that intake keeps and
the reasons that triage gives. What happened to it since is in happened.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts import codes
from services.console import asked, words
from services.console.marks import Mark, Segment, segments
from services.console.people import Answer, Child, form_of
from services.console.reads import Opened

AROUND = 60
"""How many characters around the words that a reason stands on are shown with it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a sign was seen. `quote` are the words, with some of what stands around them; `key`
    points to them, and `dismissed` says who found that they mean something else."""

    source: str
    where: str
    quote: tuple[Segment, ...]
    key: str = ""
    dismissed: str = ""


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
class File:
    """An attachment. `scanned`: a virus scanner passed it."""

    attachment_id: str
    name: str
    kind: str
    scanned: bool


def reasons(opened: Opened, people: Sequence[Child]) -> tuple[Reason, ...]:
    """The reasons for the suggestion, most serious first, numbered as they are marked."""
    suggestion = opened.case.data.get("suggestion", {})
    clauses = {clause["id"]: clause for clause in suggestion.get("clauses", ())}
    by_name, dismissed = written(opened), _dismissed(suggestion)
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
                evidence=tuple(_evidence(each, number, by_name, dismissed) for each in signs),
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
        for name, (title, text) in _sent(opened).items()
    )


def concerns(opened: Opened, people: Sequence[Child]) -> tuple[tuple[str, str], ...]:
    """What the referrer ticked: the concern, and how serious and about whom."""
    found = []
    for concern in form_of(opened).get("concerns", ()):
        about = [
            people[place].called for place in concern.get("children") or () if place < len(people)
        ]
        notes = [words.said(words.IMPACTS, concern.get("impact"))]
        notes.append("" if concern.get("current", True) else "In the past")
        notes.append(", ".join(about) or "Every child")
        found.append((words.said(codes.CONCERNS, concern["code"]), ". ".join(filter(None, notes))))
    return tuple(found)


def set_aside(opened: Opened) -> tuple[tuple[str, str], ...]:
    """What the referrer sent and could not be read as it stood: where it stood, and what it was."""
    values = form_of(opened).get("set_aside") or {}
    return tuple((words.pointed(pointer), str(value)) for pointer, value in values.items())


def files(opened: Opened) -> tuple[File, ...]:
    """What was attached. No rule reads it, so a person has to."""
    return tuple(
        File(
            str(one["id"]),
            one["name"],
            f"{str(one['kind']).upper()}, {_size(one['size'])}",
            bool(one["scanned"]),
        )
        for one in opened.files.items
    )


def would_change(opened: Opened) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What would change the suggested colour, in words: what is there and carries it, and what
    would raise it, together for each colour."""
    carries: list[str] = []
    raises: dict[str, list[str]] = {}
    for one in opened.case.data.get("suggestion", {}).get("would_change", ()):
        colour = words.said(words.RAG, one["rag"])
        if one["added"]:
            serious = " (serious)" if one.get("impact") == "serious" else ""
            raises.setdefault(colour, []).append(_fact(one).lower() + serious)
        else:
            carries.append(f"Without {_fact(one).lower()}: {colour}")
    return tuple(carries), tuple(f"{colour}, with {_any(of)}" for colour, of in raises.items())


def _fact(one: Answer) -> str:
    if one["kind"] == "concern":
        return words.said(codes.CONCERNS, one["code"])
    return str(one.get("title") or words.FACTS.get(one["kind"], words.sentence(one["kind"])))


def _any(of: Sequence[str]) -> str:
    found = list(dict.fromkeys(of))
    return found[0] if len(found) == 1 else f"any one of: {', '.join(found)}"


def _size(octets: int) -> str:
    if octets < 1_000_000:
        return f"{max(1, round(octets / 1_000))} kB"
    return f"{octets / 1_000_000:.1f} MB"


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


def _evidence(
    sign: Answer,
    number: int,
    texts_by_name: Mapping[str, tuple[str, str]],
    dismissed: Mapping[str, str],
) -> Evidence:
    title, text = texts_by_name.get(sign.get("text") or "", ("", ""))
    source = words.said(words.SOURCES, sign["source"])
    key = finding_key(sign)
    return Evidence(source, title, _quote(text, sign, number), key, dismissed.get(key, ""))


def finding_key(sign: Answer) -> str:
    """By which a page points to words that the reader found: codes and places, and none of them.
    Empty for what no words stand behind."""
    if not sign.get("text") or sign.get("start") is None:
        return ""
    return f"{sign['indicator']}|{sign['text']}|{sign['start']}|{sign['end']}"


def _dismissed(suggestion: Answer) -> dict[str, str]:
    return {
        finding_key(one): f"{one['by']} found otherwise: "
        f"{begin_small(words.said(words.DISMISSED_BECAUSE, one['because']))}"
        for one in suggestion.get("dismissed", ())
    }


def begin_small(text: str) -> str:
    """`text` as it goes on after a colon."""
    return text[:1].lower() + text[1:]


def written(opened: Opened) -> dict[str, tuple[str, str]]:
    """Every text by the name that readings and reasons give it, with its title: what the referrer
    wrote, and what agencies answered."""
    answers = {
        f"reply/{one['request_id']}": (
            f"Answer of {asked.of(one['of'])}",
            str(one["information"]),
        )
        for one in opened.checks.items
        if one.get("request_id") and one.get("information")
    }
    return {**_sent(opened), **answers}


def _sent(opened: Opened) -> dict[str, tuple[str, str]]:
    form = form_of(opened)
    found = {name: (words.TEXTS[name], str(form[name])) for name in words.TEXTS if form.get(name)}
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
