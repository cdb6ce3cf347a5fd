"""The chronology of a family on one page: births, referrals, decisions and who worked with them,
in the order in which they happened. From the story that intake tells and what happened here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts import codes
from services.console import words
from services.console.people import Answer, day, form_of
from services.console.reads import Opened
from services.console.store.queue import Line
from services.console.times import LONDON, stamp

TOLD = frozenset(
    {
        "referral.submitted", "referral.updated", "referral.withdrawn", "referral.transferred",
        "triage.rated", "triage.information_received", "triage.rerated", "triage.withdrawn",
        "disagreement.raised", "disagreement.resolved", "allocation.accepted",
        "allocation.declined", "panel.concluded", "case.milestone_recorded", "case.stepped_up",
        "case.stepped_down", "case.closed", "clock.breached",
    }
)  # fmt: skip
"""What of a timeline belongs in a chronology; decisions come with their words from triage."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line. `order` sorts; `here`: it belongs to this referral. `sure` is False where nobody
    has confirmed yet that it is about the same person."""

    order: str
    when: str
    title: str
    note: str
    referral_id: str = ""
    reference: str = ""
    here: bool = False
    sure: bool = True


def chronology(
    opened: Opened, lines: Sequence[Line], notes: Sequence[str]
) -> tuple[Happening, ...]:
    """Everything that is known of the family, earliest first. `notes` say what each of `lines`
    holds, in their order."""
    found = [
        *_births(form_of(opened)),
        *_others(opened.story.data),
        *_here(lines, notes),
        *_decisions(opened.case.data),
    ]
    return tuple(sorted(found, key=lambda one: one.order))


def _births(form: Answer) -> Iterator[Happening]:
    household = (person for person in form.get("household", ()) if person.get("child_id"))
    for person in (*form.get("children", ()), *household):
        name = " ".join(
            str(person[part]) for part in ("given_name", "family_name") if person.get(part)
        ) or str(person.get("name") or "A child")
        born, expected = person.get("date_of_birth"), person.get("expected_date_of_delivery")
        if born:
            yield Happening(str(born), day(born), f"{name} born", "")
        elif expected:
            yield Happening(str(expected), day(expected), f"{name} expected to be born", "")


def _others(told: Answer) -> Iterator[Happening]:
    for one in (*told.get("earlier", ()), *told.get("later", ())):
        sure = one["state"] == "linked"
        agency = codes.AGENCIES.get(one["source_agency"], "")
        through = "a child" if "child" in one["through"] else "an adult of the household"
        worker = one.get("worker") if one.get("open") else None
        held = f". Still open, with {words.said(words.ASSIGNEES, worker['kind'])}" if worker else ""
        from_whom = agency.lower() or "another source"
        note = f"From {from_whom}, about {through} of this referral{held}"
        yield _at(one["received_at"], "Referral received", note, one, sure)
        decision = one.get("decision")
        if decision:
            outcomes = dict.fromkeys(
                words.said(words.OUTCOMES, child["outcome"]) for child in decision["outcomes"]
            )
            title = f"Decided {words.said(words.RAG, decision['rag'])}"
            yield _at(decision["decided_at"], title, ", ".join(outcomes), one, sure)
        if one.get("closed_at") and not (decision and decision["decided_at"] == one["closed_at"]):
            yield _at(one["closed_at"], "Closed", "", one, sure)


def _here(lines: Sequence[Line], notes: Sequence[str]) -> Iterator[Happening]:
    for line, note in zip(lines, notes, strict=True):
        if line.kind in TOLD:
            yield Happening(
                f"{line.at.isoformat()} {line.number:06}",
                stamp(line.at),
                words.said(words.EVENTS, line.kind),
                words.begin(note),
                here=True,
            )


def _decisions(case: Answer) -> Iterator[Happening]:
    for made in case.get("decisions", ()):
        at = datetime.fromisoformat(made["decided_at"])
        outcomes = dict.fromkeys(
            words.said(words.OUTCOMES, child["outcome"]) for child in made.get("children") or ()
        )
        told = ". ".join(filter(None, (", ".join(outcomes), made.get("rationale"))))
        title = f"{words.said(words.DECISIONS, made['kind'])}: {words.said(words.RAG, made['rag'])}"
        yield Happening(at.isoformat(), stamp(at), title, told, here=True)


def _at(said: str, title: str, note: str, one: Any, sure: bool) -> Happening:
    at = datetime.fromisoformat(said)
    return Happening(
        order=at.isoformat(),
        when=stamp(at.astimezone(LONDON)),
        title=title,
        note=note,
        referral_id=str(one["referral_id"]),
        reference=one["reference"],
        sure=sure,
    )
