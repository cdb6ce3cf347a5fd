"""Advice without names: asked, answered by a practitioner, or gone on with as a referral."""

from datetime import timedelta
from uuid import uuid4

import httpx2
import pytest

from tests.journey.forms import child
from tests.journey.living import Living, Partner, fields, read, tidying

QUESTION = "A boy of eight comes to school hungry in the same clothes. His mother can't cope alone."
MARKED = "Zebedee"


async def ask(home: Living, who: Partner, **said) -> httpx2.Response:
    body = {"authority": "warwickshire", "question": QUESTION, "concerns": ["neglect"], **said}
    return await home.http.post(
        "/v1/consultations",
        json=body,
        headers={"Idempotency-Key": said.pop("key", str(uuid4())), **who.headers},
    )


async def test_a_question_is_answered_at_once_and_then_by_a_practitioner(home: Living) -> None:
    school, worker = await home.partner(), home.staff()
    asked = await ask(home, school)
    assert asked.status_code == 201, asked.text
    told = read(asked)
    assert told["clauses"] and told["questions"]
    assert told["refer_now"] is False
    assert not {"rag", "rating", "level", "colour"} & told.keys()
    assert told["due_at"] > told["asked_at"]

    (listed,) = (await home.http.get("/v1/intake/consultations", headers=worker)).json()["items"]
    assert (listed["id"], listed["overdue"]) == (told["id"], False)
    opened = await home.http.get(f"/v1/intake/consultations/{told['id']}", headers=worker)
    assert opened.json()["question"] == QUESTION

    answer = {
        "advice": "Speak to the mother about help with meals, and ask what mornings are like.",
        "clauses": [told["clauses"][0]["id"]],
        "refer": True,
        "signed_name": "Ada Testwell",
        "signed_role": "Social worker",
    }
    path = f"/v1/intake/consultations/{told['id']}/answer"
    assert (await home.http.post(path, json=answer, headers=worker)).status_code == 201
    assert (await home.http.post(path, json=answer, headers=worker)).status_code == 409
    seen = await home.http.get(f"/v1/consultations/{told['id']}", headers=dict(school.headers))
    assert seen.json()["answer"] == answer["advice"]
    assert seen.json()["answerer"]["signed_name"] == "Ada Testwell"
    assert seen.json()["state"] == "answered"
    actions = home.query(
        "SELECT action FROM intake.audit_entry WHERE starts_with(action, 'consultation') ORDER BY position"
    )
    assert [one for (one,) in actions] == [
        "consultation_asked", "consultation_opened", "consultation_answered",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "question",
    [
        f"I am worried about {MARKED} who comes to school hungry.",
        "A boy, NHS number 943 476 5919, comes to school hungry.",
        "A boy born on 4 March 2017 comes to school hungry.",
        "A boy at CV32 9ZA comes to school hungry each day.",
    ],
)
async def test_what_tells_who_it_is_about_is_refused_and_kept_nowhere(
    home: Living, school: Partner, question: str
) -> None:
    before = home.query("SELECT count(*) FROM intake.consultation")
    answer = await ask(home, school, question=question)
    assert answer.status_code == 422
    assert answer.json()["code"] == "identity_in_consultation"
    assert answer.json()["errors"][0]["pointer"] == "/question"
    assert MARKED not in answer.text
    assert home.query("SELECT count(*) FROM intake.consultation") == before


async def test_somebody_may_say_that_a_word_is_no_name(home: Living, school: Partner) -> None:
    question = "A boy of eight who always talks about Pikachu comes to school hungry."
    assert (await ask(home, school, question=question)).status_code == 422
    assert (await ask(home, school, question=question, no_names=True)).status_code == 201
    numbered = question + " His number is 943 476 5919."
    refused = await ask(home, school, question=numbered, no_names=True)
    assert refused.status_code == 422


async def test_the_same_question_sent_twice_is_one(home: Living, school: Partner) -> None:
    key = str(uuid4())
    headers = {"Idempotency-Key": key, **school.headers}
    body = {"authority": "warwickshire", "question": QUESTION}
    first = await home.http.post("/v1/consultations", json=body, headers=headers)
    again = await home.http.post("/v1/consultations", json=body, headers=headers)
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["Idempotent-Replay"] == "true"


@pytest.mark.parametrize(
    ("said", "because"),
    [
        ({"worried": True}, "worried"),
        ({"child_identifiable": True}, "identifiable"),
        ({"concerns": ["injury_to_non_mobile_child"], "age_band": "under_1"}, "guidance"),
    ],
)
async def test_what_should_be_a_referral_says_so(
    home: Living, school: Partner, said: dict, because: str
) -> None:
    told = read(await ask(home, school, **said))
    assert (told["refer_now"], told["refer_because"]) == (True, because)
    assert "999" in told["what_to_do"]


