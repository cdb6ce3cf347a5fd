"""The hub asks agencies and the referrer for information; they answer through their own system, or
on the page behind an emailed link."""

import re
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.journey.forms import attendance, bruised_baby
from tests.journey.living import Living, Partner, read

NEED = "Has anybody been called to this address since Christmas, and why?"
SHARED = "Callum Testwood, born 4 March 2017, 4 Sample Court, Leamington Spa."
KNOWN = "Called there twice in January. The neighbours heard shouting; no crime was recorded."
LINK = re.compile(r"http://house\.example/reply/[\w-]+")
FROM_US = {"Origin": "http://house.example", "Sec-Fetch-Site": "same-origin"}


async def ask(home: Living, referral_id: str, who: dict[str, str], **said: Any) -> httpx2.Response:
    body = {"of": "police", "need": NEED, "shared": SHARED, "parents_told": True, **said}
    return await home.http.post(
        f"/v1/triage/referrals/{referral_id}/checks", json=body, headers=who
    )


async def picture(home: Living, referral_id: str, who: dict[str, str]) -> dict[str, Any]:
    return read(await home.http.get(f"/v1/triage/referrals/{referral_id}/checks", headers=who))


def plain(mail: EmailMessage) -> str:
    """The text part of an email."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


async def link_to(home: Living, address: str) -> str:
    """The link in the newest email to an address."""

    async def found() -> list[str]:
        return [
            found[0]
            for mail in home.relay.box.taken
            if address in str(mail["To"]) and (found := LINK.search(plain(mail)))
        ]

    return (await home.until(found, bool))[-1]


@pytest.fixture
async def referral(home: Living, school: Partner) -> str:
    told = await home.refer(school)
    await home.rated(told["id"], home.staff())
    return str(told["id"])


async def test_an_agencys_system_answers_and_the_decider_must_have_seen_it(
    home: Living, referral: str
) -> None:
    police = await home.partner(
        "mockshire-police", agency="police", email_domain="mockshire.police.example"
    )
    who = home.staff()
    ((organisation,),) = home.query(
        "SELECT organisation_id::text FROM intake.organisation WHERE agency = 'police'"
    )
    asked = await ask(home, referral, who, organisation_id=organisation)
    assert asked.status_code == 201, asked.text
    request_id = read(asked)["request_id"]
    again = await ask(home, referral, who, organisation_id=organisation)
    assert (again.status_code, read(again)["code"]) == (409, "already_asked")

    listed = read(await home.http.get("/v1/information-requests", headers=dict(police.headers)))
    assert [one["request_id"] for one in listed["items"]] == [request_id]
    assert "Callum" not in str(listed)
    opened = read(
        await home.http.get(f"/v1/information-requests/{request_id}", headers=dict(police.headers))
    )
    assert (opened["need"], opened["shared"]) == (NEED, SHARED)

    await home.settled()
    clocks = await home.listed("/v1/clocks", referral, who)
    clock = next(one for one in clocks if one["name"] == "information_reply_police")
    assert clock["state"] == "running"
    assert clock["due_at"] == read(asked)["due_at"]

    before = await home.rated(referral, who)
    reply = {"information": KNOWN, "handling": "ask_first", "answered_by": "PC Mock, MASH"}
    sent = {"Idempotency-Key": str(uuid4()), **police.headers}
    path = f"/v1/information-requests/{request_id}/reply"
    answered = await home.http.post(path, json=reply, headers=sent)
    assert answered.status_code == 201, answered.text
    repeated = await home.http.post(path, json=reply, headers=sent)
    assert repeated.headers["Idempotent-Replay"] == "true"
    twice = await home.http.post(
        path, json=reply, headers={**police.headers, "Idempotency-Key": str(uuid4())}
    )
    assert (twice.status_code, read(twice)["code"]) == (409, "already_answered")

    seen = await picture(home, referral, who)
    assert seen["items"][0]["information"] == KNOWN
    assert seen["items"][0]["handling"] == "ask_first"
    assert seen["waiting_for"] == []
    late = await home.decide(before, who)
    assert late.status_code == 412
    await home.settled()
    clocks = await home.listed("/v1/clocks", referral, who)
    assert {one["name"]: one["state"] for one in clocks}["information_reply_police"] == "met"
    assert KNOWN not in str(home.events(referral))

    # What was taken back is answered no more.
    later = read(await ask(home, referral, who, organisation_id=organisation))["request_id"]
    taken = await home.http.post(
        f"/v1/triage/referrals/{referral}/checks/{later}/withdrawal",
        json={"reason": "We know by now."},
        headers=who,
    )
    assert taken.status_code == 201, taken.text
    too_late = await home.http.post(
        f"/v1/information-requests/{later}/reply",
        json=reply,
        headers={**police.headers, "Idempotency-Key": str(uuid4())},
    )
    assert (too_late.status_code, read(too_late)["code"]) == (409, "request_withdrawn")

    # Their system heard of each, because it asked for that news; whose referral it is, it did not.
    kinds = ("information_wanted", "information_withdrawn")

    async def heard(news: tuple[str, ...] = kinds) -> list[dict[str, Any]]:
        answer = await home.http.get(
            "/v1/changes", params={"news": list(news)}, headers=dict(police.headers)
        )
        items: list[dict[str, Any]] = read(answer)["items"]
        return items

    told = await home.until(heard, lambda items: len(items) == 3)
    assert [(one["news"], one["request_id"]) for one in told] == [
        ("information_wanted", request_id),
        ("information_wanted", later),
        ("information_withdrawn", later),
    ]
    assert referral not in str(told)
    assert await heard(()) == []
    for role in ("coordinator", "analyst"):
        barred = await home.http.get(
            f"/v1/triage/referrals/{referral}/checks", headers=home.staff(role)
        )
        assert barred.status_code == 403


async def test_a_link_leads_to_one_question_and_ends_with_its_answer(
    home: Living, referral: str
) -> None:
    who = home.staff()
    asked = await ask(home, referral, who, of="housing", email="duty@homes.council.example")
    assert asked.status_code == 201, asked.text
    link = await link_to(home, "duty@homes.council.example")
    mail = next(one for one in home.relay.box.taken if "homes.council" in str(one["To"]))
    assert not re.search("Callum|Sample Court", mail.as_string())

    page = await home.http.get(link)
    assert NEED in page.text
    assert "Callum" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    empty = await home.http.post(link, data={"answered_by": "A. Mock"}, headers=FROM_US)
    assert empty.status_code == 422
    assert "Write what you know" in empty.text
    fields = {
        "information": "Two months behind with the rent.",
        "handling": "professionals",
        "answered_by": "A. Mock, housing officer",
    }
    elsewhere = await home.http.post(link, data=fields, headers={"Origin": "http://evil.example"})
    assert elsewhere.status_code == 403
    done = await home.http.post(link, data=fields, headers=FROM_US)
    assert "We have your answer" in done.text
    again = await home.http.get(link)
    assert (again.status_code, "first one stands" in again.text) == (409, True)
    assert "Callum" not in again.text
    seen = await picture(home, referral, who)
    assert seen["items"][0]["answered_by"] == "A. Mock, housing officer"


async def test_a_link_ends_with_its_time_and_when_the_question_is_taken_back(
    home: Living, referral: str
) -> None:
    who = home.staff()
    for of in ("housing", "probation"):
        asked = await ask(home, referral, who, of=of, email=f"duty@{of}.council.example")
        link = await link_to(home, f"duty@{of}.council.example")
        if of == "housing":
            request_id = read(asked)["request_id"]
            taken = await home.http.post(
                f"/v1/triage/referrals/{referral}/checks/{request_id}/withdrawal",
                json={"reason": "We know by now."},
                headers=who,
            )
            assert taken.status_code == 201, taken.text
            page = await home.http.get(link)
            assert (page.status_code, "taken this question back" in page.text) == (409, True)
            await home.settled()
            clocks = await home.listed("/v1/clocks", referral, who)
            assert {one["state"] for one in clocks if one["name"] == "information_reply"} == {
                "cancelled"
            }
    home.clock.forward(timedelta(days=30))
    page = await home.http.get(link)
    assert (page.status_code, "has ended" in page.text) == (410, True)
    broken = await home.http.get(link[:-2])
    assert (broken.status_code, "leads nowhere" in broken.text) == (404, True)


async def test_where_it_is_not_red_and_the_parents_do_not_know_a_manager_asks(
    home: Living, school: Partner, referral: str
) -> None:
    quiet = {"parents_told": False}
    refused = await ask(home, referral, home.staff(), **quiet)
    assert (refused.status_code, read(refused)["code"]) == (403, "manager_needed")
    unexplained = await ask(home, referral, home.staff("manager"), **quiet)
    assert read(unexplained)["errors"][0]["pointer"] == "/not_told_because"
    explained = await ask(
        home, referral, home.staff("manager"), **quiet, not_told_because="loss_of_evidence"
    )
    assert explained.status_code == 201, explained.text
    red = await home.refer(school, bruised_baby())
    await home.rated(red["id"], home.staff())
    assert (await ask(home, red["id"], home.staff(), **quiet)).status_code == 201


async def test_what_is_wrong_with_a_request_is_said_by_field(home: Living, referral: str) -> None:
    who = home.staff()
    for said, pointer in (
        ({"of": "neighbour_or_friend"}, "/of"),
        ({"basis": "curiosity"}, "/basis"),
        ({"email": "someone@mail.example"}, "/email"),
        ({"organisation_id": str(uuid4())}, "/organisation_id"),
        ({"shared": ""}, "/shared"),
        ({"not_told_because": "because"}, "/not_told_because"),
    ):
        answer = await ask(home, referral, who, **said)
        assert answer.status_code == 422, said
        assert read(answer)["errors"][0]["pointer"] == pointer, answer.text


async def test_an_answer_raises_the_suggestion_and_a_referrer_is_asked_too(
    home: Living, school: Partner
) -> None:
    who = home.staff()
    told = await home.refer(school, attendance())
    case = await home.rated(told["id"], who)
    assert case["suggestion"]["rag"] != "red"
    asked = await ask(home, told["id"], who, of="referrer", shared="")
    assert asked.status_code == 201, asked.text
    link = await link_to(home, "h.testley@testwood.school.example")
    assert "What may the hub do" not in (await home.http.get(link)).text
    fields = {
        "information": "Today he told his teacher that his dad punched him in the face.",
        "answered_by": "Hannah Testley",
    }
    done = await home.http.post(link, data=fields, headers=FROM_US)
    assert "We have your answer" in done.text, done.text
    raised = await home.rated(told["id"], who, lambda case: case["suggestion"]["rag"] == "red")
    assert any(one["text"].startswith("reply/") for one in raised["suggestion"]["reasons"])
    await home.sent(told["id"], "urgent_alert", who)


async def test_who_was_sent_a_link_is_reminded_and_a_manager_hears_of_silence(
    home: Living, referral: str
) -> None:
    who = home.staff()
    await ask(home, referral, who, of="housing", email="duty@homes.council.example")
    await home.sent(referral, "information_wanted", who)
    home.clock.forward(timedelta(hours=5))
    who = home.staff()
    await home.sent(referral, "information_reminder", who)
    home.clock.forward(timedelta(days=3))
    who = home.staff()

    async def breached() -> list[dict[str, Any]]:
        clocks = await home.listed("/v1/clocks", referral, who)
        return [
            one
            for one in clocks
            if one["name"] == "information_reply" and one["state"] == "breached"
        ]

    assert await home.until(breached, bool)
    assert (await picture(home, referral, who))["items"][0]["overdue"]
