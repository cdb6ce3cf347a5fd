"""Which message a decision would make that nobody has recorded yet, and what it would be about. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from contracts.events import ContinuedBecause, Rag
from policy.pack import Pack
from services.notifications.domain import Audience, Case, Kind, Message, State
from services.notifications.reads import Action, Clause, DecidedChild, Decision

NOBODYS: Final = UUID(int=0)
# The last part of links that lead nowhere yet.
LINK: Final = "preview"
_ORDER: Final = (Rag.NONE, Rag.GREEN, Rag.AMBER, Rag.RED)


class What(StrEnum):
    """What is about to be recorded."""

    DECISION = "decision"
    RATING = "rating"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision, a rating or the conclusion of a withdrawal, as somebody is about to record it. `rag`
    is the referral's colour once it is; `close` belongs to a withdrawal."""

    what: What
    rationale: str
    rag: Rag | None = None
    close: bool = False
    children: tuple[DecidedChild, ...] = ()
    clauses: tuple[str, ...] = ()
    no_clause_because: str | None = None
    actions: tuple[Action, ...] = ()


def message_of(
    case: Case, draft: Draft, earlier: Sequence[Decision], now: datetime
) -> Message | None:
    """The message that the draft would make; None where the referrer would not be written to: a
    rating before there is a decision is not theirs, nor a later one the public's. `earlier` are the
    decisions that may be told."""
    details: dict[str, str] = {}
    match draft.what:
        case What.DECISION:
            kind = Kind.DECISION
        case What.RATING:
            if not case.decided or case.public or not earlier:
                return None
            kind = Kind.RERATING
            last = max(earlier, key=lambda one: one.decided_at)
            details = {"previous": last.rag, "rag": _colour(draft)}
        case What.WITHDRAWAL:
            kind = Kind.CLOSURE if draft.close else Kind.CONTINUATION
            reason = ContinuedBecause.DECIDED if case.decided else ContinuedBecause.TO_BE_DECIDED
            details = {} if draft.close else {"reason": reason}
    return Message(
        message_id=NOBODYS,
        kind=kind,
        audience=Audience.REFERRER,
        cause=NOBODYS,
        state=State.QUEUED,
        queued_at=now,
        due_at=now,
        about=NOBODYS,
        details=details,
    )


def decision_of(case: Case, draft: Draft, pack: Pack, now: datetime) -> Decision:
    """The draft as it would be read once it is recorded, by the guidance in force. A clause that the
    guidance does not have is left out: it cannot be recorded."""
    clauses = [pack.clauses[code] for code in draft.clauses if code in pack.clauses]
    return Decision(
        decision_id=NOBODYS,
        referral_id=case.referral_id,
        rag=_colour(draft),
        level=max((clause.level for clause in clauses), default=None),
        children=draft.children,
        rationale=draft.rationale,
        clauses=tuple(
            Clause(id=clause.id, title=clause.title, version=pack.version) for clause in clauses
        ),
        no_clause_because=draft.no_clause_because,
        actions=draft.actions,
        decided_at=now,
        disagree_token=LINK,
    )


def _colour(draft: Draft) -> Rag:
    if draft.rag is not None:
        return draft.rag
    return max((child.rag for child in draft.children), key=_ORDER.index, default=Rag.NONE)
