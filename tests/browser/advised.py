"""What the other services say of local services, and of advice that named one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

INSIDE = "/internal/v1/intake/web"
TALKING: Mapping[str, Any] = {
    "id": str(UUID(int=560)),
    "name": "Talking Place",
    "organisation": "Mock Trust",
    "description": "Talking for children who grieve.",
    "area": "Invented ward",
    "minimum_age": 8,
    "maximum_age": 17,
    "how_to_join": "Ring, or write; a parent or the child.",
    "telephone": "01632 960333",
    "email": None,
    "url": None,
    "needs": ["bereavement"],
    "checked_on": "2026-02-01",
    "open": True,
    "stale": False,
    "warning": None,
}
CLOSED = {**TALKING, "id": str(UUID(int=561)), "name": "Old Club", "open": False}
FOUND = {"items": [TALKING, CLOSED], "area_known": True}
ADVISED: Mapping[str, Any] = {
    "state": "answered",
    "due_at": "2026-02-06T09:00:00+00:00",
    "refer_now": False,
    "what_to_do": "This is advice, and no decision about a child.",
    "clauses": [],
    "question": "A girl of nine grieves for her mother.",
    "answer": "They know how to talk with her.",
    "answerer": {"signed_name": "Ada Testwell", "signed_role": "Social worker", "telephone": None},
    "answer_clauses": ["2.4"],
    "answer_refer": False,
    "services": [TALKING],
    "help": {"ask_at": "2026-03-04T09:00:00+00:00", "asked": True, "answer": None},
}
TAKEN: Mapping[str, tuple[str, str, Any]] = {
    "advice-opened": ("POST", f"{INSIDE}/consultations:opened", ADVISED),
    "advice-helped": ("POST", f"{INSIDE}/consultations:helped", {}),
}
