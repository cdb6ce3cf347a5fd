"""How alike people and rules decide, and the blind audit sample."""

import asyncio
from contextlib import aclosing
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis.identity import SOCIAL_WORKER, Caller, issue
from services.triage.consistency.drawing import Drawing
from tests.journey.forms import attendance, child, form
from tests.journey.living import Living, Partner, bearer, read
from tests.journey.living import fields as hidden_fields

REASONS = "Zyxwvut: hunger day after day, clause 3.2."


async def figures(home: Living, measure: str, who: dict[str, str], **asked: Any) -> dict[str, Any]:
    answer = await home.http.get(
        "/v1/triage/consistency", params={"measure": measure, **asked}, headers=who
    )
    assert answer.status_code == 200, answer.text
    return read(answer)


async def test_figures_say_how_decisions_stand_to_what_was_suggested(
    home: Living, school: Partner
) -> None:
    manager, analyst = home.staff("manager"), home.staff("analyst")
    girl = child(given_name="Ada", sex="F", ethnicity="WBRI", disabilities=["NONE"])
    for body, rag in ((form(children=[girl]), "amber"), (attendance(), "amber")):
        told = await home.refer(school, body)
        case = await home.rated(told["id"], manager)
        decided = await home.decide(case, manager, rag=rag)
        assert decided.status_code == 201, decided.text
    agency = await figures(home, "agency", analyst)
    assert "first decision" in agency["definition"]
    (row,) = agency["items"]
    assert (row["agency"], row["decisions"], row["above"]) == ("school", 2, 1)
    months = await figures(home, "drift", analyst)
    assert [one["month"] for one in months["items"]] == ["2026-03"]
    assert sum(one["decisions"] for one in (await figures(home, "referrer", analyst))["items"]) == 2
    assert (await figures(home, "clause", analyst))["items"]

    equal = (await figures(home, "equality", analyst))["items"]
    by = {(one["characteristic"], one["value"]): one for one in equal}
    assert by["sex", "F"]["children"] == 1
    assert by["sex", "M"]["amber"] == 1
    assert by["disability", "no"]["children"] == by["disability", "unknown"]["children"] == 1
    published = (await figures(home, "equality", analyst, published="true"))["items"]
    assert {one["children"] for one in published} == {None}

    barred = await home.http.get(
        "/v1/triage/consistency", params={"measure": "practitioner"}, headers=analyst
    )
    assert barred.status_code == 403
    assert (await figures(home, "practitioner", manager))["items"][0]["decisions"] == 2
    table = await home.http.get(
        "/v1/triage/consistency", params={"measure": "agency", "csv": "true"}, headers=analyst
    )
    assert table.headers["Content-Type"].startswith("text/csv")
    assert table.text.splitlines()[0] == "agency,decisions,agreed,above,below,red"
    backwards = await home.http.get(
        "/v1/triage/consistency",
        params={"since": "2026-03-05T00:00:00Z", "until": "2026-03-01T00:00:00Z"},
        headers=analyst,
    )
    assert read(backwards)["errors"][0]["pointer"] == "/query/since"


