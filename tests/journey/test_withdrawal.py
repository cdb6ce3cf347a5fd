"""A withdrawal is a request (practice rule 2): everything runs on until somebody concludes it."""

from tests.journey.forms import NHS_NUMBER, attendance, bruised_baby, child, form
from tests.journey.living import Living, Partner, read

REASON = {"reason": "The family has moved away."}
CLOSED = {"close": True, "rationale": "We spoke with you and the family has moved."}
WENT_ON = {"close": False, "rationale": "What you told us still worries us."}


async def asked(home: Living, school: Partner, referral_id: str, who: dict[str, str]) -> dict:
    answer = await home.follow_up(school, referral_id, "withdrawal", REASON)
    assert answer.status_code == 202, answer.text
    return await home.rated(
        referral_id, who, lambda case: case["withdrawal_requested_at"] is not None
    )


async def conclude(home: Living, case: dict, who: dict[str, str], body: dict, **headers: str):
    return await home.http.post(
        f"/v1/triage/referrals/{case['id']}/withdrawal", json=body, headers={**who, **headers}
    )


async def test_clocks_run_on_until_a_practitioner_closes(home: Living, school: Partner) -> None:
    practitioner = home.staff()
    told = await home.refer(school, attendance())
    case = await asked(home, school, told["id"], practitioner)
    assert case["state"] == "to_decide"
    await home.settled()
    clocks = await home.listed("/v1/clocks", told["id"], practitioner)
    statutory = next(clock for clock in clocks if clock["name"] == "statutory_decision")
    assert statutory["state"] == "running"
    seen = read(await home.http.get(told["links"]["self"], headers=dict(school.headers)))
    assert seen["stage"] == "received"
    assert seen["withdrawal_requested_at"]

    closed = await conclude(
        home, case, practitioner, CLOSED, **{"If-Match": f'"{case["version"]}"'}
    )
    assert closed.status_code == 201, closed.text
    assert read(closed)["state"] == "withdrawn"
    await home.settled()
    states = {one["state"] for one in await home.listed("/v1/clocks", told["id"], practitioner)}
    assert "running" not in states
    seen = read(await home.http.get(told["links"]["self"], headers=dict(school.headers)))
    assert seen["stage"] == "withdrawn"
    assert seen["what_happens_next"] == "The referral was withdrawn and is closed."
    await home.sent(told["id"], "closure", practitioner)


async def test_a_withdrawal_may_be_asked_once(home: Living, school: Partner) -> None:
    told = await home.refer(school)
    await asked(home, school, told["id"], home.staff())
    again = await home.follow_up(school, told["id"], "withdrawal", REASON)
    assert again.status_code == 409
    assert read(again)["code"] == "already_withdrawn"


async def test_nobody_concludes_what_nobody_asked(home: Living, school: Partner) -> None:
    practitioner = home.staff()
    told = await home.refer(school)
    case = await home.rated(told["id"], practitioner)
    answer = await conclude(home, case, practitioner, CLOSED)
    assert answer.status_code == 409
    assert read(answer)["code"] == "no_withdrawal"


async def test_a_manager_closes_where_red_was_suggested(home: Living, school: Partner) -> None:
    practitioner, manager = home.staff(), home.staff("manager")
    told = await home.refer(school, bruised_baby())
    case = await asked(home, school, told["id"], practitioner)
    assert case["suggestion"]["rag"] == "red"
    refused = await conclude(home, case, practitioner, CLOSED)
    assert refused.status_code == 403
    assert read(refused)["code"] == "manager_needed"
    assert (await conclude(home, case, manager, CLOSED)).status_code == 201


async def test_a_manager_closes_a_repeat(home: Living, school: Partner) -> None:
    practitioner = home.staff()
    about = attendance(children=[child(nhs_number=NHS_NUMBER)])
    await home.refer(school, about)
    told = await home.refer(school, about)
    case = await asked(home, school, told["id"], practitioner)
    assert case["repeat"]
    refused = await conclude(home, case, practitioner, CLOSED)
    assert read(refused)["code"] == "manager_needed"


