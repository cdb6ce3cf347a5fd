"""A Red counts at once, and is told once a manager has countersigned it."""

from tests.journey.forms import bruised_baby
from tests.journey.living import Living, Partner, read
from tests.journey.problems import problem


async def test_it_counts_at_once_and_is_told_once_countersigned(
    home: Living, school: Partner
) -> None:
    practitioner, manager = home.staff(), home.staff("manager")
    told = await home.refer(school, bruised_baby())
    case = await home.rated(told["id"], practitioner)
    made = read(await home.decide(case, practitioner))
    assert made["to_countersign"] == ["red"]
    await home.settled()
    clocks = await home.listed("/v1/clocks", told["id"], practitioner)
    states = {one["name"]: one["state"] for one in clocks}
    assert states["statutory_decision"] == "met"
    assert states["countersigned"] == "running"
    assert await home.listed("/v1/allocations", told["id"], practitioner)
    seen = read(await home.http.get(told["links"]["self"], headers=dict(school.headers)))
    assert (seen["rating"], seen["decision"]) == (None, None)
    assert "decision" not in {
        one["kind"] for one in await home.listed("/v1/messages", told["id"], practitioner)
    }
    waiting = read(await home.http.get("/v1/triage/countersignatures", headers=practitioner))
    assert [one["decision_id"] for one in waiting["items"]] == [made["id"]]
    path = f"/v1/triage/referrals/{told['id']}/countersignature"
    body = {"decision_id": made["id"], "agree": True}
    problem(await home.http.post(path, json=body, headers=practitioner), 403, "role_needed")
    late = {**manager, "If-Match": f'"{case["version"]}"'}
    problem(await home.http.post(path, json=body, headers=late), 412, "changed_meanwhile")
    signed = await home.http.post(path, json=body, headers=manager)
    assert signed.status_code == 201, signed.text
    await home.sent(told["id"], "decision", manager)
    await home.settled()
    seen = read(await home.http.get(told["links"]["self"], headers=dict(school.headers)))
    assert seen["rating"] == "red"
    assert seen["decision"]["rationale"]
    case = await home.rated(told["id"], manager)
    assert case["awaiting_countersignature"] is None
    assert case["decisions"][0]["countersignature"]["by"] == "manager.warwickshire"
    clocks = await home.listed("/v1/clocks", told["id"], practitioner)
    assert {one["name"]: one["state"] for one in clocks}["countersigned"] == "met"
    problem(await home.http.post(path, json=body, headers=manager), 409, "nothing_to_countersign")


async def test_sent_back_it_is_decided_again_and_told_once(home: Living, school: Partner) -> None:
    practitioner, manager = home.staff(), home.staff("manager")
    told = await home.refer(school)
    case = await home.rated(told["id"], practitioner)
    made = read(
        await home.decide(case, practitioner, rag="none", lowered_because="checked_and_explained")
    )
    assert made["to_countersign"] == ["no_further_action"]
    path = f"/v1/triage/referrals/{told['id']}/countersignature"
    body = {"decision_id": made["id"], "agree": False, "note": "Ask the health visitor first."}
    sent = await home.http.post(path, json=body, headers=manager)
    assert sent.status_code == 201, sent.text
    case = await home.rated(told["id"], practitioner)
    assert (case["state"], case["rag"]) == ("to_decide", "amber")
    assert case["decisions"][0]["countersignature"]["note"] == body["note"]
    await home.settled()
    clocks = await home.listed("/v1/clocks", told["id"], practitioner)
    assert "running" in {one["state"] for one in clocks if one["name"] == "hub_enquiry"}
    assert (await home.decide(case, practitioner)).status_code == 201
    await home.sent(told["id"], "decision", manager)
    await home.settled()
    messages = await home.listed("/v1/messages", told["id"], manager)
    assert [one["kind"] for one in messages].count("decision") == 1
