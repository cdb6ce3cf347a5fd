"""Every route of the house, called by who has no business there. A route that is added later is
walked too: it has to be told here how it is called, or which way it is open to all."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from chassis.identity import Caller, issue, service_token
from chassis.ids import new_id
from frontdoor.wiring import inside as inside_of
from services.allocation.case_system.domain import bundle_id
from tests.files import PDF
from tests.journey.casework import case_system
from tests.journey.forms import bruised_baby
from tests.journey.living import RATIONALE, Living, Partner, bearer, decision, read

PUBLIC = {
    "/livez", "/readyz", "/metrics", "/oauth/token", "/.well-known/jwks.json",
    "/.well-known/oauth-authorization-server",
    "/", "/accessibility", "/developers", "/developers/{name}", "/help", "/sign-in", "/reply/{token}", "/disagree/{token}", "/static/console/{name}", "/v1/messages/receipts", "/useful/{token}", "/helped/{token}", "/v1/panels/feeds/{secret}.ics",
    # The web form and questions for advice: opened by a link in a cookie or in the address, or to all.
    "/refer", "/refer/tasks", "/refer/now", "/refer/page/{name}", "/refer/page/{name}/{place}",
    "/refer/list/{rows}", "/refer/list/{rows}/{place}/removal", "/refer/files", "/refer/attachments",
    "/refer/files/removal", "/refer/check", "/refer/send", "/refer/sent", "/refer/link", "/refer/return",
    "/refer/return/{token}", "/refer/again", "/refer/close", "/refer/leave", "/consult",
    "/advice/{token}", "/advice/{token}/referral", "/advice/{token}/helped", "/status/{token}",
}  # fmt: skip
# What partners call; the rest of /v1 is the staff's.
PARTNERS = (
    "/v1/referrals",
    "/v1/consultations",
    "/v1/drafts",
    "/v1/information-requests",
    "/v1/disagreements",
    "/v1/callbacks",
    "/v1/changes",
)
# Whoever may refer may begin these, for their own organisation.
ANYBODYS = {("POST", path) for path in PARTNERS}
# The directory is public: whoever may refer reads it.
ANYBODYS |= {("POST", "/v1/directory/searches"), ("GET", "/v1/directory/{service_id}")}
# What an authority's pack says of itself: every authority has some.
OF_THE_PACK = {
    "/v1/panels", "/v1/scorecard", "/v1/scorecard/definitions", "/v1/allocations/duty", "/v1/clocks/forecast",
}  # fmt: skip
# What staff read of their own, and partners of theirs.
OF_BOTH = {"/v1/work", "/v1/actions"}
# Rings without end for whoever is signed in; says nothing but that something changed.
STREAMS = {"/queue/events"}
# Kept by an operator of every authority of the installation.
FOR_OPERATORS = {"/v1/intake/clients", "/v1/intake/clients/{client_id}/people"}
# What an authority's own case system takes over.
FOR_THE_CASE_SYSTEM = {"/v1/case-system/bundles/{bundle_id}"}
# Pages of rooms that managers have no business in.
OPERATORS_ROOM = "/organisations"
# Under a partner's address, and for staff alone.
FOR_THE_HUB = {"/v1/referrals/{referral_id}/story"}


REPLY = {"information": "Nothing new.", "answered_by": "Hannah Testley"}
ADD_SAMPLE = """
INSERT INTO triage.audit_sample (sample_id, authority, quarter, referral_id, drawn_at, first_rag)
VALUES (gen_random_uuid(), 'warwickshire', '2025Q4', %s, '2026-03-05', 'red') RETURNING sample_id::text
"""
CORRECTION = {"child": 0, "because": "family_says", "given_name": "Kay"}
AGREEMENT = {
    "status": "refused", "who": "young_person", "given_by": "the boy", "given_on": "2026-03-05",
}  # fmt: skip
ADD_SERVICE = """
INSERT INTO intake.local_service (service_id, authority, source_id, name, needs, areas, open, seen_at)
VALUES (gen_random_uuid(), 'warwickshire', '1', 'Testwell Club', '{}', '{}', true, '2026-03-05')
RETURNING service_id::text
"""
DISAGREED = {"because": "The bruise has grown since then.", "raised_by": "Hannah Testley"}
FURTHER = {"because": "Nobody has answered what we asked."}
CALLBACK = {"url": "https://testwood.school.example/hook"}
QUESTION = {"authority": "warwickshire", "question": "A boy comes to school hungry each day."}

WORKER = {
    "name": "Ada Testwell", "agency": "school", "team": "schools_that_lead", "hours": 37,
    "leads_up_to": 2,
}  # fmt: skip

CONSIDERED = dict.fromkeys(
    ("requester_authority", "serious_harm", "childs_interest", "referrers_identity", "police"),
    "nothing_against",
)


@dataclass(frozen=True, slots=True)
class Scene:
    """A decided referral of Warwickshire, sent by a school, with all that hangs on it."""

    home: Living
    app: FastAPI
    school: Partner
    told: Mapping[str, Any]
    case: Mapping[str, Any]
    allocation_id: str
    message_id: str
    decision_id: str
    consultation_id: str
    draft_id: str
    attachment_id: str
    worker_id: str
    request_id: str
    disagreement_id: str
    sample_id: str
    callback_id: str
    access_id: str
    service_id: str
    step_id: str

    @property
    def telling(self) -> tuple[str, ...]:
        """What only Warwickshire's staff and the school may learn."""
        return (
            str(self.told["id"]), str(self.told["reference"]), self.allocation_id,
            self.message_id, self.worker_id, "Oscar", "Testwell", RATIONALE, *(one["child_id"] for one in self.case["children"]),
        )  # fmt: skip

    def address(self, path: str) -> str:
        values = {
            "referral_id": str(self.told["id"]),
            "allocation_id": self.allocation_id,
            "message_id": self.message_id,
            "decision_id": self.decision_id,
            "consultation_id": self.consultation_id,
            "draft_id": self.draft_id,
            "attachment_id": self.attachment_id,
            "access_id": self.access_id,
            "worker_id": self.worker_id,
            "authority": "warwickshire",
            "code": "W-1",
            "paper_id": str(new_id()),
            "item_id": str(new_id()),
            "feed_id": str(new_id()),
            "step_id": self.step_id,
            "action_id": str(new_id()),
            "panel_code": "panel_rugby",
            "list_name": "contacts",
            "held_on": "2026-03-05",
            "first_day": "2026-03-05",
            "starts_at": "2026-03-05T10:00:00Z",
            "request_id": self.request_id,
            "disagreement_id": self.disagreement_id,
            "sample_id": self.sample_id,
            "callback_id": self.callback_id,
            "service_id": self.service_id,
            "view_id": str(new_id()),
            "name": "ask",
            "bundle_id": str(bundle_id(UUID(self.told["id"]))),
            "consumer": "triage",
            "client_id": self.school.client_id,
        }
        return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], path)

    def body(self, path: str) -> Mapping[str, Any] | None:
        bodies: Mapping[str, Mapping[str, Any]] = {
            "/v1/messages/{message_id}/told": {"how": "by_telephone"},
            "/v1/case-system/bundles/{bundle_id}/receipt": {"version": 1, "case_number": "LL-1"},
            "/v1/case-system/bundles/{bundle_id}/dates": {
                "milestone": "conference", "on": "2026-03-05",
            },
            "/v1/triage/referrals/{referral_id}/countersignature": {
                "decision_id": str(uuid4()), "agree": True,
            },
            "/v1/triage/referrals/{referral_id}/dismissals": {
                "indicator": "neglect", "text": "narrative", "start": 0, "end": 5, "because": "past",
            },
            "/v1/triage/referrals/{referral_id}/discussions": {
                "kind": "hub", "held_at": "2026-03-05T10:00:00Z", "shared": "What each had seen.",
                "attended": [{"agency": "police"}, {"agency": "childrens_social_care"}],
                "children": [
                    {"child_id": one["child_id"], "agreed": "School keeps watch."}
                    for one in self.case["children"]
                ],
            },
            "/v1/triage/referrals/{referral_id}/claim": {"take_over": False},
            "/v1/referrals": bruised_baby(),
            "/v1/intake/clients": {
                "client_id": "another", "scopes": ["referral.read"],
                "beside": self.school.client_id,
            },
            "/v1/intake/clients/{client_id}/secret": {"overlap_hours": 0},
            "/v1/intake/clients/{client_id}/keys": {"keys": []},
            "/v1/intake/clients/{client_id}/provider": {
                "issuer": "https://login.example", "subject": "software", "audience": "us",
                "jwks_url": "https://login.example/keys",
            },
            "/v1/intake/clients/{client_id}/lead": {"lead_email": None},
            "/v1/intake/clients/{client_id}/people": {
                "username": "new@testwood.school.example", "role": "referrer",
            },
            "/v1/intake/clients/{client_id}/people/disablement": {
                "username": "ended@testwood.school.example",
            },
            "/v1/referrals/{referral_id}/information": {"information": "More."},
            "/v1/referrals/{referral_id}/withdrawal": {"reason": "Moved away."},
            "/v1/referrals/{referral_id}/agreement": AGREEMENT,
            "/v1/intake/referrals/{referral_id}/agreement": AGREEMENT,
            "/v1/referrals/{referral_id}/corrections": CORRECTION,
            "/v1/intake/referrals/{referral_id}/corrections": CORRECTION,
            "/v1/consultations": QUESTION,
            "/v1/consultations/{consultation_id}/helped": {"answer": "not_known"},
            "/v1/drafts": {"authority": "warwickshire"},
            "/v1/directory/searches": {"authority": "warwickshire"},
            "/v1/callbacks": CALLBACK,
            "/v1/callbacks/{callback_id}": CALLBACK,
            "/v1/callbacks/{callback_id}/replay": {"since": "2026-01-01T00:00:00Z"},
            "/v1/drafts/{draft_id}/handover": {"to": "A colleague"},
            "/v1/intake/consultations/{consultation_id}/answer": {
                "advice": "Talk to the family first.", "signed_name": "Ada", "signed_role": "Worker",
            },
            "/v1/intake/searches": {
                "authority": "warwickshire", "given_name": "Oscar", "family_name": "Testwood",
                "date_of_birth": "2025-12-20",
            },
            "/v1/intake/calls": {
                "authority": "warwickshire", "read_back": True,
                "form": bruised_baby(immediate_danger=True),
            },
            "/v1/intake/referrals/{referral_id}/written-form": {},
            "/v1/triage/referrals/{referral_id}/decision": decision(self.case),
            "/v1/triage/referrals/{referral_id}/ratings": {"rag": "red", "rationale": RATIONALE},
            "/v1/referrals/{referral_id}/incidents": {
                "other_referral_id": self.told["id"],
                "state": "not_same",
            },
            "/v1/referrals/{referral_id}/matches": {
                "person_id": self.case["children"][0]["child_id"],
                "other_referral_id": self.told["id"],
                "other_person_id": self.case["children"][0]["child_id"],
                "state": "not_same",
                "because": "different_person",
            },
            "/v1/intake/referrals/{referral_id}/restriction": {
                "because": "known_to_staff", "why": "She knows them from church.",
            },
            "/v1/intake/referrals/{referral_id}/restriction-end": {"why": "She has left us since."},
            "/v1/intake/subject-access": {
                "referral_id": self.told["id"],
                "person_id": self.case["children"][0]["child_id"],
                "requester": "the_person",
            },
            "/v1/intake/subject-access/{access_id}/considerations": {"considered": CONSIDERED},
            "/v1/intake/referrals/{referral_id}/hold": {"because": "inquiry"},
            "/v1/intake/referrals/{referral_id}/destruction": {
                "because": "retention_ended", "legal_status": "none",
            },
            "/v1/intake/referrals/{referral_id}/destruction-confirmation": {
                "legal_status": "none",
            },
            "/v1/intake/referrals/{referral_id}/break-glass": {
                "because": "child_in_danger", "why": "Police ask where the children are.",
            },
            "/v1/triage/referrals/{referral_id}/withdrawal": {
                "close": True, "rationale": RATIONALE,
            },
            "/v1/triage/referrals/{referral_id}/checks": {
                "of": "police", "need": "What is known of them?", "shared": "Oscar Testwood, a baby.",
            },
            "/v1/information-requests/{request_id}/reply": REPLY,
            "/v1/referrals/{referral_id}/disagreements": DISAGREED,
            "/v1/triage/trials": {
                "authority": "warwickshire", "version": "2018.1",
                "since": "2026-03-01", "until": "2026-04-01",
            },
            "/v1/triage/audit-samples": {"authority": "warwickshire", "quarter": "2025Q4"},
            "/v1/triage/audit-samples/{sample_id}/rating": {"rag": "red"},
            "/v1/disagreements": {"referral_id": self.told["id"], **DISAGREED},
            "/v1/disagreements/{referral_id}/{disagreement_id}/escalation": FURTHER,
            "/v1/triage/referrals/{referral_id}/disagreements/{disagreement_id}/escalation": FURTHER,
            "/v1/triage/referrals/{referral_id}/disagreements/{disagreement_id}/answer": {
                "outcome": "upheld", "words": RATIONALE,
            },
            "/v1/triage/referrals/{referral_id}/checks/{request_id}/reply": REPLY,
            "/v1/triage/referrals/{referral_id}/checks/{request_id}/withdrawal": {
                "reason": "We know by now.",
            },
            "/v1/triage/referrals/{referral_id}/parked-discard": {
                "consumer": "triage", "source": "intake/1", "sequence": 1,
                "reason": "acted_on_by_hand",
            },
            "/v1/allocations/handovers": {
                "authority": "warwickshire", "allocation_ids": [self.allocation_id],
            },
            "/v1/workers/{authority}/{code}": WORKER,
            "/v1/workers/{authority}/import": {},
            "/v1/workers/{worker_id}/leaving": {},
            "/v1/workers/{worker_id}/reassignment": {},
            "/v1/allocations/{allocation_id}/offers": {
                "worker_id": self.worker_id, "reason": "other",
            },
            "/v1/allocations/{allocation_id}/decline": {"reason": "other"},
            "/v1/allocations/{allocation_id}/exclusions": {
                "worker_id": self.worker_id, "because": "excluded",
            },
            "/v1/allocations/{allocation_id}/preference": {"worker_id": self.worker_id},
            "/v1/allocations/referrals/{referral_id}/tellings": {
                "whom": "school", "at": "2026-03-05T10:00:00Z", "not_because": "no_school",
            },
            "/v1/allocations/referrals/{referral_id}/actions": {
                "worker_id": self.worker_id, "kind": "stay_alert", "by": "2026-06-01",
                "text": "Tell the hub.",
            },
            "/v1/work/{allocation_id}/milestones": {
                "milestone": "first_contact", "on": "2026-03-05",
            },
            "/v1/work/{allocation_id}/papers": {
                "kind": "plan", "on": "2026-03-05", "text": "A plan.",
            },
            "/v1/work/{allocation_id}/closure": {"reason": "needs_met", "on": "2026-03-05"},
            "/v1/panels/{authority}/{panel_code}/meetings/{held_on}/attendance": {
                "attended": ["school"],
            },
            "/v1/messages/previews/{referral_id}": {"what": "decision", "rationale": "Because."},
            "/v1/panels/items/{item_id}/move": {"meeting_on": "2026-03-05"},
            "/v1/panels/items/{item_id}/outcome": {"outcome": "theme_noted"},
            "/v1/actions/{action_id}/answer": {"state": "done"},
            "/v1/work/{allocation_id}/steps": {"direction": "up", "reason": "risk_rose"},
            "/v1/allocations/{allocation_id}/return": {"reason": "other"},
            "/v1/work/{allocation_id}/transfer": {"to": "walsall"},
            "/v1/allocations/referrals/{referral_id}/transfer": {"to": "walsall"},
            "/v1/transfers/{step_id}/answer": {"accepted": True},
            "/v1/workers/{worker_id}/absences": {
                "first_day": "2026-03-05", "last_day": "2026-03-05",
            },
            "/v1/workers/{worker_id}/shifts": {
                "team": "edt", "starts_at": "2026-03-05T10:00:00Z",
                "ends_at": "2026-03-05T12:00:00Z",
            },
        }  # fmt: skip
        return bodies.get(path)

    async def call(
        self, method: str, path: str, headers: Mapping[str, str], **more: Any
    ) -> httpx2.Response:
        sent = {"Idempotency-Key": str(uuid4()), **headers}
        body = self.body(path) if method in {"POST", "PUT"} else None
        return await self.home.http.request(
            method, self.address(path), headers=sent, json=body, **more
        )

    def leaks(self, answer: httpx2.Response) -> list[str]:
        """What the answer tells that it should not; what stands in the asked address is known."""
        asked = str(answer.request.url)
        return [one for one in self.telling if one in answer.text and one not in asked]