async def test_a_second_rating_is_blind_and_by_somebody_else(home: Living, school: Partner) -> None:
    decider = home.staff("manager")
    for _ in range(2):
        told = await home.refer(school)
        case = await home.rated(told["id"], decider)
        assert (await home.decide(case, decider, rag="amber")).status_code == 201
    body = {"authority": "warwickshire", "quarter": "2026Q1", "size": 5}
    early = await home.http.post("/v1/triage/audit-samples", json=body, headers=decider)
    assert read(early)["errors"][0]["pointer"] == "/quarter"
    service = home.house.running["triage"].kernel.service
    here, there = Drawing(service), Drawing(service)
    assert await here.step() == 0
    # The house was off at the quarter's end, and two workers begin at once.
    home.clock.forward(timedelta(days=120))
    assert sorted(await asyncio.gather(here.step(), there.step())) == [0, 1]
    assert await here.step() == 0
    ((details,),) = home.query(
        "SELECT details FROM triage.audit_entry WHERE action = 'audit_sample_drawn'"
    )
    assert details == {"quarter": "2026Q1", "drawn": 2, "of": 2}
    manager, rater = home.staff("manager"), home.staff()
    again = await home.http.post("/v1/triage/audit-samples", json=body, headers=manager)
    assert read(again)["code"] == "already_drawn"
    wanted = {"quarter": "2026Q1"}
    listed = read(await home.http.get("/v1/triage/audit-samples", params=wanted, headers=rater))
    paged, by_api = (one["sample_id"] for one in listed["items"])
    assert {one["by_you"] for one in listed["items"]} == {False}
    # Whoever decided it is back after months, and rates none of it.
    ((decided_by,),) = home.query("SELECT DISTINCT staff_id FROM triage.decision")
    back = Caller(
        kind="staff", id=decided_by, name="manager.warwickshire",
        authorities=frozenset({"warwickshire"}), roles=frozenset({"manager"}),
        qualifications=frozenset({SOCIAL_WORKER}),
    )  # fmt: skip
    decider = bearer(issue(home.house.signing, back, home.clock(), 3600))
    own = read(await home.http.get("/v1/triage/audit-samples", params=wanted, headers=decider))
    assert {one["by_you"] for one in own["items"]} == {True}
    refused = await home.http.get(f"/v1/triage/audit-samples/{paged}", headers=decider)
    assert read(refused)["code"] == "own_decision"
    path = f"/v1/triage/audit-samples/{by_api}"
    opened = await home.http.get(path, headers=rater)
    assert "amber" not in opened.text
    rated = await home.http.post(f"{path}/rating", json={"rag": "red"}, headers=rater)
    assert (read(rated)["first"], read(rated)["second"]) == ("amber", "red")
    twice = await home.http.post(f"{path}/rating", json={"rag": "red"}, headers=rater)
    assert read(twice)["code"] == "already_rated"

    # By the page: blind until it is sent, then both, and the reasons stay sealed.
    async with aclosing(await home.browser("practitioner")) as browser:
        page = f"/consistency/samples/{paged}"
        assert page in (await browser.get("/consistency/samples", params=wanted)).text
        before = (await browser.get(page)).text
        assert "hungry and in the same clothes" in before
        assert "Decided first" not in before
        assert "suggested" not in before[before.index('id="told"') :]
        typed = {**hidden_fields(before), "rag": "amber", "level": "3", "reasons": REASONS}
        empty = await browser.post(page, data={**typed, "reasons": ""})
        assert (empty.status_code, 'href="#reasons"' in empty.text) == (422, True)
        sent = await browser.post(page, data=typed)
        assert sent.headers["location"] == f"{page}?done=1"
        after = (await browser.get(page)).text
        assert "Both gave the same colour" in after
        assert REASONS in after
        assert (await browser.get(f"/consistency/samples/{uuid4()}")).status_code == 404
    ((sealed,),) = home.query(
        "SELECT sealed FROM triage.written WHERE subject_id = %s", UUID(paged)
    )
    assert REASONS.encode() not in bytes(sealed)
    ((opened_by_page,),) = home.query(
        "SELECT count(*) FROM triage.audit_entry AS a JOIN triage.audit_sample AS s"
        " USING (referral_id) WHERE a.action = 'audit_sample_opened' AND s.sample_id = %s",
        UUID(paged),
    )
    assert opened_by_page >= 2
    agreement = "/v1/triage/audit-samples/agreement"
    found = read(await home.http.get(agreement, params=wanted, headers=manager))
    assert (found["rated"], found["agreement"], found["kappa"]) == (2, 0.5, 0.0)
    async with aclosing(await home.browser()) as browser:
        page_of_manager = (await browser.get("/consistency/samples", params=wanted)).text
        assert "Both ratings gave the same colour for 1 of 2 (50%)." in page_of_manager
        assert "no better than chance" in page_of_manager
