"""What askers and the hub are told of a question."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic_core import from_json

from chassis.http import paging
from policy.pack import Pack
from policy.working_time import is_open, opens_next
from services.intake.consultations import domain
from services.intake.consultations.domain import Consultation


def told(one: Consultation, pack: Pack) -> dict[str, Any]:
    """What both the asker and the hub know. No colour and no level: only that something has to
    be referred now is ever said of either."""
    here = f"/v1/consultations/{one.consultation_id}"
    return {
        "id": one.consultation_id,
        "authority": one.authority,
        "state": one.state,
        "asked_at": one.asked_at,
        "due_at": one.due_at,
        "explanation": one.explanation,
        "concerns": one.concerns,
        "clauses": [
            {"id": clause.id, "title": clause.title, "text": clause.text}
            for clause in (pack.clauses[code] for code in one.clauses if code in pack.clauses)
        ],
        "refer_now": one.refer is not None,
        "refer_because": one.refer,
        "what_to_do": _what_to_do(one, pack),
        "answered_at": one.answered_at,
        "answer_clauses": one.answer_clauses,
        "answer_refer": one.answer_refer,
        "draft_id": one.draft_id,
        "links": {"self": here, "referral": f"{here}/referral"},
    }


WAITS = "A practitioner answers. You need no answer first."
ADVICE = (
    "This is advice, and no decision about a child: if you are worried, send a referral now, or ring "
    "{phone}."
)


def _what_to_do(one: Consultation, pack: Pack) -> str:
    if one.refer:
        return domain.REFER
    advice = ADVICE.format(phone=pack.messages.phone)
    return f"{advice} {WAITS}" if one.state is domain.State.ASKED else advice


def written(words: Mapping[str, str]) -> Mapping[str, Any]:
    return {
        "question": words.get("question"),
        "asker": from_json(words["asker"]) if "asker" in words else None,
        "answer": words.get("answer"),
        "answerer": from_json(words["answerer"]) if "answerer" in words else None,
    }


def helped(one: Consultation, now: datetime) -> Mapping[str, Any] | None:
    """Whether whoever asked is asked after the help that the answer names, and what they said."""
    if one.help_ask_at is None:
        return None
    return {
        "ask_at": one.help_ask_at,
        "asked": one.help_is_asked(now),
        "answer": one.help_answer,
    }


def closed(pack: Pack, now: datetime) -> Mapping[str, Any]:
    if is_open(pack.calendar, now):
        return {}
    return {
        "out_of_hours": {
            "detail": "The hub is closed. If a child is in danger now, ring 999.",
            "emergency_phone": pack.messages.emergency_phone,
            "police_phone": pack.messages.police_phone,
            "opens_at": opens_next(pack.calendar, now),
        }
    }


def page(found: list[Consultation], most: int, place: Any) -> dict[str, Any]:
    page = found[:most]
    more = len(found) > most
    return {
        "items": [
            {
                "id": one.consultation_id,
                "authority": one.authority,
                "state": one.state,
                "asked_at": one.asked_at,
                "due_at": one.due_at,
                "answered_at": one.answered_at,
                "refer_now": one.refer is not None,
                "concerns": one.concerns,
                "help_answer": one.help_answer,
            }
            for one in page
        ],
        "next": paging.encode(place(page[-1])) if more else None,
    }
