"""What the other services say of the rooms of managers, coordinators and operators."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from tests.browser import advised, copied, led, sampled
from tests.browser.samples import SAMPLES, STAFF_ID

WORKER_ID = UUID(int=501)
ALLOCATION_ID = UUID(int=502)
ITEM_ID = UUID(int=503)
HELD_ON = "2026-03-05"

WORKER = {
    "id": str(WORKER_ID),
    "authority": "warwickshire",
    "code": "W-17",
    "name": "Ada Testwell",
    "agency": "school",
    "team": "schools_that_lead",
    "team_name": "Schools that lead",
    "skills": ["young_carer"],
    "localities": ["rugby"],
    "wards": [],
    "school_clusters": [],
    "hours": 37,
    "capacity": 20,
    "carries": 24,
    "leads_up_to": 2,
    "staff_id": None,
    "organisation_id": None,
    "absences": [{"first_day": "2026-12-01", "last_day": "2026-12-04"}],
    "left_on": None,
    "version": 3,
}

ITEM = {
    "id": str(ITEM_ID),
    "state": "listed",
    "outcome": None,
    "thematic": False,
    "rag": "green",
    "how_many_children": 2,
    "referral_id": str(SAMPLES[0].referral_id),
    "reference": SAMPLES[0].reference,
    "children": [],
}


TURN = {
    "name": "Ada Testwell",
    "authority": "warwickshire",
    "team": "duty",
    "starts_at": "2026-03-05T09:00:00+00:00",
    "ends_at": "2026-03-05T17:00:00+00:00",
    "on_call": False,
    "now": True,
}
WAITING = {
    "id": str(ALLOCATION_ID),
    "referral_id": str(SAMPLES[0].referral_id),
    "authority": "warwickshire",
    "locality": "rugby",
    "assignee": "early_help_rugby",
    "rag": "green",
    "waiting": "no_workers",
    "days": 6,
}
NOWHERE = {
    "authority": "warwickshire",
    "locality": None,
    "waiting": 1,
    "offered": 2,
    "oldest_days": 6,
}
FULL = {
    "worker_id": str(WORKER_ID),
    "name": "Ada Testwell",
    "why_not": "full",
    "explanation": "has no room",
    "carries": 24,
    "capacity": 20,
}
PANEL = {
    "authority": "warwickshire",
    "panel": "panel_rugby",
    "name": "Rugby locality panel",
    "capacity": 8,
    "meetings": [{"held_on": HELD_ON, "items": 1}, {"held_on": "2027-01-14", "items": 0}],
}
ACTION = {
    "id": str(UUID(int=504)),
    "authority": "warwickshire",
    "panel": "panel_rugby",
    "meeting_on": HELD_ON,
    "owner": "housing",
    "by_day": "2026-03-12",
    "state": "asked",
    "overdue": True,
    "referral_id": str(SAMPLES[0].referral_id),
    "worker_id": None,
    "worker_name": None,
    "kind": None,
    "text": "Look at the damp in the children’s room.",
}
AGENDA = {
    "panel": "panel_rugby",
    "name": "Rugby locality panel",
    "held_on": HELD_ON,
    "capacity": 8,
    "attended": ["school", "police"],
    "quorate": True,
    "items": [
        ITEM,
        {**ITEM, "id": str(UUID(int=505)), "thematic": True, "concerns": ["poor_attendance"]},
    ],
}
FEED = {
    "id": str(UUID(int=507)),
    "authority": "warwickshire",
    "panel": "panel_rugby",
    "mine": True,
    "made_at": "2026-03-05T09:00:00+00:00",
    "until": "2027-03-06T09:00:00+00:00",
    "read_on": None,
}
ADDRESS = "https://frontdoor.example/v1/panels/feeds/a-part-that-opens-nothing-at-all.ics"
NOBODY = {
    "referral_id": str(SAMPLES[0].referral_id),
    "reference": SAMPLES[0].reference,
    "worker_id": None,
    "name": None,
    "rule": None,
    "reason": None,
    "others": [FULL],
}

QUESTION_ID = UUID(int=507)
QUESTION = {
    "id": str(QUESTION_ID),
    "authority": "warwickshire",
    "state": "asked",
    "asked_at": "2026-03-05T09:00:00+00:00",
    "due_at": "2026-03-06T09:00:00+00:00",
    "answered_at": None,
    "refer_now": True,
    "concerns": ["neglect", "housing"],
    "overdue": True,
}
OPENED = {
    **QUESTION,
    "refer_because": "worried",
    "explanation": "1 working day from Thursday 5 March 2026, 09:00",
    "clauses": [{"id": "2.4", "title": "A clause", "text": "Its text."}],
    "question": "A boy of eight comes to school hungry.\nWhat would you do?",
    "asker": {"name": "Dawn Sampleton", "role": "Teacher", "email": None, "phone": "01632 960001"},
    "answer_clauses": [],
    "answer_refer": False,
    "answer": None,
    "answerer": None,
}
ANSWERED = {
    **OPENED,
    "state": "answered",
    "answered_at": "2026-03-05T11:00:00+00:00",
    "answer": "Ask what mornings are like.",
    "answer_refer": True,
    "answer_clauses": ["2.4"],
    "answerer": {"signed_name": "Ada Testwell", "signed_role": "Social worker", "telephone": None},
    "services": [advised.TALKING],
    "help": {"ask_at": "2026-04-02T09:00:00+00:00", "asked": True, "answer": "no_room"},
    "help_answer": "no_room",
}

CLIENT = {
    "name": "Samplewood Primary",
    "agency": "school",
    "email_domain": "samplewood.school.example",
    "client_id": "samplewood",
    "scopes": ["referral.create"],
    "disabled_at": None,
    "old_secret_until": None,
    "key_names": ["key-of-2026"],
    "lead_email": "leads@samplewood.school.example",
}

# What somebody of a partner organisation sees of what they sent.
SENT: Mapping[str, Any] = {
    "id": str(SAMPLES[0].referral_id),
    "reference": SAMPLES[0].reference,
    "authority": "warwickshire",
    "status": "decided",
    "stage": "decided",
    "received_at": "2026-03-05T09:00:00+00:00",
    "updated_at": "2026-03-05T11:00:00+00:00",
    "rating": "red",
    "telephone": "01632 960100",
    "what_happens_next": "A strategy discussion is held.",
    "by": "2026-03-06T09:00:00+00:00",
    "decision": {
        "outcomes": ["strategy_discussion"],
        "rationale": "What you saw meets our guidance.",
        "clauses": [{"id": "4.2", "title": "Physical harm", "text": "Bruises on a baby."}],
        "actions": [{"action": "A worker rings you", "owner": "Duty team", "by": None}],
    },
}
WAITS = {
    **SENT, "id": str(UUID(int=509)), "reference": "WAR-000987-K", "status": "received",
    "stage": "received", "rating": None, "decision": None,
}  # fmt: skip
ASKED = {
    "referral_id": SENT["id"],
    "disagree_token": "AbCd",
    "asked": [{"token": "EfGh", "due_at": "2026-03-06T12:00:00+00:00"}],
}
DRAFT = {
    "id": str(UUID(int=510)),
    "version": 2,
    "updated_at": SENT["updated_at"],
    "held_by": "Dawn Sampleton",
}

MEETING = "/v1/panels/{authority}/{panel_code}/meetings/{held_on}"
TOLD: Mapping[str, Any] = {
    "/v1/workers": {"items": [WORKER], "next": None},
    "/v1/workers/teams": {"items": [{"team": "duty", "workers": [str(WORKER_ID)]}]},
    "/v1/workers/{worker_id}": WORKER,
    "/v1/rota": {"items": [TURN]},
    "/v1/waiting": {"items": [WAITING], "localities": [NOWHERE], "next": None},
    "/v1/allocations/{allocation_id}/preview": NOBODY,
    "/v1/panels": {"items": [PANEL], "next": None},
    "/v1/actions": {"items": [ACTION], "next": None},
    "/v1/panels/feeds": {"items": [FEED], "next": None},
    MEETING: AGENDA,
    "/v1/intake/clients": {"items": [CLIENT]},
    "/v1/referrals": {"items": [SENT, WAITS], "next": None},
    "/v1/referrals/{referral_id}": SENT,
    "/v1/referrals/{referral_id}/people": {
        "items": [
            {"child": 0, "person": None, "name": "Alfie Sampleton"},
            {"child": 1, "person": None, "name": None},
            {"child": None, "person": 0, "name": "Dawn Sampleton"},
        ]
    },
    "/v1/drafts": {"items": [DRAFT], "next": None},
    "/v1/intake/consultations": {"items": [QUESTION], "next": None},
    f"/v1/intake/consultations/{QUESTION_ID}": OPENED,
    f"/v1/intake/consultations/{UUID(int=508)}": ANSWERED,
    **sampled.TOLD,
    **led.TOLD,
    **copied.TOLD,
    "/v1/directory/{service_id}": advised.TALKING,
}
WELL = {
    "lag_events": 0,
    "lag_seconds": 0.0,
    "parked_referrals": 0,
    "parked_oldest_seconds": 0.0,
    "unsealed_entries": 2,
}
HEALTH = {
    "intake": WELL,
    "triage": {**WELL, "parked_referrals": 1},
    "allocation": {**WELL, "oldest_due_clock_seconds": 400.0, "unfired_referrals": 0},
    "notifications": {**WELL, "messages_waiting": 3, "oldest_message_seconds": 7_300.0},
}
PARKED = {
    "referral_id": str(SAMPLES[0].referral_id),
    "authority": "warwickshire",
    "source": "intake/1",
    "sequence": 2,
    "type": "uk.frontdoor.referral.updated.v1",
    "reason": "fault_KeyError",
    "trace_id": "5b8efff798038103d269b633813fc60c",
    "parked_at": "2026-03-05T09:00:00+00:00",
    "events": 2,
}
ENTRY = {
    "position": 9,
    "at": "2026-03-05T09:00:00+00:00",
    "actor_kind": "staff",
    "actor_id": str(STAFF_ID),
    "action": "case_opened",
    "authority": "warwickshire",
    "referral_id": str(SAMPLES[0].referral_id),
    "on_behalf_of": None,
}
INSIDE = "/internal/v1"
ASIDE = f"{INSIDE}/triage/parked/{{referral_id}}"
TOLD_INSIDE: Mapping[str, Any] = {
    **{f"{INSIDE}/{name}/health": told for name, told in HEALTH.items()},
    **{f"{INSIDE}/{name}/parked": {"items": []} for name in ("intake", "allocation", "console")},
    f"{INSIDE}/triage/parked": {"items": [PARKED]},
    ASIDE: {"authority": "warwickshire", "items": [PARKED]},
}
DECIDED = {
    "discard_id": str(UUID(int=506)),
    "consumer": "triage",
    "source": "intake/1",
    "sequence": 2,
    "reason": "overtaken",
    "staff_id": str(STAFF_ID),
    "decided_at": "2026-03-05T09:30:00+00:00",
}

_RATED = {"rag": "green", "level": 2, "urgency": "standard"}
TRIED = {
    "authority": "warwickshire",
    "version": "2018.1",
    "against": None,
    "received": 214,
    "complete": False,
    "referrals": 200,
    "would_change": 3,
    "raised": 1,
    "lowered": 1,
    "moves": {"amber to green": 1, "green to amber": 1},
    "not_rated": {"texts_not_here": 2},
    "signs": [
        {"how": "found", "indicator": "hungry_often", "clause": "3.4", "was": None, "referrals": 2},
        {"how": "moved", "indicator": "a_sign", "clause": "3.4", "was": "2.1", "referrals": 1},
    ],
    "items": [
        {
            "referral_id": str(SAMPLES[0].referral_id),
            "reference": SAMPLES[0].reference,
            "version": "2018.1",
            "from": _RATED,
            "to": {**_RATED, "rag": "amber", "level": 3, "urgency": "same_day"},
            "children": [
                {"child": 1, "from": "green", "to": "amber"},
                {"child": 2, "from": "green", "to": "amber"},
            ],
            "now": [{"indicator": "hungry_often", "clause": "3.4", "source": "text"}],
            "no_longer": [{"indicator": "gone", "clause": "2.2", "source": "concern"}],
            "placed_elsewhere": [
                {
                    "indicator": "a_sign",
                    "from": {"clause": "2.1", "level": 2, "hard": False},
                    "to": {"clause": "3.4", "level": 3, "hard": True},
                }
            ],
        }
    ],
    "not_listed": 2,
}

TAKEN: Mapping[str, tuple[str, str, Any]] = {
    "worker": ("PUT", "/v1/workers/{authority}/{code}", WORKER),
    "absence": ("POST", "/v1/workers/{worker_id}/absences", {}),
    "offer": ("POST", "/v1/allocations/{allocation_id}/offers", {}),
    "feed": ("POST", "/v1/panels/{authority}/{panel_code}/feeds", {**FEED, "url": ADDRESS}),
    "left-out": ("POST", "/v1/allocations/{allocation_id}/exclusions", {}),
    "to-another-meeting": ("POST", "/v1/panels/items/{item_id}/move", {}),
    "agreed": ("POST", "/v1/panels/items/{item_id}/outcome", {}),
    "attendance": ("PUT", f"{MEETING}/attendance", {}),
    "replay": ("POST", f"{ASIDE}/replay", {}),
    "parked-discard": ("POST", "/v1/triage/referrals/{referral_id}/parked-discard", {}),
    "discard": ("POST", f"{ASIDE}/discard", {}),
    "names": (
        "POST",
        f"{INSIDE}/intake/staff:batch",
        {"items": [{"staff_id": str(STAFF_ID), "username": "p.example"}]},
    ),
    "client": (
        "POST",
        "/v1/intake/clients",
        {"client_id": "samplewood.2", "client_secret": "a-secret-that-opens-nothing-at-all"},
    ),
    "trial": ("POST", "/v1/triage/trials", TRIED),
    "second": ("POST", "/v1/triage/audit-samples/{sample_id}/rating", {}),
    "advice": ("POST", "/v1/intake/consultations/{consultation_id}/answer", {}),
    "asked-of-referrers": (
        "POST",
        f"{INSIDE}/triage/requests:of-referrers",
        {"items": [ASKED]},
    ),
    **led.TAKEN,
    **copied.TAKEN,
    **advised.TAKEN,
    "draft-handover": ("POST", "/v1/drafts/{draft_id}/handover", {}),
    "more": ("POST", "/v1/referrals/{referral_id}/information", {}),
    "agreed-later": ("POST", "/v1/referrals/{referral_id}/agreement", {}),
    "corrected": ("POST", "/v1/referrals/{referral_id}/corrections", {}),
    "client-lead": ("PUT", "/v1/intake/clients/{client_id}/lead", {}),
    "client-provider": ("PUT", "/v1/intake/clients/{client_id}/provider", {}),
    "client-keys": ("PUT", "/v1/intake/clients/{client_id}/keys", {}),
    "search": ("POST", f"{INSIDE}/triage/audit:search", {"items": [ENTRY]}),
}
REFUSED = {
    "code": "invalid",
    "detail": "Some fields are wrong.",
    "errors": [{"pointer": "/hours", "detail": "A number is wanted."}],
}

Received = Callable[[], list[tuple[str, Mapping[str, Any]]]]


def route(app: FastAPI, received: Received) -> None:
    """Answer what is asked, and note what is sent in `received()`."""
    app.add_api_route(copied.FILE, copied.file)
    app.add_api_route("/v1/directory/searches", _telling(advised.FOUND), methods=["POST"])
    for path, answer in {**TOLD, **TOLD_INSIDE}.items():
        app.add_api_route(path, _telling(answer), methods=["GET"])
    app.add_api_route(f"{INSIDE}/triage/discards/{{referral_id}}", _deciding(received))
    for what, (method, path, answer) in TAKEN.items():
        app.add_api_route(path, _taking(what, answer, received), methods=[method])


def _telling(answer: Any) -> Callable[[], Any]:
    async def tell() -> Any:
        return JSONResponse(answer, headers={"ETag": '"3"'})

    return tell


def _deciding(received: Received) -> Callable[[], Any]:
    """The decision, once one was sent."""

    async def tell() -> Any:
        sent = {what for what, _ in received()}
        return {"items": [DECIDED] if "parked-discard" in sent else []}

    return tell


def _taking(what: str, answer: Any, received: Received) -> Callable[[Request], Any]:
    async def take(request: Request) -> Any:
        sent = await request.json()
        if sent.get("hours") == "many" or sent.get("nhs_number") == "nobody":
            return JSONResponse(REFUSED, 422)
        received().append((what, sent))
        return answer

    return take