async def test_a_practitioner_goes_on_with_a_reason(home: Living, school: Partner) -> None:
    practitioner = home.staff()
    told = await home.refer(school)
    case = await asked(home, school, told["id"], practitioner)
    silent = await conclude(home, case, practitioner, {"close": False, "rationale": ""})
    assert silent.status_code == 422
    went_on = await conclude(home, case, practitioner, WENT_ON)
    assert went_on.status_code == 201
    assert read(went_on)["state"] == "to_decide"
    case = await home.rated(told["id"], practitioner)
    assert case["withdrawal_requested_at"] is None
    assert (await home.decide(case, practitioner)).status_code == 201


async def test_the_referrer_hears_that_it_goes_on_and_may_ask_again(
    home: Living, school: Partner
) -> None:
    practitioner = home.staff()
    told = await home.refer(school, attendance())
    before = [
        (clock["id"], clock["state"], clock["due_at"])
        for clock in await home.listed("/v1/clocks", told["id"], practitioner)
    ]
    case = await asked(home, school, told["id"], practitioner)
    assert (await conclude(home, case, practitioner, WENT_ON)).status_code == 201
    await home.sent(told["id"], "continuation", practitioner)
    await home.settled()

    seen = read(await home.http.get(told["links"]["self"], headers=dict(school.headers)))
    assert seen["stage"] == "received"
    assert seen["withdrawal_requested_at"] is None
    assert seen["withdrawal_continued_at"]
    assert seen["withdrawal_continued_because"] == "to_be_decided"
    assert "The referral goes on" in seen["what_happens_next"]
    assert WENT_ON["rationale"] not in str(seen)
    after = [
        (clock["id"], clock["state"], clock["due_at"])
        for clock in await home.listed("/v1/clocks", told["id"], practitioner)
    ]
    assert set(before) <= set(after)

    case = await asked(home, school, told["id"], practitioner)
    assert (await conclude(home, case, practitioner, CLOSED)).status_code == 201
    await home.sent(told["id"], "closure", practitioner)


async def test_a_decision_answers_a_request_to_withdraw(home: Living, school: Partner) -> None:
    practitioner = home.staff()
    told = await home.refer(school)
    case = await asked(home, school, told["id"], practitioner)
    assert (await home.decide(case, practitioner)).status_code == 201
    await home.sent(told["id"], "decision", practitioner)
    await home.settled()
    seen = read(await home.http.get(told["links"]["self"], headers=dict(school.headers)))
    assert seen["withdrawal_requested_at"] is None
    assert seen["withdrawal_continued_because"] == "decided"
    kinds = [one["kind"] for one in await home.listed("/v1/messages", told["id"], practitioner)]
    assert "continuation" not in kinds

    # Asked again about what is decided: it isn't closed, and the status goes on giving the
    # decision's own reasons.
    case = await asked(home, school, told["id"], practitioner)
    closed = await conclude(home, case, practitioner, CLOSED)
    assert (closed.status_code, read(closed)["code"]) == (409, "already_decided")
    assert (await conclude(home, case, practitioner, WENT_ON)).status_code == 201
    await home.sent(told["id"], "continuation", practitioner)
    await home.settled()
    seen = read(await home.http.get(told["links"]["self"], headers=dict(school.headers)))
    assert seen["decision"]["rationale"] != WENT_ON["rationale"]
    assert seen["decision"]["clauses"]


async def test_a_withdrawn_referral_can_still_be_decided(home: Living, school: Partner) -> None:
    practitioner = home.staff()
    told = await home.refer(school, form())
    case = await asked(home, school, told["id"], practitioner)
    assert (await conclude(home, case, practitioner, CLOSED)).status_code == 201
    case = await home.rated(told["id"], practitioner)
    assert case["state"] == "withdrawn"
    decided = await home.decide(case, practitioner)
    assert decided.status_code == 201, decided.text
    await home.settled()
    seen = read(await home.http.get(told["links"]["self"], headers=dict(school.headers)))
    assert seen["stage"] in {"decided", "allocated"}
