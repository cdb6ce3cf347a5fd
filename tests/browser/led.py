"""What allocation, notifications and triage say of somebody's work and of a shift."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.browser.samples import SAMPLES

WORK_ID, ASKED_ID = UUID(int=521), UUID(int=531)
REFERRAL = str(SAMPLES[0].referral_id)
NIGHT_ID = str(UUID(int=522))
UNTOLD_ID = str(UUID(int=523))
TRANSFER_ID = str(UUID(int=524))
NOW = datetime.now(UTC)
EARLIER, LATER = ((NOW + timedelta(hours=hours)).isoformat() for hours in (-7, 1))

MINE = {
    "id": str(WORK_ID),
    "referral_id": REFERRAL,
    "reference": SAMPLES[0].reference,
    "authority": "warwickshire",
    "worker_id": str(UUID(int=501)),
    "kind": "lead_professional",
    "state": "accepted",
    "rag": "green",
    "joint": False,
    "assigned_at": EARLIER,
    "accepted_at": EARLIER,
    "version": 2,
}
_SCORED = {"safety": 3, "health": 4}
PAPER = {
    "id": str(UUID(int=525)),
    "kind": "assessment",
    "version": 1,
    "on": "2026-03-04",
    "children": [],
    "kept_as": None,
    "text": "She is eight, and worries about her mother.",
    "live": True,
    "signed_at": None,
}
_STEP = {
    "id": str(UUID(int=532)), "direction": "up", "planned": True, "reason": "need_rose",
    "state": "returned", "from_id": str(WORK_ID), "to_id": str(UUID(int=533)), "to_authority": None,
    "asked_at": EARLIER, "answered_at": EARLIER, "answer": "need_too_high",
    "note": "She has not slept at home since Friday.", "answer_note": "This is for duty.",
}  # fmt: skip
STEPS = [
    _STEP,
    {**_STEP, "id": str(UUID(int=534)), "planned": False, "state": "asked", "to_id": REFERRAL,
     "answered_at": None, "answer": None, "answer_note": None},
]  # fmt: skip
_HELP = {
    "id": str(UUID(int=535)), "owner": "health_visitor", "worker_id": str(UUID(int=501)),
    "worker_name": "Ada Testwell", "kind": "health_contact", "by": "2026-03-20", "state": "accepted",
    "overdue": True, "text": "See Maya at home, and weigh her.", "note": "On Tuesday.",
}  # fmt: skip
MOVES = {
    "referral_id": REFERRAL, "steps": STEPS, "turns": 3, "loops": True, "actions": [_HELP],
}  # fmt: skip
LOOP = {"referral_id": REFERRAL, "authority": "warwickshire", "turns": 3, "last_turn": EARLIER}
FAMILY = {
    "children": [
        {"child_id": str(UUID(int=536)), "given_name": "Maya", "family_name": "Example",
         "date_of_birth": "2018-05-04", "school": "Samplewood School",
         "address": {"lines": ["4 Sample Court"], "postcode": "CV32 9ZA"}},
    ],
    "household": [{"name": "Jo Example", "relationship": "mother", "phone": "01632 960111"}],
    "risks_to_workers": [{"code": "animals", "detail": "a large dog in the yard"}],
    "visiting_advice": "Ring first.",
}  # fmt: skip
OPENED = {
    **MINE,
    "steps": STEPS[:1],
    "family": FAMILY,
    "children": [],
    "milestones": [
        {
            "id": str(UUID(int=526)),
            "milestone": "first_contact",
            "on": "2026-03-04",
            "recorded_at": EARLIER,
            "agencies": [],
            "next_on": "2026-03-18",
            "scores": _SCORED,
            "note": "They want help with mornings.",
        }
    ],
    "papers": [PAPER],
    "distance": {"safety": {"first": 3, "last": 6}},
    "ended": None,
    "live_elsewhere": [
        {**PAPER, "id": str(UUID(int=527)), "kind": "plan", "text": None, "kept_as": "EHM-9"}
    ],
}
HELD = {
    "allocation_id": NIGHT_ID,
    "referral_id": REFERRAL,
    "rag": "red",
    "assigned_at": EARLIER,
    "accepted_at": None,
    "accepted_by": None,
    "due_at": EARLIER,
    "clock_state": "breached",
    "escalated": 1,
}
SHIFT = {
    "authority": "warwickshire",
    "hub_open": True,
    "on_duty": "duty",
    "until": LATER,
    "ladder": [],
    "handover_due": True,
    "queues": [
        {"team": "duty", "name": "Duty social work team", "items": []},
        {"team": "edt", "name": "Emergency duty team", "items": [HELD]},
    ],
}
_COUNTS = {"overdue": 1, "hour": 2, "shift": 3, "day": 4}
FORECAST = {
    "authority": "warwickshire",
    "shift_ends_at": LATER,
    "teams": [{"team": "duty", "name": "Duty social work team", **_COUNTS, "clocks": {"hub_enquiry": _COUNTS}}],
}  # fmt: skip
UNTOLD = {
    "id": UNTOLD_ID, "referral_id": REFERRAL, "kind": "decision", "channel": "email",
    "audience": "referrer", "state": "failed", "attempt": 1, "reason": "not_safe_to_write",
    "queued_at": EARLIER, "sent_at": None, "delivered_at": None, "told_at": None, "told_how": None,
}  # fmt: skip
DISPUTED = {
    "disagreement_id": str(UUID(int=528)), "referral_id": REFERRAL, "authority": "warwickshire",
    "agency": "school", "stage": 2, "state": "open", "outcome": None, "theme": None,
    "immediate_risk": True, "raised_at": EARLIER, "due_at": EARLIER, "resolved_at": None,
    "overdue": True,
}  # fmt: skip
BUNDLE = {
    "id": str(UUID(int=529)), "referral_id": REFERRAL, "authority": "warwickshire",
    "changed_at": EARLIER, "version": 2, "taken_version": 1, "taken_at": EARLIER,
    "case_number": "LCS-12",
}  # fmt: skip
TRANSFER = {
    "id": TRANSFER_ID, "authority": "warwickshire", "to": "elsewhere-shire", "reason": "moved_home",
    "asked_at": EARLIER, "referral_id": REFERRAL,
}  # fmt: skip
INCOMING = {
    **{name: TRANSFER[name] for name in ("reason", "asked_at")},
    "id": str(UUID(int=530)), "authority": "walsall", "to": "warwickshire",
}  # fmt: skip
ARRIVING = {
    **INCOMING, "state": "asked", "note": "They moved on Saturday.", "restricted": False,
    "reference": "WAL-000123-K", "rag": "amber", "agreement": "given", "referral_id": None,
    "became": None, "form": {**FAMILY, "narrative": "She minds the baby after school."},
    "later": [{"kind": "information", "received_at": EARLIER, "text": "Their gas is cut off."}],
    "decisions": [{"rag": "amber", "decided_at": EARLIER, "rationale": "Help is needed at home.",
                   "children": [{"outcome": "child_and_family_assessment"}]}],
    "done": ["First contact with the family, 4 March 2026: They want help with mornings."],
}  # fmt: skip
SIGNED = {"signed_by": str(UUID(int=1)), "signed_at": EARLIER, "day": "2026-03-04", "referral_ids": [REFERRAL]}  # fmt: skip

TOLD: Mapping[str, Any] = {
    "/v1/work": {"items": [MINE, {**MINE, "id": str(ASKED_ID), "state": "offered", "accepted_at": None}], "next": None},
    f"/v1/work/{WORK_ID}": OPENED,
    f"/v1/work/{ASKED_ID}": {**OPENED, "id": str(ASKED_ID), "state": "offered", "accepted_at": None, "family": {"children": [{"given_name": "Maya", "family_name": "Example", "child_id": str(UUID(int=536))}]}},
    f"/v1/allocations/referrals/{REFERRAL}": MOVES,
    "/v1/loops": {"items": [LOOP], "next": None},
    "/v1/allocations/duty": {"items": [SHIFT]},
    "/v1/allocations/handovers": {"items": [SIGNED]},
    "/v1/clocks/forecast": {"at": EARLIER, "items": [FORECAST]},
    "/v1/messages/undelivered": {"items": [UNTOLD], "next": None},
    "/v1/triage/disagreements": {"items": [DISPUTED], "next": None},
    "/v1/messages/measures": {
        "items": [
            {"measure": "acknowledged_in_time", "authority": "warwickshire", "agency": None, "count": 48, "total": 50, "percent": 96.0, "median_hours": 0.1},
            {"measure": "decided_in_time", "authority": "warwickshire", "agency": None, "count": None, "total": None, "percent": None, "median_hours": None},
        ],
        "start": "2026-01-01", "end": "2026-12-01", "definitions": {"acknowledged_in_time": "referrals told in time"},
    },
    "/v1/messages/ratings": {
        "items": [{"authority": "warwickshire", "kind": "decision", "useful": 30, "not_useful": 10, "because": {"too_late": 10}}],
        "start": "2026-01-01", "end": "2026-12-01",
    },
    "/v1/messages/helped": {
        "items": [{"authority": "warwickshire", "total": 40, "answers": {"it_happened": 30, "no_room": 10}}],
        "start": "2026-01-01", "end": "2026-12-01",
    },
    "/v1/intake/consultations-helped": {"items": [], "start": "2026-01-01", "end": "2026-12-01"},
    "/v1/intake/clients/{client_id}/people": {
        "items": [{"username": "dawn@samplewood.school.example", "roles": ["referrer"], "created_at": EARLIER, "disabled_at": None}],
    },
    "/v1/case-system/bundles": {"items": [BUNDLE], "next": None},
    "/v1/transfers": {"items": [TRANSFER, INCOMING], "next": None},
    "/v1/transfers/unasked": {"items": [{"referral_id": REFERRAL, "authority": "warwickshire", "reference": SAMPLES[0].reference, "received_at": EARLIER}], "next": None},
    f"/v1/transfers/{INCOMING['id']}": ARRIVING,
}  # fmt: skip
FOUND = {
    "search_id": str(UUID(int=540)),
    "items": [
        {
            "referral_id": REFERRAL,
            "reference": SAMPLES[0].reference,
            "person_id": str(UUID(int=541)),
            "role": "child",
            "received_at": EARLIER,
            "score": 12.5,
            "reasons": ["same_birth_date"],
        }
    ],
    "restricted": {"name": "Warwickshire front door", "phone": "01632 960101"},
}
CALL = {
    "id": REFERRAL,
    "reference": "WAR-000777-T",
    "warnings": [{"pointer": "/referrer/phone", "detail": "A number to ring would help.", "code": "missing"}],
}  # fmt: skip
TAKEN: Mapping[str, tuple[str, str, Any]] = {
    "milestone": ("POST", "/v1/work/{allocation_id}/milestones", {}),
    "paper": ("POST", "/v1/work/{allocation_id}/papers", {}),
    "closure": ("POST", "/v1/work/{allocation_id}/closure", {}),
    "given-back": ("POST", "/v1/allocations/{allocation_id}/return", {}),
    "help": ("POST", "/v1/allocations/referrals/{referral_id}/actions", {}),
    "said": ("POST", "/v1/actions/{action_id}/answer", {}),
    "person": (
        "POST",
        "/v1/intake/clients/{client_id}/people",
        {"username": "ann@samplewood.school.example", "password": "a-password-of-nobody"},
    ),
    "person-end": ("POST", "/v1/intake/clients/{client_id}/people/disablement", {}),
    "turn": ("POST", "/v1/workers/{worker_id}/shifts", {}),
    "moved": ("POST", "/v1/workers/{worker_id}/reassignment", {}),
    "search-first": ("POST", "/v1/intake/searches", FOUND),
    "call": ("POST", "/v1/intake/calls", CALL),
    "handover": ("POST", "/v1/allocations/handovers", {}),
    "telephoned": ("POST", f"/v1/messages/{UNTOLD_ID}/told", {}),
    "transfer": ("POST", f"/v1/transfers/{TRANSFER_ID}/answer", {}),
    "arrival": ("POST", f"/v1/transfers/{INCOMING['id']}/answer", {"became": REFERRAL}),
}