@pytest.mark.parametrize(
    ("said", "pointer"),
    [({"authority": "nowhere"}, "/authority"), ({"concerns": ["made_up"]}, "/concerns/0")],
)
async def test_a_wrong_question_is_refused_with_a_pointer(
    home: Living, school: Partner, said: dict, pointer: str
) -> None:
    answer = await ask(home, school, **said)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_question_becomes_a_referral_that_is_submitted(home: Living) -> None:
    school = await home.partner()
    told = read(await ask(home, school, worried=True))

    async def go_on() -> httpx2.Response:
        return await home.http.post(
            f"/v1/consultations/{told['id']}/referral",
            headers={"Idempotency-Key": str(uuid4()), **school.headers},
        )

    begun = await go_on()
    assert begun.status_code == 201, begun.text
    draft = f"/v1/drafts/{begun.json()['draft_id']}"
    kept = await home.http.get(draft, headers=dict(school.headers))
    form = {**kept.json()["form"], "children": [child()], "parents_informed": True}
    form["referrer"] = {"name": "Hannah Testley", "agency": "school", "phone": "01632 960101"}
    put = await home.http.put(
        draft, json=form, headers={**school.headers, "If-Match": kept.headers["ETag"]}
    )
    assert put.status_code == 200, put.text
    sent = await home.http.post(
        f"{draft}/submission", headers={"Idempotency-Key": str(uuid4()), **school.headers}
    )
    assert sent.status_code == 201, sent.text
    await home.rated(sent.json()["id"], home.staff())
    assert (await go_on()).status_code == 409


async def test_what_nobody_answers_in_time_is_overdue(home: Living) -> None:
    school = await home.partner()
    told = read(await ask(home, school))
    home.clock.forward(timedelta(days=4))
    tidy = tidying(home)
    await tidy.step()
    await tidy.step()
    (listed,) = (await home.http.get("/v1/intake/consultations", headers=home.staff())).json()[
        "items"
    ]
    assert (listed["id"], listed["overdue"]) == (told["id"], True)
    noted = home.query(
        "SELECT count(*) FROM intake.audit_entry WHERE action = 'consultation_overdue'"
    )
    assert noted == [(1,)]


async def test_another_authority_and_another_organisation_see_nothing(home: Living) -> None:
    told = read(await ask(home, await home.partner()))
    other = await home.partner("mockshire-police", agency="police")
    answer = await home.http.get(f"/v1/consultations/{told['id']}", headers=dict(other.headers))
    assert answer.status_code == 404
    elsewhere = home.staff("manager", "walsall")
    listed = await home.http.get("/v1/intake/consultations", headers=elsewhere)
    assert listed.json()["items"] == []
    path = f"/v1/intake/consultations/{told['id']}"
    assert (await home.http.get(path, headers=elsewhere)).status_code == 404


async def test_no_word_of_a_question_stands_open_in_the_database(home: Living) -> None:
    await ask(home, await home.partner(), asker={"name": MARKED, "role": "Teacher"})
    rows = home.query("SELECT sealed FROM intake.consultation_words")
    assert rows
    assert all(b"hungry" not in row[0] and MARKED.encode() not in row[0] for row in rows)


async def test_the_hub_answers_on_its_page(home: Living, school: Partner) -> None:
    told = read(await ask(home, school))
    browser = await home.browser("duty")
    page = await browser.get("/consultations")
    assert f"/consultations/{told['id']}" in page.text
    path = f"/consultations/{told['id']}"
    shown = await browser.get(path)
    assert "school hungry" in shown.text
    sent = {
        **fields(shown.text),
        "advice": f"Speak to {MARKED} and to the mother about help with meals.",
        "clauses": told["clauses"][0]["id"],
        "signed_name": "Ada Testwell",
        "signed_role": "Social worker",
    }
    named = await browser.post(path, data=sent)
    assert named.status_code == 422
    assert "An answer names nobody" in named.text
    assert "I looked: what seems to be a name is none" in named.text
    sent["advice"] = "Speak to the mother about help with meals."
    assert (await browser.post(path, data=sent)).status_code == 303
    twice = await browser.post(path, data=sent)
    assert twice.status_code == 422
    assert "This question was answered" in twice.text
    elsewhere = await home.browser("manager", "walsall")
    assert (await elsewhere.get(path)).status_code == 404
