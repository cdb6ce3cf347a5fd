"""Who is reading a referral is seen by all, and ends by itself."""

import asyncio
from datetime import timedelta

import httpx2

from services.triage.claims.lapsing import Lapsing
from tests.journey.forms import bruised_baby
from tests.journey.living import Living, Partner, read


async def claim(
    home: Living, referral_id: str, who: dict[str, str], *, take_over: bool = False
) -> httpx2.Response:
    return await home.http.post(
        f"/v1/triage/referrals/{referral_id}/claim", json={"take_over": take_over}, headers=who
    )


async def kinds(home: Living, referral_id: str) -> list[str]:
    return [event["type"].split(".", 2)[2] for event in home.events(referral_id)]


async def test_two_who_claim_at_once(home: Living, school: Partner) -> None:
    one, other = home.staff(), home.staff()
    told = await home.refer(school)
    case = await home.rated(told["id"], one)
    answers = await asyncio.gather(*(claim(home, told["id"], who) for who in (one, other)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    late = next(answer for answer in answers if answer.status_code == 409)
    assert read(late)["code"] == "claimed_by_another"
    winner, loser = (one, other) if answers[0].status_code == 201 else (other, one)
    refused = await home.decide(case, loser)
    assert (refused.status_code, read(refused)["code"]) == (409, "claimed_by_another")
    (row,) = read(
        await home.http.get("/v1/triage/referrals", params={"state": "to_decide"}, headers=loser)
    )["items"]
    assert row["claim"]["role"] == "practitioner"
    assert "by" not in row["claim"]
    assert (await home.rated(told["id"], loser))["claim"]["by"] == "practitioner.warwickshire"
    assert (await home.decide(case, winner)).status_code == 201
    assert (await home.rated(told["id"], loser))["claim"] is None


async def test_a_red_that_somebody_went_home_with(home: Living, school: Partner) -> None:
    practitioner = home.staff()
    told = await home.refer(school, bruised_baby())
    await home.rated(told["id"], practitioner)
    assert (await claim(home, told["id"], practitioner)).status_code == 201
    await home.settled()
    clocks = await home.listed("/v1/clocks", told["id"], practitioner)
    assert {one["name"]: one["state"] for one in clocks}["accepted_by_person"] == "met"
    home.clock.forward(timedelta(hours=1))
    loop = next(
        owner
        for one in home.house.running["triage"].loops
        if isinstance(owner := getattr(one, "__self__", None), Lapsing)
    )
    await loop.step()
    manager = home.staff("manager")
    assert (await home.rated(told["id"], manager))["claim"] is None
    assert "triage.released.v1" in " ".join(await kinds(home, told["id"]))
    assert (await claim(home, told["id"], manager)).status_code == 201


async def test_taken_over_and_given_back(home: Living, school: Partner) -> None:
    practitioner, manager = home.staff(), home.staff("manager")
    told = await home.refer(school)
    await home.rated(told["id"], practitioner)
    await claim(home, told["id"], practitioner)
    assert (await claim(home, told["id"], practitioner, take_over=True)).status_code == 201
    assert (await claim(home, told["id"], manager)).status_code == 409
    assert (await claim(home, told["id"], manager, take_over=True)).status_code == 201
    back = f"/v1/triage/referrals/{told['id']}/release"
    assert (await home.http.post(back, headers=practitioner)).status_code == 403
    assert (await home.http.post(back, headers=manager)).status_code == 201
    assert (await home.http.post(back, headers=manager)).status_code == 409
    assert (await claim(home, told["id"], home.staff("coordinator"))).status_code == 403
    assert (await claim(home, told["id"], home.staff("manager", "walsall"))).status_code == 404