@pytest.fixture(scope="module")
async def scene(shared_home: Living) -> Scene:
    home = shared_home
    school = await home.partner()
    manager = home.staff("manager")
    told = await home.refer(school, bruised_baby())
    case = await home.rated(told["id"], manager)
    decided = await home.decide(case, manager)
    assert decided.status_code == 201
    (message, *_) = await home.sent(told["id"], "decision", manager)
    await home.settled()
    (allocation, *_) = await home.listed("/v1/allocations", told["id"], manager)
    step_id = await asked_to_go(home, told["id"], manager)
    begun = [
        await home.http.post(
            path, json=body, headers={"Idempotency-Key": str(uuid4()), **school.headers}
        )
        for path, body in (
            ("/v1/consultations", QUESTION),
            ("/v1/drafts", {"authority": "warwickshire"}),
        )
    ]
    attached = await home.http.post(
        f"/v1/referrals/{told['id']}/attachments",
        content=PDF,
        headers={"Idempotency-Key": str(uuid4()), **school.headers},
    )
    worker = await home.http.put("/v1/workers/warwickshire/W-1", json=WORKER, headers=manager)
    asked = await home.http.post(
        f"/v1/triage/referrals/{told['id']}/checks",
        json={"of": "referrer", "need": "Who else has seen the bruise?"},
        headers=manager,
    )
    raised = await home.follow_up(school, told["id"], "disagreements", DISAGREED)
    await home.sent(told["id"], "disagreement", manager, count=2)
    await home.sent(told["id"], "information_wanted", manager)
    await home.settled()
    ((sample_id,),) = home.query(ADD_SAMPLE, told["id"])
    ((service_id,),) = home.query(ADD_SERVICE)
    called = await home.http.post("/v1/callbacks", json=CALLBACK, headers=dict(school.headers))
    return Scene(
        home,
        home.house.app(),
        school,
        told,
        case,
        allocation["id"],
        message["id"],
        read(decided)["id"],
        *(read(one)["id"] for one in (*begun, attached, worker)),
        read(asked)["request_id"],
        read(raised)["disagreement_id"],
        sample_id,
        read(called)["id"],
        access_id=await released_copy(home, told, case, manager),
        service_id=service_id,
        step_id=step_id,
    )


