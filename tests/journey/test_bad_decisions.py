"""A decision that is not complete, or not this person's to make, is told field by field."""

from typing import Any
from uuid import uuid4

import pytest

from tests.journey.living import Living, Partner, decision
from tests.journey.problems import MARK, pointers, problem


@pytest.fixture
def home(shared_home: Living) -> Living:
    return shared_home


@pytest.fixture
def school(shared_school: Partner) -> Partner:
    return shared_school


DECISIONS = {
    "no rationale": ({"rationale": ""}, "/rationale"),
    "a rationale of one word": ({"rationale": MARK}, "/rationale"),
    "no clause": ({"clauses": [], "no_clause_because": None}, "/clauses"),
    "a blank reason for no clause": ({"clauses": [], "no_clause_because": "  "}, "/clauses"),
    "an unknown clause": ({"clauses": [MARK]}, "/clauses/0"),
    "no action": ({"actions": []}, "/actions"),
    "a blank action": ({"actions": [{"action": " ", "owner": "x"}]}, "/actions/0/action"),
    "an impossible day": (
        {"actions": [{"action": "x", "owner": "y", "by": "2026-02-30"}]}, "/actions/0/by"),
    "no children": ({"children": []}, "/children"),
    "text for the children": ({"children": MARK}, "/children"),
    "another's child": (
        {"children": [{"child_id": str(uuid4()), "rag": "red", "outcome": "strategy_discussion"}]},
        "/children/0/child_id"),
    "no id": (
        {"children": [{"child_id": MARK, "rag": "red", "outcome": "strategy_discussion"}]},
        "/children/0/child_id"),
    "a field that is not there": ({MARK: MARK}, ""),
    "a rationale without end": ({"rationale": "word " * 5_000}, "/rationale"),
}  # fmt: skip


@pytest.mark.parametrize("said, pointer", DECISIONS.values(), ids=DECISIONS.keys())
async def test_a_decision_that_is_not_complete(
    home: Living, school: Partner, said: dict[str, Any], pointer: str
) -> None:
    practitioner = home.staff()
    told = await home.refer(school)
    case = await home.rated(told["id"], practitioner)
    found = problem(await home.decide(case, practitioner, **said), 422)
    assert pointer in pointers(found)
    assert not (await home.rated(told["id"], practitioner))["decisions"]


@pytest.mark.parametrize(
    "said, pointer",
    [
        ({"rag": MARK}, "/children/0/rag"),
        ({"outcome": MARK}, "/children/0/outcome"),
        ({"duties": [MARK]}, "/children/0/duties/0"),
        ({"rag": "red", "outcome": "no_further_action"}, "/children/0/outcome"),
    ],
)
async def test_a_childs_decision_that_cannot_be(
    home: Living, school: Partner, said: dict[str, Any], pointer: str
) -> None:
    practitioner = home.staff()
    told = await home.refer(school)
    case = await home.rated(told["id"], practitioner)
    body = decision(case)
    body["children"][0] |= said
    found = problem(await home.decide(case, practitioner, children=body["children"]), 422)
    assert pointer in pointers(found)


async def test_a_decision_that_is_no_json(home: Living, school: Partner) -> None:
    told = await home.refer(school)
    practitioner = home.staff()
    await home.rated(told["id"], practitioner)
    for what in ("decision", "ratings", "withdrawal"):
        answer = await home.http.post(
            f"/v1/triage/referrals/{told['id']}/{what}",
            content=f'{{"rationale": "{MARK}'.encode(),
            headers={"Content-Type": "application/json", **practitioner},
        )
        problem(answer, 400, "malformed_json")


async def test_a_decision_with_control_characters(home: Living, school: Partner) -> None:
    told = await home.refer(school)
    practitioner = home.staff()
    case = await home.rated(told["id"], practitioner)
    answer = await home.decide(
        case, practitioner, rationale="It meets \u0000 our \u0007 guidance.", analysis="\u0000"
    )
    assert answer.status_code == 201, answer.text
    (made,) = (await home.rated(told["id"], practitioner))["decisions"]
    assert made["rationale"] == "It meets  our  guidance."
    await home.sent(told["id"], "decision", practitioner)


@pytest.mark.parametrize("etag", [f'"{MARK}"', MARK, '"99"', "*"])
async def test_an_etag_that_is_not_the_cases(home: Living, school: Partner, etag: str) -> None:
    told = await home.refer(school)
    practitioner = home.staff()
    case = await home.rated(told["id"], practitioner)
    answer = await home.http.post(
        f"/v1/triage/referrals/{told['id']}/decision",
        json=decision(case),
        headers={**practitioner, "If-Match": etag},
    )
    if etag == "*":
        assert answer.status_code in {201, 412}
    else:
        problem(answer, answer.status_code)
        assert answer.status_code in {400, 412}


async def test_somebody_without_the_qualification_does_not_decide(
    home: Living, school: Partner
) -> None:
    told = await home.refer(school)
    case = await home.rated(told["id"], home.staff())
    unqualified = home.staff("practitioner", qualified=False)
    problem(await home.decide(case, unqualified), 403, "not_qualified")
    problem(await home.decide(case, home.staff("duty")), 403, "role_needed")
    problem(await home.rerate(case, unqualified, rag="red"), 403, "not_qualified")
