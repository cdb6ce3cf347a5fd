"""A referrer or a partner disagrees with a decision, in stages, while the case goes on."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2

from tests.journey.living import RATIONALE, Living, Partner, read

BECAUSE = "He has come hungry every day for a month, and two teachers have seen it."
ANSWER = "We read it again with his school nurse; her visits show food at home."
FROM_US = {"Origin": "http://house.example", "Sec-Fetch-Site": "same-origin"}


async def raised(home: Living, who: Partner, referral_id: str, **said: Any) -> httpx2.Response:
    body = {"because": BECAUSE, "raised_by": "Hannah Testley, DSL", **said}
    return await home.follow_up(who, referral_id, "disagreements", body)


async def answered(
    home: Living, referral_id: str, which: str, who: dict[str, str], **said: Any
) -> httpx2.Response:
    return await home.http.post(
        f"/v1/triage/referrals/{referral_id}/disagreements/{which}/answer",
        json={"outcome": "upheld", "words": ANSWER, **said},
        headers=who,
    )


async def decided(home: Living, school: Partner, decider: dict[str, str]) -> str:
    told = await home.refer(school)
    case = await home.rated(told["id"], decider)
    assert (await home.decide(case, decider)).status_code == 201
    return str(told["id"])


async def test_a_disagreement_goes_up_until_it_changes_the_decision(
    home: Living, school: Partner
) -> None:
    decider, manager = home.staff("manager"), home.staff("manager")
    early = await home.refer(school)
    await home.rated(early["id"], decider)
    assert read(await raised(home, school, early["id"]))["code"] == "not_decided"

    referral = await decided(home, school, decider)
    first = await raised(home, school, referral)
    assert first.status_code == 201, first.text
    told = read(first)
    which = told["disagreement_id"]
    assert (told["stage"], told["state"]) == (1, "open")
    assert told["owner"]
    again = await raised(home, school, referral)
    assert (again.status_code, read(again)["code"]) == (409, "already_raised")
    await home.settled()
    clocks = {one["name"]: one for one in await home.listed("/v1/clocks", referral, manager)}
    assert clocks["disagreement_stage_1"]["due_at"] == told["due_at"]

    sent = {**school.headers, "Idempotency-Key": str(uuid4())}
    further = f"/v1/disagreements/{referral}/{which}/escalation"
    early_step = await home.http.post(further, json={"because": BECAUSE}, headers=sent)
    assert read(early_step)["code"] == "not_answered"
    assert (await answered(home, referral, which, home.staff())).status_code == 201
    assert (
        await home.http.post(further, json={"because": BECAUSE}, headers=sent)
    ).status_code == 201

    own = await answered(home, referral, which, decider)
    assert (own.status_code, read(own)["code"]) == (403, "own_decision")
    low = await answered(home, referral, which, home.staff())
    assert (low.status_code, read(low)["code"]) == (403, "manager_needed")
    bare = await answered(home, referral, which, manager, outcome="changed")
    pointers = {one["pointer"] for one in read(bare)["errors"]}
    assert pointers == {"/rating", "/theme"}
    changed = await answered(
        home,
        referral,
        which,
        manager,
        outcome="changed",
        theme="history_not_seen",
        rating={"rag": "red", "rationale": RATIONALE},
    )
    assert changed.status_code == 201, changed.text
    assert (read(changed)["state"], read(changed)["outcome"]) == ("resolved", "changed")
    assert (await home.rated(referral, manager))["rag"] == "red"

    seen = read(
        await home.http.get(
            "/v1/disagreements", params={"referral_id": referral}, headers=dict(school.headers)
        )
    )
    assert [one["words"] for one in seen["items"][0]["answers"]] == [ANSWER, ANSWER]
    await home.settled()

    async def answers() -> list[dict[str, Any]]:
        answer = await home.http.get(
            "/v1/changes",
            params={"news": "disagreement_answered"},
            headers=dict(school.headers),
        )
        items: list[dict[str, Any]] = read(answer)["items"]
        return [one for one in items if one["referral_id"] == referral]

    heard = await home.until(answers, lambda items: len(items) == 2)
    assert {one["disagreement_id"] for one in heard} == {which}
    there = await home.http.get(heard[0]["href"], headers=dict(school.headers))
    assert read(there)["items"][0]["answers"]
    states = {
        one["name"]: one["state"] for one in await home.listed("/v1/clocks", referral, manager)
    }
    assert states["disagreement_stage_1"] == "met"
    assert states["disagreement_stage_2"] == "met"
    await home.sent(referral, "disagreement", manager, count=6)
    assert BECAUSE not in str(home.events(referral))
    assert not any(BECAUSE in str(mail) for mail in home.relay.box.taken)

    counts = read(
        await home.http.get(
            "/v1/triage/disagreements/counts",
            params={
                "authority": "warwickshire",
                "since": "2026-01-01T00:00:00Z",
                "until": "2027-01-01T00:00:00Z",
            },
            headers=home.staff("analyst"),
        )
    )
    assert counts["total"] == 1
    assert (counts["items"][0]["outcome"], counts["items"][0]["theme"]) == (
        "changed",
        "history_not_seen",
    )


async def test_immediate_risk_begins_at_any_stage_and_is_answered_sooner(
    home: Living, school: Partner
) -> None:
    manager = home.staff("manager")
    referral = await decided(home, school, manager)
    told = read(await raised(home, school, referral, immediate_risk=True, stage=3))
    assert told["stage"] == 3
    await home.settled()
    due = {one["name"]: one["due_at"] for one in await home.listed("/v1/clocks", referral, manager)}
    assert told["due_at"] == due["disagreement_immediate_risk"] < due["disagreement_stage_3"]
    beyond = read(await raised(home, await home.partner("other"), referral))
    assert beyond["code"] == "referral_not_found"


async def test_the_decisions_email_leads_to_a_page_where_a_referrer_disagrees(
    home: Living, school: Partner
) -> None:
    manager = home.staff("manager")
    referral = await decided(home, school, manager)
    await home.sent(referral, "decision", manager)
    mail = next(one for one in home.relay.box.taken if "decision" in str(one["Subject"]))
    body = mail.get_body(("plain",))
    assert body is not None
    (link,) = re.findall(r"http://house\.example/disagree/[\w-]+", body.get_content())
    page = await home.http.get(link)
    assert "What do you think was missed" in page.text
    sent = await home.http.post(
        link,
        data={"what": "raised", "because": BECAUSE, "raised_by": "Hannah Testley"},
        headers=FROM_US,
    )
    assert "You hear from us by" in sent.text, sent.text
    listed = read(await home.http.get("/v1/triage/disagreements", headers=manager))
    which = listed["items"][0]["disagreement_id"]
    assert (await answered(home, referral, which, home.staff())).status_code == 201
    page = await home.http.get(link)
    assert ANSWER in page.text
    over = await home.http.post(link, data={"what": "accepted"}, headers=FROM_US)
    assert "This is over. The decision stands." in over.text
    home.clock.forward(timedelta(days=60))
    ended = await home.http.get(link)
    assert (ended.status_code, "has ended" in ended.text) == (410, True)
