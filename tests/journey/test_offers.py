"""A decided Green finds its lead professional: offered, declined, offered to the next, accepted."""

import asyncio
from datetime import timedelta
from typing import Any

from services.allocation.offers.offering import Offering
from tests.journey.forms import child, form
from tests.journey.living import Living, Partner, read


async def worker(home: Living, code: str, **said: Any) -> dict[str, Any]:
    body = {
        "name": f"{code} Testwell",
        "agency": "early_help",
        "team": "early_help_warwick",
        "skills": ["early_help"],
        "hours": 37,
        "leads_up_to": 3,
        **said,
    }
    answer = await home.http.put(
        f"/v1/workers/warwickshire/{code}", json=body, headers=home.staff("coordinator")
    )
    assert answer.status_code == 200, answer.text
    return read(answer)


async def decided(
    home: Living, school: Partner, *, outcome: str = "early_help_assessment", **said: Any
) -> str:
    """A referral that was decided as early help, or for the panel, in Warwick."""
    manager = home.staff("manager")
    told = await home.refer(school, form(**said))
    case = await home.rated(told["id"], manager)
    children = [
        {"child_id": one["child_id"], "rag": "green", "outcome": outcome}
        for one in case["children"]
    ]
    answer = await home.decide(
        case,
        manager,
        children=children,
        rag="green",
        lowered_because="checked_and_explained",
    )
    assert answer.status_code == 201, answer.text
    await home.settled()
    return str(told["id"])


def offering(home: Living) -> Offering:
    for loop in home.house.running["allocation"].loops:
        owner = getattr(loop, "__self__", None)
        if isinstance(owner, Offering):
            return owner
    raise AssertionError


async def asked(home: Living, referral_id: str, count: int = 1) -> list[dict[str, Any]]:
    """Who was asked, as soon as so many were."""
    who = home.staff("coordinator")

    async def ask() -> list[dict[str, Any]]:
        return [
            one
            for one in await home.listed("/v1/allocations", referral_id, who)
            if one["worker_id"]
        ]

    return await home.until(ask, lambda found: len(found) >= count)


async def test_the_next_is_asked_until_somebody_accepts(home: Living) -> None:
    school, who = await home.partner(), home.staff("coordinator")
    for code in ("W-1", "W-2", "W-3"):
        await worker(home, code)
    referral_id = await decided(home, school)
    (first,) = await asked(home, referral_id)
    assert (first["state"], first["kind"]) == ("offered", "lead_professional")
    assert first["assignee_name"].endswith("Testwell")

    said = {"reason": "no_room", "note": "I have three courts this week."}
    path = f"/v1/allocations/{first['id']}"
    declined = await home.http.post(f"{path}/decline", json=said, headers=who)
    assert declined.status_code == 201, declined.text
    late = await home.http.post(f"{path}/acceptance", headers=who)
    assert late.status_code == 409
    assert read(late)["code"] == "offer_declined"

    _, silent = await asked(home, referral_id, 2)
    home.clock.forward(timedelta(days=4))
    who = home.staff("coordinator")
    *_, second = await asked(home, referral_id, 3)
    held = await home.listed("/v1/allocations", referral_id, who)
    states = {one["id"]: one["state"] for one in held}
    assert (states[silent["id"]], states[second["id"]]) == ("ended", "offered")
    path = f"/v1/allocations/{silent['id']}/acceptance"
    late = await home.http.post(path, headers=who)
    assert (late.status_code, read(late)["code"]) == (409, "offer_lapsed")
    assert len({one["worker_id"] for one in (first, silent, second)}) == 3
    seen = {**who, "If-Match": f'"{second["version"]}"'}
    path = f"/v1/allocations/{second['id']}/acceptance"
    both = await asyncio.gather(*(home.http.post(path, headers=seen) for _ in range(2)))
    assert sorted(one.status_code for one in both) == [201, 412]
    await home.settled()
    held = await home.listed("/v1/allocations", referral_id, who)
    assert [one["worker_id"] for one in held if one["state"] == "accepted"] == [second["worker_id"]]
    clocks = {
        one["name"]: one["state"] for one in await home.listed("/v1/clocks", referral_id, who)
    }
    assert clocks["lead_professional_allocated"] == "met"
    assert clocks["first_contact"] == "running"
    told = [str(one) for one in home.events(referral_id)]
    assert any("not_answered" in one for one in told)
    assert not any("Testwell" in one or "courts" in one for one in told)