async def asked_to_go(home: Living, referral_id: str, manager: dict[str, str]) -> str:
    """A transfer to an authority outside, which waits for its answer."""
    held = await home.listed("/v1/allocations", referral_id, manager)
    one = next(each["id"] for each in held if each["state"] == "assigned")
    await home.http.post(f"/v1/allocations/{one}/acceptance", headers=manager)
    to = {"to": "elsewhere-shire"}
    asked = await home.http.post(f"/v1/work/{one}/transfer", json=to, headers=manager)
    assert asked.status_code == 201, asked.text
    return str(read(asked)["id"])


async def released_copy(
    home: Living, told: Mapping[str, Any], case: Mapping[str, Any], manager: dict[str, str]
) -> str:
    """A request for a copy of what is held about the child, considered and released."""

    async def story() -> dict[str, Any]:
        return read(await home.http.get(f"/v1/referrals/{told['id']}/story", headers=manager))

    await home.until(story, lambda found: found["look_up"] == "done")
    opened = await home.http.post(
        "/v1/intake/subject-access",
        json={
            "referral_id": told["id"],
            "person_id": case["children"][0]["child_id"],
            "requester": "the_person",
        },
        headers=manager,
    )
    path = f"/v1/intake/subject-access/{read(opened)['id']}"
    await home.http.post(f"{path}/considerations", json={"considered": CONSIDERED}, headers=manager)
    second = await home.http.post(f"{path}/release", headers=home.staff("manager"))
    assert second.status_code == 200, second.text
    return str(read(opened)["id"])


