"""What the hub asked of agencies and what came back, and who disagrees with a decision, as the page
of a referral shows it.
"""

from dataclasses import dataclass
from datetime import datetime

from contracts import codes
from services.console import words
from services.console.people import Answer
from services.console.reads import Opened
from services.console.times import Due, due, moment

STATES = {"open": "Waiting for an answer", "answered": "Answered", "withdrawn": "Taken back"}
DISAGREEING = {"open": "The hub owes an answer", "answered": "Answered", "resolved": "Over"}
REFERRER = "referrer"


@dataclass(frozen=True, slots=True)
class Check:
    """One question to an agency, or to the referrer. `handling`: what the source lets be done with
    the answer; `due` is None once it is answered."""

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
    """One challenge to a decision, with what both sides wrote."""

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
            of=_of(one["of"]),
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
            title=f"Stage {one['stage']}: {one.get('stage_title') or 'disagreement'}",
            state=DISAGREEING.get(one["state"], words.sentence(one["state"])),
            due=_due(one, now),
            urgent=bool(one.get("immediate_risk")),
            said=_said(one, now),
        )
        for one in rows
    )


def _said(one: Answer, now: datetime) -> tuple[tuple[str, str], ...]:
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


def _of(code: str) -> str:
    return "The referrer" if code == REFERRER else words.said(codes.AGENCIES, code)


def _handling(code: str | None) -> str:
    known = codes.HANDLING.get(code or "")
    return known.title if known else words.sentence(code or "")
