"""What the hub asked of agencies and what came back, what was talked about, and who disagrees with a
decision, as the page of a referral shows it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts import codes
from services.console import words
from services.console.people import Answer, Child, day
from services.console.reads import Opened
from services.console.times import Due, due, moment

STATES = {"open": "Waiting for an answer", "answered": "Answered", "withdrawn": "Taken back"}
DISAGREEING = {"open": "The hub owes an answer", "answered": "Answered", "resolved": "Over"}
REFERRER = "referrer"


@dataclass(frozen=True, slots=True)
class Check:
    """One question to an agency, or to the referrer. `handling`: what the source lets be done with
    the answer; `due` is None once it is answered; `waits`: it can be answered or taken back."""

    request_id: str
    waits: bool
    of: str
    state: str
    due: Due | None
    need: str
    shared: str
    information: str
    handling: str
    conditions: str
    by: str
    nothing_known: bool


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One challenge to a decision, with what both sides wrote. `waits`: the hub owes an answer;
    `over`: nothing more comes of it."""

    disagreement_id: str
    waits: bool
    over: bool
    title: str
    state: str
    due: Due | None
    urgent: bool
    said: tuple[tuple[str, str], ...]


def checks(opened: Opened, now: datetime) -> tuple[Check, ...]:
    """Everything that was asked, what still waits first."""
    rows = sorted(opened.checks.items, key=lambda one: one["state"] != "open")
    return tuple(
        Check(
            request_id=str(one.get("request_id") or ""),
            waits=one["state"] == "open",
            of=of(one["of"]),
            state=STATES.get(one["state"], words.sentence(one["state"])),
            due=_due(one, now),
            need=one.get("need") or "",
            shared=one.get("shared") or "",
            information=one.get("information") or "",
            handling=_handling(one.get("handling")),
            conditions=one.get("conditions") or "",
            by=one.get("answered_by") or "",
            nothing_known=bool(one.get("nothing_known")),
        )
        for one in rows
    )


def disagreements(opened: Opened, now: datetime) -> tuple[Disagreement, ...]:
    """Every challenge, what still runs first."""
    rows = sorted(opened.disagreements.items, key=lambda one: one["state"] == "resolved")
    return tuple(
        Disagreement(
            disagreement_id=str(one.get("disagreement_id") or ""),
            waits=one["state"] == "open",
            over=one["state"] == "resolved",
            title=f"Stage {one['stage']}: {one.get('stage_title') or 'disagreement'}",
            state=DISAGREEING.get(one["state"], words.sentence(one["state"])),
            due=_due(one, now),
            urgent=bool(one.get("immediate_risk")),
            said=said(one, now),
        )
        for one in rows
    )


@dataclass(frozen=True, slots=True)
class Discussion:
    """A discussion that was held, with who took part and what was agreed for each child."""

    title: str
    note: str
    there: tuple[str, ...]
    told: tuple[tuple[str, str], ...]


DISCUSSIONS = {
    "hub": "Hub discussion",
    "strategy": "Strategy discussion",
    "domestic_abuse_triage": "Domestic abuse triage",
}
ENQUIRIES = {
    "single": "An enquiry under section 47, by social care alone.",
    "joint": "An enquiry under section 47, together with the police.",
}


def discussions(opened: Opened, people: Sequence[Child], now: datetime) -> tuple[Discussion, ...]:
    """Every discussion that was recorded, the latest first."""
    names = {child.child_id: child.called for child in people}
    return tuple(
        Discussion(
            title=DISCUSSIONS.get(one["kind"], words.sentence(one["kind"])),
            note=f"{moment(datetime.fromisoformat(one['held_at']), now)}, recorded by {one['by']}",
            there=tuple(_there(who) for who in one.get("attended", ())),
            told=tuple(_talked(one, names)),
        )
        for one in opened.discussions.items
    )


def _there(who: Answer) -> str:
    known = codes.ATTENDERS.get(who["agency"])
    agency = known.title if known else words.sentence(who["agency"])
    person = ", ".join(filter(None, (who.get("name"), who.get("role"))))
    return f"{agency}: {person}" if person else agency


def _talked(one: Answer, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield "Shared", one.get("shared") or ""
    for child in one.get("children", ()):
        enquiry = ENQUIRIES.get(child.get("enquiry") or "", "")
        name = names.get(str(child["child_id"]), "a child")
        yield f"Agreed for {name}", " ".join(filter(None, (child["agreed"], enquiry)))
    if one.get("safety_plan"):
        yield "What keeps the children safe", one["safety_plan"]
    if one.get("safe_contact"):
        yield "Safe contact", one["safe_contact"]
    if one.get("marac") is not None:
        yield "MARAC", "Yes" if one["marac"] else "No"
    if one.get("next_on"):
        yield "Next", day(one["next_on"])


def said(one: Answer, now: datetime) -> tuple[tuple[str, str], ...]:
    """What both sides of a disagreement wrote, in the order of stages."""
    by = f" by {one['raised_by']}" if one.get("raised_by") else ""
    when = f", {moment(datetime.fromisoformat(one['raised_at']), now)}" if one["raised_at"] else ""
    found = [(f"Raised{by}{when}", one.get("because") or "")]
    found += [
        (f"Taken to stage {further['stage']}", further.get("because") or "")
        for further in one.get("taken_further", ())
    ]
    found += [
        (
            f"The hub's answer at stage {answer['stage']}, {_outcome(answer)}",
            answer.get("words") or "",
        )
        for answer in one.get("answers", ())
    ]
    return tuple(found)


def _outcome(answer: Answer) -> str:
    return words.sentence(str(answer["outcome"])).lower()


def _due(one: Answer, now: datetime) -> Due | None:
    if one["state"] != "open" or not one.get("due_at"):
        return None
    return due(datetime.fromisoformat(one["due_at"]), now)


def of(code: str) -> str:
    """Who was asked, in words."""
    return "The referrer" if code == REFERRER else words.said(codes.AGENCIES, code)


def _handling(code: str | None) -> str:
    known = codes.HANDLING.get(code or "")
    return known.title if known else words.sentence(code or "")
