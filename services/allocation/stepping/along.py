"""What goes along when a case goes to another authority of the installation: what it is asked to take,
and, once it has accepted, a referral of its own."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import httpx2

from chassis.errors import Unavailable
from services.allocation.case_system import port
from services.allocation.domain import Case
from services.allocation.domain.case import Note
from services.allocation.domain.helping import Step
from services.allocation.leading.family import parts
from services.allocation.story import said

SECONDS: Final = 30.0
"""As long as copying the files of a referral may take; what was not done goes on when asked again."""
PURPOSE: Final = "transfer"
TEXTS: Final = (
    "narrative",
    "going_well",
    "child_voice",
    "history",
    "work_already_tried",
    "what_should_happen",
)
REACHED: Final = {
    "first_contact": "First contact with the family",
    "meeting": "Meeting of the team around the child",
    "review": "Review of the plan",
}
PAPERS: Final = {"assessment": "Early help assessment", "plan": "Plan"}


async def words(reads: httpx2.AsyncClient, case: Case) -> Mapping[str, Any]:
    """What the receiver reads before it says yes: who they are, what was told and decided. Nothing
    of who is said to have done harm, nor a confidential address: those come with the referral.
    Raises Unavailable."""
    found = await port.words(reads, case.referral_id, PURPOSE)
    form = found.referral.get("form") if found else None
    if found is None or form is None:
        return {"form": None, "later": [], "decisions": []}
    texts = {name: form[name] for name in TEXTS if form.get(name)}
    return {
        "form": {**parts(form, case.children, taken=True), **texts},
        "later": found.referral.get("later", []),
        "decisions": found.decided.get("decisions", []),
    }


async def hand_on(
    reads: httpx2.AsyncClient, step: Step, case: Case, notes: Sequence[Note]
) -> tuple[UUID, str]:
    """Let intake give the receiver a referral of its own: its id and reference. Asked again, it is
    the same one. Raises Unavailable."""
    body = {
        "transfer_id": str(step.step_id),
        "referral_id": str(case.referral_id),
        "to": step.to,
        "work": "\n\n".join(work(case, notes)),
    }
    try:
        answer = await reads.post("/internal/v1/intake/transfers", json=body, timeout=SECONDS)
        answer.raise_for_status()
    except httpx2.HTTPError as fault:
        raise Unavailable("intake_away", "The referral cannot be handed on now.") from fault
    told = answer.json()
    return UUID(told["referral_id"]), str(told["reference"])


def work(case: Case, notes: Sequence[Note]) -> Iterator[str]:
    """What was done for the family, in words: contact, meetings, reviews, and the live papers."""
    for one in case.milestones:
        if one.milestone in REACHED:
            text = said(notes, one.milestone_id, one.milestone) or _kept(one.kept_as)
            yield _line(REACHED[one.milestone], one.on, text)
    for paper in case.papers:
        if not paper.replaced:
            text = said(notes, paper.paper_id, paper.kind) or _kept(paper.kept_as)
            yield _line(f"{PAPERS[paper.kind]}, version {paper.version}", paper.on, text)


def _kept(kept_as: str | None) -> str | None:
    return f"kept as {kept_as}" if kept_as else None


def _line(title: str, on: date, text: str | None) -> str:
    head = f"{title}, {on.day} {on:%B %Y}"
    return f"{head}: {text}" if text else f"{head}."
