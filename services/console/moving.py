"""How the work on a referral moved, and what agencies were asked to do, as pages show it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from contracts import codes
from services.console import words
from services.console.opened import begin_small
from services.console.recording.leading import WHY
from services.console.times import day, moment

Answer = Mapping[str, Any]

GIVEN_BACK: Final = (
    ("threshold_not_met", "The threshold is not met"),
    ("need_too_high", "The need is too high for the receiver"),
    ("agreement_missing", "The family has not agreed"),
    ("information_missing", "Something that has to be known is missing"),
    ("other", "Another reason"),
)
"""Why a receiver gives a case back."""
_STATES: Final = {
    "asked": "Asked, not answered yet",
    "accepted": "Taken on",
    "returned": "Given back",
}
ACTION_STATES: Final = {
    "asked": "Asked, not accepted yet",
    "accepted": "Accepted",
    "declined": "Declined",
    "done": "Done",
}


@dataclass(frozen=True, slots=True)
class Moved:
    """One move. `to_id`: the work that waits for its receiver, who may give it back."""

    title: str
    state: str
    why: str
    note: str
    answer: str
    answer_note: str
    when: str
    to_id: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One action that an agency was asked for."""

    title: str
    of: str
    state: str
    text: str
    note: str
    overdue: bool
    by: str


def shown(data: Answer, now: datetime) -> Mapping[str, Any]:
    """What a referral's page shows of it. `steps_waiting`: work whose receiver may give it back."""
    moved = moves(data.get("steps", ()), now)
    return {
        "moves": moved,
        "steps_waiting": {one.to_id for one in moved if one.to_id},
        "actions_asked": actions(data.get("actions", ())),
    }


def moves(steps: Iterable[Answer], now: datetime) -> tuple[Moved, ...]:
    """Steps and transfers, the latest first."""
    return tuple(_moved(one, now) for one in reversed(list(steps)))


def actions(found: Iterable[Answer]) -> tuple[Asked, ...]:
    """What agencies were asked to do, the latest first."""
    return tuple(
        Asked(
            title=help_of(one.get("kind")),
            of=of(one),
            state=words.said(ACTION_STATES, one["state"]),
            text=one.get("text") or "",
            note=one.get("note") or "",
            overdue=bool(one.get("overdue")),
            by=day(one["by"]),
        )
        for one in reversed(list(found))
    )


def help_of(kind: str | None) -> str:
    """What kind of help is asked for. What a panel asked for before it had to say has none."""
    known = codes.HELP.get(kind or "")
    return known.title if known else "An action of a panel"


def of(one: Answer) -> str:
    """Who is asked: somebody there, or the agency."""
    agency = words.said(codes.AGENCIES, one["owner"])
    return ", ".join(filter(None, (one.get("worker_name"), agency)))


def _moved(one: Answer, now: datetime) -> Moved:
    back = one["state"] == "returned"
    at = one["answered_at"] or one["asked_at"]
    return Moved(
        title=_title(one),
        state=words.said(_STATES, one["state"]),
        why=begin_small(words.said(dict(WHY), one["reason"])),
        note=one.get("note") or "",
        answer=begin_small(words.said(dict(GIVEN_BACK), one.get("answer"))) if back else "",
        answer_note=one.get("answer_note") or "",
        when=moment(datetime.fromisoformat(at), now),
        to_id=str(one["to_id"]) if one["state"] == "asked" and one.get("to_id") else "",
    )


def _title(one: Answer) -> str:
    if one["direction"] == "away":
        return f"To {words.sentence((one.get('to_authority') or '').replace('-', '_'))}"
    if one["direction"] == "down":
        return "Step down"
    return "Step up" if one["planned"] else "Step up, at once"
