"""The council's case system takes over what was decided, in versions, and tells dates back."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2

from chassis.ids import new_id
from tests.journey.casework import case_system
from tests.journey.forms import bruised_baby, child, form
from tests.journey.living import Living, Partner, read
from tests.journey.problems import pointers, problem

BUNDLES = "/v1/case-system/bundles"


async def waiting(home: Living, who: dict[str, str], referral: str) -> list[dict[str, Any]]:
    items = read(await home.http.get(BUNDLES, headers=who))["items"]
    return [one for one in items if one["referral_id"] == referral]


async def taken(
    home: Living, path: str, who: dict[str, str], version: int, number: str = "LL-4711"
) -> httpx2.Response:
    body = {"version": version, "case_number": number}
    return await home.http.put(f"{path}/receipt", json=body, headers=who)


async def test_a_bundle_is_taken_once_a_version_and_dates_come_back(
    shared_home: Living, shared_school: Partner
) -> None:
    home = shared_home
    system, elsewhere = await case_system(home), await case_system(home, "walsall")
    manager = home.staff("manager")
    referral = (await home.refer(shared_school, bruised_baby()))["id"]
    case = await home.rated(referral, manager)
    assert await waiting(home, system, referral) == []
    secret = "Father was here before, under another name."
    assert (await home.decide(case, home.staff(), analysis=secret)).status_code == 201
    await home.settled()
    (one,) = await waiting(home, system, referral)
    assert (one["version"], one["taken_version"]) == (None, None)
    assert await waiting(home, elsewhere, referral) == []
    assert await waiting(home, manager, referral) == [one]

    path = one["links"]["self"]
    for who, status in ((elsewhere, 404), (manager, 403), (shared_school.headers, 403)):
        assert (await home.http.get(path, headers=who)).status_code == status
    unread = await taken(home, path, system, 1)
    assert pointers(problem(unread, 422)) == {"/version"}
    answer = await home.http.get(path, headers=system)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    bundle = read(answer)
    assert (bundle["id"], bundle["version"], bundle["format"]) == (one["id"], 1, 1)
    assert bundle["referral"]["form"]["children"][0]["given_name"] == "Oscar"
    decision = bundle["decided"]["decisions"][0]
    assert decision["rationale"]
    # It counts at once: the case system does not wait for the countersignature.
    assert decision["countersigned"] is False
    assert secret not in answer.text
    again = await home.http.get(path, headers={**system, "If-None-Match": '"1"'})
    assert again.status_code == 304

    both = await asyncio.gather(*(taken(home, path, system, 1) for _ in range(2)))
    assert [one.status_code for one in both] == [200, 200]
    assert read(both[0])["case_number"] == "LL-4711"
    other = await taken(home, path, system, 1, "LL-9999")
    assert (other.status_code, read(other)["code"]) == (409, "other_number")
    assert await waiting(home, system, referral) == []

    case = await home.rated(referral, manager)
    signed = await home.http.post(
        f"/v1/triage/referrals/{referral}/countersignature",
        json={"decision_id": case["decisions"][0]["decision_id"], "agree": True},
        headers={**home.staff("manager"), "If-Match": f'"{case["version"]}"'},
    )
    assert signed.status_code == 201, signed.text
    more = {"information": "The midwife has seen another bruise."}
    told = await home.follow_up(shared_school, referral, "information", more)
    assert told.status_code in (201, 202), told.text
    await home.settled()
    (again_there,) = await waiting(home, system, referral)
    assert again_there["id"] == one["id"]
    newer = read(await home.http.get(path, headers=system))
    assert newer["version"] == 2
    assert newer["decided"]["decisions"][0]["countersigned"] is True
    assert newer["referral"]["later"][0]["text"] == more["information"]
    assert read(await taken(home, path, system, 1))["taken_version"] == 1
    assert len(await waiting(home, system, referral)) == 1
    assert (await taken(home, path, system, 2)).status_code == 200
    assert await waiting(home, system, referral) == []

    today = home.clock().date().isoformat()
    dates = f"{path}/dates"
    wrong = {"milestone": "conference", "on": "2031-01-01", "children": [str(new_id())]}
    refused = problem(await home.http.post(dates, json=wrong, headers=system), 422)
    assert pointers(refused) == {"/children/0", "/on"}
    held = {"milestone": "strategy_discussion", "on": today}
    first = await home.http.post(dates, json=held, headers=system)
    second = await home.http.post(dates, json=held, headers=system)
    assert (first.status_code, second.status_code) == (201, 201), first.text
    assert read(first) == read(second)
    await home.settled()
    clocks = {one["name"]: one for one in await home.listed("/v1/clocks", referral, manager)}
    assert clocks["strategy_discussion"]["state"] == "met"
    assert clocks["conference_15_days"]["state"] == "running"
    told_back = {
        "milestone": "conference",
        "on": today,
        "children": [case["children"][0]["child_id"]],
    }
    assert (await home.http.post(dates, json=told_back, headers=system)).status_code == 201
    await home.settled()
    clocks = {one["name"]: one for one in await home.listed("/v1/clocks", referral, manager)}
    assert clocks["conference_15_days"]["state"] == "met"
    reached = [
        one["data"]["milestone"]
        for one in home.events(referral)
        if "milestone" in one.get("data", {})
    ]
    assert reached == ["handed_over", "strategy_discussion", "conference"]


async def test_early_help_stays_here(shared_home: Living, shared_school: Partner) -> None:
    home = shared_home
    manager = home.staff("manager")
    early = form(children=[child(given_name="Ida")])
    referral = (await home.refer(shared_school, early))["id"]
    case = await home.rated(referral, manager)
    green = await home.decide(
        case,
        manager,
        rag="green",
        lowered_because="checked_and_explained",
    )
    assert green.status_code == 201, green.text
    await home.settled()
    home.clock.forward(timedelta(minutes=1))
    assert await waiting(home, manager, referral) == []
