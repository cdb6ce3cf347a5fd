"""Agencies talk: a record with its words kept in the hub, and clocks that follow from it."""

from datetime import timedelta
from typing import Any

from tests.journey.forms import bruised_baby, form
from tests.journey.living import Living, Partner, read
from tests.journey.problems import pointers, problem

SHARED = "The midwife had seen the family weekly and was never let in."
ABUSE = [{"code": "domestic_abuse", "children": [0], "impact": "serious"}]


def discussion(home: Living, case: dict[str, Any], **said: Any) -> dict[str, Any]:
    return {
        "kind": "strategy",
        "held_at": home.clock().isoformat(),
        "attended": [
            {"agency": "childrens_social_care"},
            {"agency": "police", "name": "Sgt Example"},
            {"agency": "midwife"},
        ],
        "shared": SHARED,
        "children": [
            {"child_id": one["child_id"], "agreed": "A medical today.", "enquiry": "joint"}
            for one in case["children"]
        ],
        "safety_plan": "He stays on the ward.",
        **said,
    }


async def test_a_strategy_discussion_starts_and_stops_clocks(home: Living, school: Partner) -> None:
    manager = home.staff("manager")
    told = await home.refer(school, bruised_baby())
    case = await home.rated(told["id"], manager)
    assert (await home.decide(case, manager)).status_code == 201
    await home.settled()
    path = f"/v1/triage/referrals/{told['id']}/discussions"
    home.clock.forward(timedelta(minutes=30))
    alone = discussion(home, case, attended=[{"agency": "childrens_social_care"}])
    refused = problem(await home.http.post(path, json=alone, headers=manager), 422)
    assert pointers(refused) == {"/attended"}
    made = await home.http.post(path, json=discussion(home, case), headers=manager)
    assert made.status_code == 201, made.text
    assert read(made)["section_47"] is True
    await home.settled()
    clocks = await home.listed("/v1/clocks", told["id"], manager)
    states = {one["name"]: one["state"] for one in clocks}
    assert states["strategy_discussion"] == "met"
    assert states["conference_15_days"] == "running"
    (kept,) = read(await home.http.get(path, headers=home.staff()))["items"]
    assert (kept["shared"], kept["attended"][1]["name"]) == (SHARED, "Sgt Example")
    said = [event for event in home.events(told["id"]) if "discussion_recorded" in event["type"]]
    assert len(said) == 1
    assert SHARED not in str(home.events(told["id"]))
    assert "Sgt Example" not in str(home.events(told["id"]))
    (sealed,) = home.query(
        "SELECT words FROM triage.discussion WHERE referral_id = %s::uuid", told["id"]
    )
    assert SHARED.encode() not in bytes(sealed[0])


async def test_the_list_of_a_meeting_about_domestic_abuse(home: Living, school: Partner) -> None:
    practitioner = home.staff()
    told = await home.refer(school, form(concerns=ABUSE))
    other = await home.refer(school, form())
    case = await home.rated(told["id"], practitioner)
    await home.rated(other["id"], practitioner)
    path = "/v1/triage/domestic-abuse"
    (incident,) = read(await home.http.get(path, headers=practitioner))["items"]
    assert [one["id"] for one in incident["notifications"]] == [told["id"]]
    assert incident["discussed"] is False
    assert "Oscar" not in str(incident)
    meeting = discussion(
        home,
        case,
        kind="domestic_abuse_triage",
        children=[
            {"child_id": one["child_id"], "agreed": "School is told today."}
            for one in case["children"]
        ],
        safe_contact="By text on weekdays before noon.",
        marac=True,
    )
    made = await home.http.post(
        f"/v1/triage/referrals/{told['id']}/discussions", json=meeting, headers=practitioner
    )
    assert made.status_code == 201, made.text
    left = await home.http.get(path, params={"undiscussed": "true"}, headers=practitioner)
    assert read(left)["items"] == []
    yesterday = (home.clock() - timedelta(days=1)).date().isoformat()
    before = await home.http.get(path, params={"on": yesterday}, headers=practitioner)
    assert read(before)["items"] == []
    elsewhere = await home.http.get(path, headers=home.staff("manager", "walsall"))
    assert read(elsewhere)["items"] == []
