"""A restricted referral: who sees it, what everybody else is told, and what opening it costs."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx2
from fastapi.routing import iter_route_contexts

from chassis.identity import SOCIAL_WORKER, Caller, issue
from chassis.ids import new_id
from tests.journey.forms import child, form
from tests.journey.living import Living, Partner, bearer

WHY = "Her aunt works on our early help desk."
RING = "Ring the duty manager, 01632 960101."
PLAIN = "There is no such referral."
# Of calls that are for other roles, or for partners alone.
NOT_THEIRS = {"role_needed", "wrong_kind_of_caller"}


class Somebody:
    """Staff with an id that the test knows."""

    def __init__(self, home: Living, role: str, authority: str = "warwickshire") -> None:
        self.caller = Caller(
            kind="staff",
            id=new_id(),
            name=f"{role}.somebody",
            authorities=frozenset({authority}),
            roles=frozenset({role}),
            qualifications=frozenset({SOCIAL_WORKER}),
        )
        self.headers = bearer(issue(home.house.signing, self.caller, home.clock(), 3600))

    @property
    def id(self) -> str:
        return str(self.caller.id)


async def restrict(
    home: Living, referral_id: str, who: Mapping[str, str], **said: Any
) -> httpx2.Response:
    return await home.http.put(
        f"/v1/intake/referrals/{referral_id}/restriction",
        json={"because": "family_of_staff", "why": WHY, **said},
        headers=dict(who),
    )


def allegation(**said: Any) -> dict[str, Any]:
    accused = {"name": "Gideon Fairbrook", "works_with_children": True}
    return form(alleged_perpetrators=[accused], **said)


async def everything_listed(home: Living, who: Mapping[str, str]) -> str:
    """The text of every list of the house that this person may ask for."""
    found = []
    for route in iter_route_contexts(home.house.app().routes):
        path = str(route.path)
        if "GET" in (route.methods or ()) and path.startswith("/v1/") and "{" not in path:
            answer = await home.http.get(path, headers=dict(who))
            assert answer.status_code in {200, 403}, (path, answer.text)
            found.append(answer.text)
    assert len(found) > 5
    return "\n".join(found)


async def test_few_see_it_and_the_others_of_the_hub_are_told_whom_to_ring(
    home: Living, school: Partner
) -> None:
    worry = {"code": "domestic_abuse", "children": [0], "impact": "some"}
    told = await home.refer(school, form(concerns=[worry]))
    manager = home.staff("manager")
    worker, aunt, stranger = (Somebody(home, role) for role in ("practitioner", "duty", "duty"))
    coordinator = Somebody(home, "coordinator")
    case = await home.rated(told["id"], manager)
    answer = await restrict(
        home, told["id"], manager, roles=["manager"], allow=[worker.id], deny=[aunt.id]
    )
    assert answer.status_code == 200, answer.text
    await home.settled()

    paths = [
        str(route.path)
        for route in iter_route_contexts(home.house.app().routes)
        if "{referral_id}" in str(route.path)
        and "GET" in (route.methods or ())
        and str(route.path).startswith("/v1/")
        and str(route.path) != "/v1/referrals/{referral_id}"
    ]
    assert len(paths) >= 4
    for path in paths:
        if "attachment_id" in path:
            continue
        asked = path.replace("{referral_id}", told["id"])
        for who in (worker.headers, manager):
            answer = await home.http.get(asked, headers=who)
            assert answer.status_code == 200 or answer.json()["code"] in NOT_THEIRS, asked
        kept = await home.http.get(asked, headers=stranger.headers)
        assert kept.status_code == 403, asked
        if kept.json()["code"] not in NOT_THEIRS:
            assert kept.json()["code"] == "restricted_record"
            assert RING in kept.json()["detail"]
        for who in (aunt, coordinator):
            gone = await home.http.get(asked, headers=who.headers)
            assert gone.status_code == 404 or gone.json()["code"] in NOT_THEIRS, asked
            if gone.status_code == 404:
                assert gone.json()["detail"] == PLAIN

    for who in (stranger, aunt, coordinator):
        listed = await everything_listed(home, who.headers)
        assert told["id"] not in listed
        assert told["reference"] not in listed
    for who, knows in ((manager, True), (Somebody(home, "analyst").headers, False)):
        contacts = await home.http.get("/v1/scorecard/warwickshire/lists/contacts", headers=who)
        assert (told["reference"] in contacts.text) is knows
    seen = await everything_listed(home, worker.headers)
    assert told["id"] in seen

    refused = await home.decide(case, stranger.headers)
    assert refused.status_code == 403
    assert (await home.decide(case, aunt.headers)).status_code in {403, 404}
    assert (await home.decide(case, worker.headers)).status_code == 201

    # What a partner says of it afterwards is no way round.
    because = {"because": "He has come hungry every day for a month.", "raised_by": "A. Testley"}
    raised = await home.follow_up(school, told["id"], "disagreements", because)
    assert raised.status_code == 201, raised.text
    owed = "/v1/triage/disagreements"
    for who in (stranger, aunt):
        assert told["id"] not in (await home.http.get(owed, headers=who.headers)).text
    assert told["id"] in (await home.http.get(owed, headers=worker.headers)).text


async def test_nobody_is_left_out_by_mistake(home: Living, school: Partner) -> None:
    told = await home.refer(school)
    manager = home.staff("manager")
    nobody = await restrict(home, told["id"], manager, roles=[])
    assert nobody.status_code == 422
    assert nobody.json()["code"] == "nobody_sees_it"
    unknown = await restrict(home, told["id"], manager, allow=["no.such.name"])
    assert unknown.json()["errors"][0]["pointer"] == "/allow/0"
    short = await restrict(home, told["id"], manager, why="because")
    assert short.json()["errors"][0]["pointer"] == "/why"
    for role in ("practitioner", "duty", "coordinator", "operator"):
        assert (await restrict(home, told["id"], home.staff(role))).status_code == 403
    elsewhere = await restrict(home, told["id"], home.staff("manager", "walsall"))
    assert elsewhere.status_code == 404


async def test_the_glass_is_broken_with_a_reason_for_a_time_and_the_manager_hears_of_it(
    home: Living, school: Partner
) -> None:
    told = await home.refer(school)
    manager = home.staff("manager")
    somebody, aunt = Somebody(home, "duty"), Somebody(home, "duty")
    path = f"/v1/intake/referrals/{told['id']}"
    body = {"because": "child_in_danger", "why": "Police ring about this boy and need his address."}
    early = await home.http.post(f"{path}/break-glass", json=body, headers=somebody.headers)
    assert early.json()["code"] == "not_restricted"
    await restrict(home, told["id"], manager, roles=["manager"], deny=[aunt.id])
    assert (await home.http.get(path, headers=somebody.headers)).status_code == 403

    bare = await home.http.post(
        f"{path}/break-glass", json={**body, "why": ""}, headers=somebody.headers
    )
    assert bare.json()["errors"][0]["pointer"] == "/why"
    denied = await home.http.post(f"{path}/break-glass", json=body, headers=aunt.headers)
    assert (denied.status_code, denied.json()["detail"]) == (404, PLAIN)
    opened = await home.http.post(f"{path}/break-glass", json=body, headers=somebody.headers)
    assert opened.status_code == 201, opened.text

    assert (await home.http.get(path, headers=somebody.headers)).status_code == 200
    await home.rated(told["id"], somebody.headers)
    (alert,) = await home.sent(told["id"], "glass_alert", manager)
    assert alert["audience"] == "manager"
    mail = next(one for one in home.relay.box.taken if one["Subject"].endswith(": opened"))
    text = mail.get_body(("plain",)).get_content()
    assert "A child may be in danger now" in text
    assert body["why"] not in text
    (entry,) = home.query(
        "SELECT actor_id, details FROM intake.audit_entry WHERE action = 'glass_broken'"
    )
    assert str(entry[0]) == somebody.id
    assert entry[1] == {"because": "child_in_danger"}
    said = (await home.http.get(f"{path}/restriction", headers=manager)).json()
    assert [one["why"] for one in said["said"]] == [WHY, body["why"]]
    assert said["opened"][0]["staff_id"] == somebody.id

    home.clock.forward(timedelta(minutes=61))
    late = Somebody.__new__(Somebody)
    late.headers = bearer(issue(home.house.signing, somebody.caller, home.clock(), 3600))
    assert (await home.http.get(path, headers=late.headers)).status_code == 403


async def test_an_allegation_against_a_professional_is_restricted_from_the_first_second(
    home: Living, school: Partner
) -> None:
    told = await home.refer(school, allegation())
    path = f"/v1/intake/referrals/{told['id']}"
    practitioner, manager = home.staff("practitioner"), home.staff("manager")
    assert (await home.http.get(path, headers=practitioner)).status_code == 403
    assert (await home.http.get(path, headers=manager)).status_code == 200
    await home.rated(told["id"], home.staff("duty"))
    await home.settled()
    assert told["id"] not in await everything_listed(home, practitioner)

    # The designated officer hears of it, without a name, and a clock runs until they take it up.
    (alert,) = await home.sent(told["id"], "allegation_alert", manager)
    (mail,) = [one for one in home.relay.box.taken if one["To"] == "lado@warwickshire.example"]
    assert "Fairbrook" not in mail.as_string()
    clocks = await home.listed("/v1/clocks", told["id"], manager)
    assert [one["state"] for one in clocks if one["name"] == "designated_officer"] == ["running"]
    assert alert["audience"] == "manager"

    # Another system of the same organisation may be the accused's.
    async with home.house.databases["intake"].transaction() as connection:
        await connection.execute(
            "INSERT INTO client (client_id, organisation_id, secret_digest, scopes, created_at)"
            " SELECT 'second-client', organisation_id, secret_digest, scopes, created_at"
            "   FROM client WHERE client_id = $1",
            school.client_id,
        )
    token = await home.http.post(
        "/oauth/token",
        data={
            "grant_type": "client_credentials",
            "client_id": "second-client",
            "client_secret": school.secret,
        },
    )
    colleague = bearer(token.json()["access_token"])
    status = f"/v1/referrals/{told['id']}"
    assert (await home.http.get(status, headers=dict(school.headers))).status_code == 200
    assert (await home.http.get(status, headers=colleague)).status_code == 404
    assert (await home.http.get("/v1/referrals", headers=colleague)).json()["items"] == []
    own = (await home.http.get("/v1/referrals", headers=dict(school.headers))).json()["items"]
    assert [one["id"] for one in own] == [told["id"]]


async def test_the_familys_story_masks_it_and_says_that_it_is_there(
    home: Living, school: Partner
) -> None:
    known = child(nhs_number="9990000476")
    first = await home.refer(school, form(children=[known]))
    second = await home.refer(school, form(children=[known]))
    manager, duty = home.staff("manager"), home.staff("duty")
    coordinator = home.staff("coordinator")
    aunt = Somebody(home, "duty")

    async def story(who: Mapping[str, str]) -> dict[str, Any]:
        answer = await home.http.get(f"/v1/referrals/{second['id']}/story", headers=dict(who))
        found: dict[str, Any] = answer.json()
        return found

    assert (await story(duty))["earlier"][0]["referral_id"] == first["id"]
    assert (await story(duty))["restricted"] is None
    await restrict(home, first["id"], manager, roles=["manager"], deny=[aunt.id])
    for who in (duty, coordinator, aunt.headers):
        read = await story(who)
        assert read["earlier"] == []
        assert first["id"] not in str(read)
    assert (await story(duty))["restricted"]["ring"] == "the duty manager, 01632 960101"
    assert (await story(coordinator))["restricted"] is None
    assert (await story(aunt.headers))["restricted"] is None
    assert (await story(manager))["earlier"][0]["referral_id"] == first["id"]

    ended = await home.http.post(
        f"/v1/intake/referrals/{first['id']}/restriction-end",
        json={"why": "She has left the desk since."},
        headers=manager,
    )
    assert ended.status_code == 200, ended.text
    assert (await story(duty))["earlier"][0]["referral_id"] == first["id"]
    # The events hold ids and codes; the reasons stay sealed.
    bodies = home.query("SELECT body::text FROM event_stream.event_log")
    assert not any("aunt" in body or "left the desk" in body for (body,) in bodies)
