"""One referral, from the post of a school to the email that answers it."""

import re
from datetime import datetime
from email.message import EmailMessage

import pytest

from chassis.ids import new_id
from services.intake.accounts.registering import add_staff
from tests.journey.forms import attendance, bruised_baby, child, form
from tests.journey.living import RATIONALE, Living, bearer, decision, read


def words(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body((kind,))
    assert part is not None
    return " ".join(part.get_content().split())


async def test_a_referral_is_posted_rated_decided_allocated_and_answered(home: Living) -> None:
    school = await home.partner()
    practitioner = home.staff()
    posted = await home.post(school)
    assert posted.status_code == 201
    told = read(posted)
    assert told["status"] == "received"
    assert re.fullmatch(r"WAR-\d{6}-[0-9A-Z]", told["reference"])
    assert told["received_at"] == "2026-03-05T10:00:00Z"
    assert datetime.fromisoformat(told["acknowledgement_due_at"]) > home.clock()
    assert 0 < told["completeness"]["score"] <= 100
    assert told["warnings"] == []
    assert told["links"]["self"] == f"/v1/referrals/{told['id']}"
    assert "matches" not in posted.text
    assert "out_of_hours" not in told

    case = await home.rated(told["id"], practitioner)
    suggestion = case["suggestion"]
    assert suggestion["rag"] == "amber"
    assert suggestion["reasons"]
    assert all(reason["title"] and reason["clause"] for reason in suggestion["reasons"])
    assert {reason["source"] for reason in suggestion["reasons"]} & {"concern"}
    assert [clause["title"] for clause in suggestion["clauses"]]

    await home.settled()
    before = read(await home.http.get(told["links"]["self"], headers=dict(school.headers)))
    assert before["stage"] == "received"
    assert before["rating"] is None
    assert before["decision"] is None
    assert before["what_happens_next"]
    assert before["by"]
    assert "suggest" not in str(before)

    answer = await home.decide(case, practitioner)
    assert answer.status_code == 201, answer.text
    assert read(answer)["state"] == "decided"
    late = await home.decide(case, home.staff("manager"))
    assert late.status_code == 412
    assert read(late)["code"] == "changed_meanwhile"

    await home.settled()
    (allocated,) = await home.listed("/v1/allocations", told["id"], practitioner)
    assert allocated["rule"]
    assert allocated["reason"]
    assert allocated["assignee_name"]
    clocks = {
        clock["name"]: clock for clock in await home.listed("/v1/clocks", told["id"], practitioner)
    }
    assert clocks["statutory_decision"]["state"] == "met"
    assert all(clock["explanation"] and clock["due_at"] for clock in clocks.values())
    # One working day from Thursday 10:00, the day of the start not counted.
    assert clocks["statutory_decision"]["due_at"] == "2026-03-06T10:00:00Z"

    await home.sent(told["id"], "acknowledgement", practitioner)
    await home.sent(told["id"], "decision", practitioner)
    after = read(await home.http.get(told["links"]["self"], headers=dict(school.headers)))
    assert after["stage"] in {"decided", "allocated"}
    assert after["rating"] == "amber"
    assert after["decision"]["rationale"] == RATIONALE
    assert after["decision"]["clauses"][0]["title"] == suggestion["clauses"][0]["title"]
    assert after["what_happens_next"] == "A social worker assesses the child's needs."
    assert "suggest" not in str(after)

    # What the queue shows.
    ((stage, rag, suggested),) = home.query(
        "SELECT stage, rag, suggested FROM console.queue_row WHERE referral_id = %s", told["id"]
    )
    assert (stage, rag, suggested) == ("decided", "amber", "amber")


async def test_the_emails_give_the_reasons_and_no_names(home: Living) -> None:
    school = await home.partner()
    practitioner = home.staff()
    told = await home.refer(school)
    case = await home.rated(told["id"], practitioner)
    title = case["suggestion"]["clauses"][0]["title"]
    assert (await home.decide(case, practitioner)).status_code == 201
    await home.sent(told["id"], "acknowledgement", practitioner)
    await home.sent(told["id"], "decision", practitioner)
    to_the_school = [
        letter
        for letter in home.relay.box.taken
        if letter["To"] == "h.testley@testwood.school.example"
    ]
    assert len(to_the_school) >= 2
    answered = [letter for letter in to_the_school if RATIONALE in words(letter, "plain")]
    assert len(answered) == 1
    for kind in ("plain", "html"):
        body = words(answered[0], kind)
        assert title in body
        assert RATIONALE in body
        assert "A worker rings the family" in body
        assert told["reference"] in body
    for letter in to_the_school:
        subject = letter["Subject"]
        assert told["reference"] in subject
        assert title not in subject
        for name in ("Callum", "Testwood,", "Kerry", "Sample Court"):
            assert name not in subject
            assert name not in words(letter, "plain")
            assert name not in words(letter, "html")


async def test_suggested_red_is_with_duty_before_anybody_decides(home: Living) -> None:
    school = await home.partner()
    duty = home.staff("duty")
    told = await home.refer(school, bruised_baby())
    case = await home.rated(told["id"], duty)
    assert case["suggestion"]["rag"] == "red"
    await home.settled()
    (allocated,) = await home.listed("/v1/allocations", told["id"], duty)
    assert (allocated["kind"], allocated["state"]) == ("duty", "assigned")
    taken = await home.http.post(f"/v1/allocations/{allocated['id']}/acceptance", headers=duty)
    assert taken.status_code == 201, taken.text
    second = await home.http.post(
        f"/v1/allocations/{allocated['id']}/acceptance", headers=home.staff("duty")
    )
    assert second.status_code == 409
    await home.settled()
    clocks = {
        clock["name"]: clock["state"] for clock in await home.listed("/v1/clocks", told["id"], duty)
    }
    assert clocks["accepted_by_person"] == "met"
    seen = read(await home.http.get(told["links"]["self"], headers=dict(school.headers)))
    assert seen["stage"] == "received"
    assert seen["rating"] is None


async def test_a_member_of_the_public_learns_that_it_was_read_and_no_more(home: Living) -> None:
    web = await home.partner("web-form", agency="other", email_domain="webform.example")
    practitioner = home.staff()
    referrer = {
        "name": "Joan Neighbourly",
        "agency": "member_of_public",
        "email": "joan@neighbours.example",
    }
    told = await home.refer(web, form(referrer=referrer))
    case = await home.rated(told["id"], practitioner)
    assert (await home.decide(case, practitioner)).status_code == 201
    await home.settled()
    seen = read(await home.http.get(told["links"]["self"], headers=dict(web.headers)))
    assert seen["rating"] is None
    assert "decision" not in seen
    assert RATIONALE not in str(seen)
    await home.relay.box.wait_for(1)
    await home.sent(told["id"], "acknowledgement", practitioner)
    for letter in home.relay.box.taken:
        assert RATIONALE not in words(letter, "plain")
        assert RATIONALE not in words(letter, "html")


async def test_local_staff_sign_in_and_decide_with_their_token(home: Living) -> None:
    school = await home.partner()
    async with home.house.databases["intake"].transaction() as connection:
        await add_staff(
            connection,
            username="rowan.warwidge",
            password="sturdy-lantern-walks",
            roles=["practitioner"],
            qualifications=["social_worker"],
            authorities=["warwickshire"],
            ids=new_id,
            now=home.clock(),
        )
    asked = {"grant_type": "password", "username": "rowan.warwidge"}
    wrong = await home.http.post("/oauth/token", data={**asked, "password": "not-this-one-here"})
    assert wrong.status_code == 400
    right = await home.http.post("/oauth/token", data={**asked, "password": "sturdy-lantern-walks"})
    rowan = bearer(read(right)["access_token"])
    told = await home.refer(school, attendance())
    case = await home.rated(told["id"], rowan)
    assert case["suggestion"]["rag"] == "green"
    assert (await home.decide(case, rowan)).status_code == 201
    again = await home.rated(told["id"], rowan, lambda found: bool(found["decisions"]))
    assert again["decisions"][0]["by"] == "rowan.warwidge"


@pytest.mark.parametrize(
    "authority",
    ["stockton-on-tees", "hartlepool", "walsall", "bath-and-north-east-somerset"],
)
async def test_each_authority_answers_by_its_own_guidance(home: Living, authority: str) -> None:
    school = await home.partner()
    practitioner = home.staff(authority=authority)
    told = await home.refer(school, form(authority=authority))
    case = await home.rated(told["id"], practitioner)
    assert case["authority"] == authority
    assert case["suggestion"]["clauses"]
    assert (await home.decide(case, practitioner)).status_code == 201
    await home.sent(told["id"], "decision", practitioner)
    await home.settled()
    assert await home.listed("/v1/allocations", told["id"], practitioner)


async def test_children_of_the_household_are_decided_too(home: Living) -> None:
    school = await home.partner()
    practitioner = home.staff()
    brother = {"name": "Jay Testwood", "relationship": "brother", "date_of_birth": "2021-05-01"}
    told = await home.refer(school, form(children=[child()], household=[brother]))
    case = await home.rated(told["id"], practitioner)
    assert len(case["children"]) == 2
    body = decision(case)
    short = await home.decide(case, practitioner, children=body["children"][:1])
    assert short.status_code == 422
    assert read(short)["errors"] == [
        {"pointer": "/children", "detail": "Every known child needs an outcome: 1 without one."}
    ]
    assert (await home.decide(case, practitioner)).status_code == 201
