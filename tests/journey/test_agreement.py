"""What a family says of help: asked of the referrer where the form leaves it open, taken down later,
and taken back, with the case going on all the while."""

from typing import Any
from uuid import uuid4

import httpx2

from tests.journey.forms import bruised_baby, form
from tests.journey.living import Living, Partner, read

AGREES = {
    "status": "given",
    "who": "parent_or_carer",
    "given_by": "Kerry Testwood",
    "given_on": "2026-03-04",
    "scope": ["service", "panel"],
    "evidence": "She wrote to the school.",
    "young_persons_own": "yes",
    "parents_informed": True,
}
TAKEN_BACK = {**AGREES, "status": "withdrawn", "given_on": "2026-03-05", "scope": []}


async def say(
    home: Living, address: str, who: dict[str, str], said: dict[str, Any], key: str | None = None
) -> httpx2.Response:
    headers = {"Idempotency-Key": key or str(uuid4()), **who}
    return await home.http.post(address, json=said, headers=headers)


async def asked(home: Living, referral_id: str, who: dict[str, str]) -> list[dict[str, Any]]:
    answer = await home.http.get(f"/v1/triage/referrals/{referral_id}/checks", headers=who)
    return list(read(answer)["items"])


async def test_what_is_missing_is_asked_at_once_and_answered_by_the_record(
    shared_home: Living, shared_school: Partner
) -> None:
    home, who, school = shared_home, shared_home.staff("manager"), dict(shared_school.headers)
    told = await home.refer(shared_school, form(agreement=None))
    case = await home.rated(told["id"], who)
    (request,) = await asked(home, told["id"], who)
    assert (request["of"], request["state"], request["asked_by"]) == ("referrer", "open", None)
    assert "whether the family agrees" in request["need"]
    (mail, *_) = await home.sent(told["id"], "information_wanted", who)
    assert mail["state"] in {"sent", "delivered"}

    # Nothing waits for it: it can be decided now.
    assert case["state"] == "to_decide"
    await home.settled()
    clocks = await home.listed("/v1/clocks", told["id"], who)
    assert "running" in {one["state"] for one in clocks if one["name"] == "referrer_answer"}

    address = f"/v1/referrals/{told['id']}/agreement"
    key = str(uuid4())
    kept = await say(home, address, school, AGREES, key)
    assert kept.status_code == 201, kept.text
    assert (await say(home, address, school, AGREES, key)).json() == kept.json()

    async def answered() -> list[str]:
        return [one["state"] for one in await asked(home, told["id"], who)]

    await home.until(answered, lambda states: states == ["answered"])
    opened = read(await home.http.get(f"/v1/intake/referrals/{told['id']}", headers=who))
    (words,) = [one["text"] for one in opened["later"] if one["kind"] == "agreement"]
    assert "Kerry Testwood" in words
    assert "She wrote to the school." in words
    assert "Kerry" not in str(home.events(told["id"]))


async def test_taken_back_after_the_decision_it_is_shown_and_nothing_is_closed(
    shared_home: Living, shared_school: Partner
) -> None:
    home, who = shared_home, shared_home.staff("manager")
    told = await home.refer(shared_school, form())
    case = await home.rated(told["id"], who)
    assert await asked(home, told["id"], who) == []
    assert (await home.decide(case, who)).status_code == 201
    await home.settled()
    kept = await say(home, f"/v1/intake/referrals/{told['id']}/agreement", who, TAKEN_BACK)
    assert kept.status_code == 201, kept.text

    async def work() -> list[dict[str, Any]]:
        return await home.listed("/v1/allocations", told["id"], who)

    (held, *_) = await home.until(work, lambda items: bool(items[0]["agreement_withdrawn_at"]))
    assert (held["agreement"], held["ended_at"]) == ("refused", None)
    case = read(await home.http.get(f"/v1/triage/referrals/{told['id']}", headers=who))
    assert (case["state"], case["agreement"]) == ("decided", "refused")
    assert case["agreement_withdrawn_at"]


async def test_red_asks_nobody_and_bad_records_are_refused(
    shared_home: Living, shared_school: Partner
) -> None:
    home, who, school = shared_home, shared_home.staff(), dict(shared_school.headers)
    told = await home.refer(shared_school, bruised_baby(agreement=None, parents_informed=None))
    await home.rated(told["id"], who)
    assert await asked(home, told["id"], who) == []
    address = f"/v1/referrals/{told['id']}/agreement"
    wrong = await say(home, address, school, {**AGREES, "scope": ["everything"]})
    assert (wrong.status_code, read(wrong)["errors"][0]["pointer"]) == (422, "/scope/0")
    without_day = {name: value for name, value in AGREES.items() if name != "given_on"}
    assert (await say(home, address, school, without_day)).status_code == 422
    keyless = await home.http.post(address, json=AGREES, headers=school)
    assert keyless.status_code == 400