def routes(scene: Scene) -> list[tuple[str, str]]:
    """Every way to call the house, but for those that are open to all."""
    found = [
        (method, str(route.path))
        for route in iter_route_contexts(scene.app.routes)
        if route.path not in PUBLIC
        for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    assert len(found) > 20
    return found


async def snapshot(home: Living) -> list[tuple[Any, ...]]:
    return home.query("SELECT count(*), max(position) FROM event_stream.event_log")


async def test_the_one_who_has_business_here_does_reach_it(scene: Scene) -> None:
    """Without this the others would prove nothing."""
    manager = scene.home.staff("manager")
    seen = 0
    for method, path in routes(scene):
        if method == "GET" and path.startswith("/v1/") and path != "/v1/referrals":
            mine = path.startswith(PARTNERS) and path not in FOR_THE_HUB
            who = dict(scene.school.headers) if mine else manager
            if path in FOR_OPERATORS:
                who = scene.home.staff("operator", *scene.home.house.parts.policy.authorities)
            if path in FOR_THE_CASE_SYSTEM:
                who = await case_system(scene.home)
            answer = await scene.call(method, path, who)
            assert answer.status_code == 200, (path, answer.text)
            seen += any(one in answer.text for one in scene.telling)
    assert seen >= 6


async def test_nobody_in_particular_is_asked_who_they_are(scene: Scene) -> None:
    for method, path in routes(scene):
        answer = await scene.call(method, path, {})
        if answer.status_code == 303:
            assert answer.headers["location"].startswith("/sign-in"), (method, path)
        elif path.startswith("/v1/") or method == "GET":
            assert answer.status_code == 401, (method, path, answer.status_code)
        else:
            # A page's form is kept for when its sender has signed in.
            assert answer.status_code == 403 or "Sign in" in answer.text, (method, path)
        assert scene.leaks(answer) == [], (method, path)


@pytest.mark.parametrize(
    "role", ["practitioner", "manager", "duty", "coordinator", "panel_chair", "analyst", "operator"]
)
async def test_another_authoritys_staff_learn_and_change_nothing(scene: Scene, role: str) -> None:
    elsewhere = scene.home.staff(role, "walsall")
    before = await snapshot(scene.home)
    for method, path in routes(scene):
        if not path.startswith("/v1/"):
            continue
        answer = await scene.call(method, path, elsewhere)
        assert scene.leaks(answer) == [], (method, path)
        if "{" in path or method in {"POST", "PUT", "DELETE"}:
            assert answer.status_code in {403, 404}, (method, path, answer.text)
        else:
            assert answer.status_code in {200, 403}, (method, path)
            if answer.status_code == 200 and path not in OF_THE_PACK:
                assert answer.json()["items"] == []
    for path in ("/v1/clocks", "/v1/allocations", "/v1/messages"):
        answer = await scene.home.http.get(
            path, params={"referral_id": scene.told["id"]}, headers=elsewhere
        )
        assert answer.status_code == 403 or answer.json()["items"] == []
    assert await snapshot(scene.home) == before


async def test_another_organisation_learns_and_changes_nothing(scene: Scene) -> None:
    other = await scene.home.partner("mockshire-police", agency="police")
    before = await snapshot(scene.home)
    for method, path in routes(scene):
        if not path.startswith("/v1/") or (method, path) in ANYBODYS:
            continue
        answer = await scene.call(method, path, other.headers)
        assert scene.leaks(answer) == [], (method, path)
        if path in PARTNERS or path in OF_BOTH:
            assert answer.json() == {"items": [], "next": None}
        else:
            assert answer.status_code in {403, 404}, (method, path, answer.text)
    assert await snapshot(scene.home) == before


async def test_a_person_of_the_organisation_learns_what_they_sent_alone(scene: Scene) -> None:
    ((organisation_id,),) = scene.home.query(
        "SELECT organisation_id FROM intake.client WHERE client_id = %s", scene.school.client_id
    )
    scopes = frozenset({"referral.create", "referral.read", "case.lead"})
    person = Caller(
        kind="partner", id=new_id(), name="colleague@testwood.school.example", scopes=scopes,
        organisation_id=organisation_id, roles=frozenset({"referrer"}),
    )  # fmt: skip
    me = bearer(issue(scene.home.house.signing, person, scene.home.clock(), 3600))
    before = await snapshot(scene.home)
    opened = set()
    for method, path in routes(scene):
        if not path.startswith("/v1/"):
            continue
        answer = await scene.call(method, path, me)
        assert scene.leaks(answer) == [], (method, path)
        if answer.status_code == 200:
            assert answer.json() == {"items": [], "next": None}
            opened.add(path)
        else:
            assert answer.status_code in {403, 404}, (method, path, answer.text)
    assert opened == {"/v1/referrals", "/v1/drafts", *OF_BOTH}
    assert await snapshot(scene.home) == before


async def test_staff_of_the_authority_without_a_role_in_the_hub_open_no_case(scene: Scene) -> None:
    operator = scene.home.staff("operator")
    for path in (
        "/v1/intake/referrals/{referral_id}",
        "/v1/triage/referrals/{referral_id}",
        "/v1/messages/{message_id}",
    ):
        answer = await scene.call("GET", path, operator)
        assert answer.status_code == 403, path
        assert scene.leaks(answer) == []


async def test_what_services_ask_each_other_is_not_there_from_outside(scene: Scene) -> None:
    inside = [
        (method, str(route.path))
        for running in scene.home.house.running.values()
        for router in inside_of(running)
        for route in iter_route_contexts(router.routes)
        for method in route.methods or ()
    ]
    assert len(inside) > 9
    for method, path in inside:
        for who in (
            {},
            scene.home.staff("manager"),
            dict(scene.school.headers),
            of_triage(scene),
        ):
            answer = await scene.home.http.request(
                method, path, json={"ids": [scene.told["id"]], "purpose": "test"}, headers=who
            )
            assert answer.status_code == 404, path


async def test_a_service_token_opens_nothing_outside(scene: Scene) -> None:
    service = of_triage(scene)
    for method, path in routes(scene):
        if path.startswith("/v1/"):
            answer = await scene.call(method, path, service)
            assert answer.status_code == 403, (method, path)


def of_triage(scene: Scene) -> dict[str, str]:
    """The headers of one of the house's own services."""
    return bearer(service_token(scene.home.house.signing, "triage", scene.home.clock()))


async def test_pages_show_another_authoritys_staff_nothing(scene: Scene) -> None:
    mine, theirs = await scene.home.browser(), await scene.home.browser(authority="walsall")
    pages = [
        path
        for method, path in routes(scene)
        if method == "GET" and not path.startswith("/v1/") and path not in STREAMS
    ]
    assert len(pages) >= 4
    shown = 0
    for path in [*pages, f"/find?reference={scene.told['reference']}", "/queue?state=decided"]:
        own = await mine.get(scene.address(path))
        shown += any(one in own.text for one in scene.telling)
        answer = await theirs.get(scene.address(path))
        assert scene.leaks(answer) == [], path
        if "{referral_id}" in path:
            assert answer.status_code == 404, path
        wanted = {403} if path.startswith(OPERATORS_ROOM) else {200, 404}
        assert answer.status_code in wanted, path
    assert shown >= 2
    before = await snapshot(scene.home)
    for method, path in routes(scene):
        if method == "POST" and not path.startswith("/v1/") and path != "/sign-out":
            answer = await theirs.post(scene.address(path), data={})
            assert answer.status_code in {400, 403, 404}, (path, answer.status_code)
            assert scene.leaks(answer) == [], path
    assert await snapshot(scene.home) == before
    await mine.aclose()
    await theirs.aclose()