async def test_what_nobody_can_take_waits_in_its_locality_and_says_why(home: Living) -> None:
    school, who = await home.partner(), home.staff("coordinator")
    one = await worker(home, "W-1", hours=0)
    referral_id = await decided(home, school)
    await offering(home).step()

    async def waiting() -> dict[str, Any]:
        return read(await home.http.get("/v1/waiting", headers=who))

    found = await home.until(
        waiting, lambda page: bool(page["items"] and page["items"][0]["waiting"])
    )
    (item,) = found["items"]
    assert (item["referral_id"], item["waiting"]) == (referral_id, "nobody_free")
    assert (found["localities"][0]["waiting"], found["localities"][0]["offered"]) == (1, 0)
    preview = read(await home.http.get(f"/v1/allocations/{item['id']}/preview", headers=who))
    assert preview["worker_id"] is None
    assert [each["why_not"] for each in preview["others"]] == ["no_hours"]

    # She comes back: nobody waits five minutes.
    await worker(home, "W-1", hours=37)
    (offered,) = await asked(home, referral_id)
    assert offered["worker_id"] == one["id"]
    found = await waiting()
    assert found["items"] == []
    assert (found["localities"][0]["waiting"], found["localities"][0]["offered"]) == (0, 1)


async def test_who_works_with_the_childs_schools_goes_first_then_who_knows_the_family(
    home: Living,
) -> None:
    school, who = await home.partner(), home.staff("coordinator")
    await worker(home, "W-1")
    near = await worker(home, "W-2", school_clusters=["warwick_schools"])
    referral_id = await decided(home, school, children=[child(school="Warwick Pretend School")])
    (offered,) = await asked(home, referral_id)
    assert (offered["worker_id"], offered["rule"]) == (near["id"], "school_cluster")
    preview = read(await home.http.get(f"/v1/allocations/{offered['id']}/preview", headers=who))
    assert {each["why_not"] for each in preview["others"]} <= {"has_it", "after"}


async def test_an_address_that_no_locality_claims_stands_on_the_waiting_list(
    home: Living,
) -> None:
    school, who = await home.partner(), home.staff("coordinator")
    await worker(home, "W-1")
    elsewhere = {"lines": ["1 Nowhere Lane"], "postcode": "ZZ99 3VZ"}
    referral_id = await decided(
        home, school, children=[child(address=elsewhere, school="No Such School")]
    )
    page = read(await home.http.get("/v1/waiting", headers=who))
    (item,) = page["items"]
    assert (item["referral_id"], item["locality"]) == (referral_id, None)
    assert (item["assignee"], item["waiting"]) == ("hub", "no_workers")
    (held,) = [
        one for one in await home.listed("/v1/allocations", referral_id, who) if not one["urgent"]
    ]
    assert held["reason"].startswith("no locality claims this address")


async def test_who_holds_cases_does_not_leave_before_they_are_given_to_others(
    home: Living,
) -> None:
    school, who = await home.partner(), home.staff("coordinator")
    one = await worker(home, "W-1")
    referral_id = await decided(home, school)
    (offered,) = await asked(home, referral_id)
    accepted = await home.http.post(f"/v1/allocations/{offered['id']}/acceptance", headers=who)
    assert accepted.status_code == 201, accepted.text
    path = f"/v1/workers/{one['id']}"
    refused = await home.http.post(f"{path}/leaving", json={}, headers=who)
    assert (refused.status_code, read(refused)["code"]) == (409, "worker_holds_cases")

    other = await worker(home, "W-2")
    moved = await home.http.post(f"{path}/reassignment", json={"to": other["id"]}, headers=who)
    assert read(moved) == {
        "worker_id": one["id"], "offered": 1, "back_to_team": 0, "unchanged": 0,
    }  # fmt: skip
    again = await home.http.post(f"{path}/reassignment", json={}, headers=who)
    assert read(again)["offered"] == 0, "nothing is left to move"
    assert (await home.http.post(f"{path}/leaving", json={}, headers=who)).status_code == 200
    _, second = await asked(home, referral_id, 2)
    assert (second["worker_id"], second["state"]) == (other["id"], "offered")


async def test_a_partners_system_answers_for_its_own_worker_alone(home: Living) -> None:
    school, other = await home.partner(), await home.partner("other-school")
    ((mine,),) = home.query(
        "SELECT organisation_id FROM intake.client WHERE client_id = 'testwood-academy'"
    )
    await worker(home, "W-1", agency="school", organisation_id=str(mine))
    referral_id = await decided(home, school)
    (offered,) = await asked(home, referral_id)
    path = f"/v1/allocations/{offered['id']}/acceptance"
    assert (await home.http.post(path, headers=dict(other.headers))).status_code == 404
    assert (await home.http.post(path, headers=dict(school.headers))).status_code == 201
