"""A Red in the night: the emergency duty team's queue, and the morning's signed handover."""

from datetime import UTC, datetime, timedelta

from tests.journey.forms import bruised_baby
from tests.journey.living import Living, read

NIGHT = datetime(2026, 3, 6, 2, tzinfo=UTC)
MORNING = datetime(2026, 3, 6, 9, tzinfo=UTC)


async def test_the_day_signs_for_what_the_night_held(home: Living) -> None:
    home.clock.now = NIGHT
    school = await home.partner()
    told = await home.refer(school, bruised_baby())
    night = home.staff("duty")
    await home.rated(told["id"], night)
    await home.settled()
    (seen,) = read(await home.http.get("/v1/allocations/duty", headers=night))["items"]
    assert (seen["hub_open"], seen["handover_due"]) == (False, False)
    (queue,) = (one for one in seen["queues"] if one["team"] == seen["on_duty"])
    (item,) = queue["items"]
    assert item["referral_id"] == told["id"]
    assert item["due_at"] == "2026-03-06T02:30:00Z"

    home.clock.now = MORNING
    morning = home.staff("duty")
    (seen,) = read(await home.http.get("/v1/allocations/duty", headers=morning))["items"]
    assert (seen["hub_open"], seen["handover_due"]) == (True, True)
    body = {"authority": "warwickshire", "allocation_ids": [item["allocation_id"]]}
    signed = await home.http.post("/v1/allocations/handovers", json=body, headers=morning)
    assert signed.status_code == 201, signed.text
    # The answer was lost, and the same person sends it again; somebody else is too late.
    again = await home.http.post("/v1/allocations/handovers", json=body, headers=morning)
    assert read(again) == read(signed)
    other = await home.http.post(
        "/v1/allocations/handovers", json=body, headers=home.staff("manager")
    )
    assert (other.status_code, read(other)["code"]) == (409, "handover_changed")
    (handover,) = read(await home.http.get("/v1/allocations/handovers", headers=morning))["items"]
    assert handover["referral_ids"] == [told["id"]]
    (seen,) = read(await home.http.get("/v1/allocations/duty", headers=morning))["items"]
    assert not seen["handover_due"]


async def test_the_forecast_says_what_falls_due_for_whom(home: Living) -> None:
    school = await home.partner()
    told = await home.refer(school, bruised_baby())
    manager = home.staff("manager")
    await home.rated(told["id"], manager)
    await home.settled()
    (seen,) = read(await home.http.get("/v1/clocks/forecast", headers=manager))["items"]
    (duty,) = (one for one in seen["teams"] if "accepted_by_person" in one["clocks"])
    assert duty["clocks"]["accepted_by_person"]["hour"] == 1
    assert duty["clocks"]["hub_enquiry"] == {"overdue": 0, "hour": 0, "shift": 1, "day": 1}
    home.clock.forward(timedelta(minutes=40))
    await home.settled()
    (seen,) = read(await home.http.get("/v1/clocks/forecast", headers=manager))["items"]
    (duty,) = (one for one in seen["teams"] if "accepted_by_person" in one["clocks"])
    assert duty["clocks"]["accepted_by_person"]["overdue"] == 1

    # The ladder is climbed, by email to whom it names, until a person takes the referral on.
    await home.sent(told["id"], "escalation", manager, 2)
    steps = [mail["To"] for mail in home.relay.box.taken if "still overdue" in mail["Subject"]]
    assert sorted(steps) == ["duty-manager@warwickshire.example", "duty@warwickshire.example"]
    await home.http.post(f"/v1/triage/referrals/{told['id']}/claim", headers=home.staff("duty"))
    await home.settled()
    home.clock.forward(timedelta(minutes=15))
    await home.settled()
    kinds = [one["kind"] for one in await home.listed("/v1/messages", told["id"], manager)]
    assert kinds.count("escalation") == 2
