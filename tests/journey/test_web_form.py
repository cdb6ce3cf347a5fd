"""The web form over HTTP: whoever holds the link fills it in, once, and loses nothing typed."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from html import unescape
from typing import Any
from uuid import UUID

import httpx2
import pytest

from chassis.identity.links import Links
from services.intake.callers import VISITOR
from tests.files import PDF
from tests.journey.living import Living, decision, read

STORY = "He comes to school hungry and in the same clothes day after day."
LINK = re.compile(r'fd-link-shown"><a class="govuk-link" href="http://house.example([^"]+)"')


@asynccontextmanager
async def somebody(home: Living) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser of somebody who has no account."""
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=home.house.app()),
        base_url="http://house.example",
        headers={"Origin": "http://house.example", "Sec-Fetch-Site": "same-origin"},
        follow_redirects=True,
    ) as browser:
        yield browser


async def begin(browser: httpx2.AsyncClient) -> None:
    begun = await browser.post("/refer", data={"authority": "warwickshire"})
    assert begun.url.path == "/refer/page/danger", begun.text


def seen(page: httpx2.Response) -> str:
    return str(re.findall(r'name="seen" value="(\w*)"', page.text)[0])


async def answer(browser: httpx2.AsyncClient, path: str, **typed: str) -> httpx2.Response:
    """Open a page, type and save."""
    page = await browser.get(f"/refer/page/{path}")
    assert page.status_code == 200, page.text
    said = {name.replace("__", "-"): value for name, value in typed.items()}
    return await browser.post(f"/refer/page/{path}", data={"seen": seen(page), **said})


async def fill(browser: httpx2.AsyncClient, agency: str = "work") -> None:
    """As little as a referral needs."""
    await begin(browser)
    await answer(browser, "who", agency=agency)
    await answer(browser, "name", name="Hannah Testley")
    await answer(browser, "contact", email="h.testley@testwood.school.example")
    await answer(browser, "child-name/0", given_name="Callum", family_name="Testwood")
    await answer(browser, "child-birth/0", age_estimate="8")
    await answer(browser, "happened", narrative=STORY)


async def send(
    browser: httpx2.AsyncClient, check: httpx2.Response | None = None
) -> httpx2.Response:
    """Send what was looked over on `check`."""
    page = check or await browser.get("/refer/check")
    version = re.findall(r'name="version" value="(\d+)"', page.text)[0]
    return await browser.post("/refer/send", data={"version": version})


def link_on(page: httpx2.Response) -> str:
    return unescape(LINK.findall(page.text)[0])


def web_referrals(home: Living) -> list[UUID]:
    return [row[0] for row in home.query("SELECT referral_id FROM intake.referral ORDER BY 1")]


async def test_a_form_is_left_come_back_to_and_sent_once(home: Living) -> None:
    async with somebody(home) as browser, somebody(home) as elsewhere:
        await fill(browser)
        told = await browser.post(
            "/refer/attachments", files={"file": ("Body map.pdf", PDF, "application/pdf")}
        )
        assert "Body map.pdf" in told.text
        refused = await browser.post("/refer/attachments", files={"file": ("a.exe", b"MZ")})
        assert refused.status_code == 422
        assert "We take PDF" in refused.text
        back = link_on(await browser.get("/refer/link"))
        left = await browser.get("/refer/leave", follow_redirects=False)
        assert "house.example" not in left.headers["location"]
        assert (await browser.get("/refer/tasks")).status_code == 410
        # Opening the address shows nothing; it is the button that opens the form.
        assert "Callum" not in (await elsewhere.get(back)).text
        opened = await elsewhere.post("/refer/return", data={"link": f"http://house.example{back}"})
        assert opened.url.path == "/refer/tasks"
        check = await elsewhere.get("/refer/check")
        assert "Callum" in check.text
        assert "Say whether the parents were told of the referral" in check.text
        first, second = await asyncio.gather(send(elsewhere, check), send(elsewhere, check))
        assert {first.url.path, second.url.path} == {"/refer/sent"}
        assert len(web_referrals(home)) == 1
        sent = await elsewhere.get("/refer/sent")
        assert re.search(r"WAR-\d+-\w", sent.text)
        # Going back and pressing again finds what was sent.
        again = await elsewhere.post("/refer/send", data={"version": "1"})
        assert again.url.path == "/refer/sent"
        late = await elsewhere.post(
            "/refer/page/happened", data={"seen": "", "narrative": "There is more to say."}
        )
        assert late.status_code == 410
        assert "There is more to say." in late.text

        (referral_id,) = web_referrals(home)
        manager = home.staff("manager")
        case = await home.rated(str(referral_id), manager)
        form = await home.http.get(f"/v1/intake/referrals/{referral_id}", headers=manager)
        assert form.json()["by_web"] is True
        assert form.json()["form"]["narrative"] == STORY

        receipt = link_on(sent)
        waiting = await elsewhere.get(receipt)
        assert "Not yet" in waiting.text
        decided = await home.http.post(
            f"/v1/triage/referrals/{referral_id}/decision",
            json=decision(case), headers={**manager, "If-Match": f'"{case["version"]}"'},
        )  # fmt: skip
        assert decided.status_code == 201, decided.text
        await home.settled()
        rationale = decision(case)["rationale"]
        # Nobody checked who typed the form: the link on the screen tells no reasons. One that was
        # emailed to a domain that the pack trusts does.
        brief = await elsewhere.get(receipt)
        assert "A practitioner has read it and decided" in brief.text
        assert rationale not in brief.text
        await home.sent(str(referral_id), "acknowledgement", manager)
        letters = [one.get_body(("plain",)).get_content() for one in home.relay.box.taken]
        found = re.search(r"http://house.example(/status/\S+)", "\n".join(letters))
        assert found
        emailed = found[1]
        assert rationale in (await elsewhere.get(emailed)).text
        reads = home.query(
            "SELECT count(*) FROM intake.audit_entry WHERE action = 'status_read' AND referral_id = %s",
            referral_id,
        )
        assert reads == [(3,)]
        # However often somebody looks, they have looked.
        assert home.query(
            "SELECT count(*) FROM notifications.look WHERE referral_id = %s", referral_id
        ) == [(1,)]


async def test_a_neighbour_is_told_that_it_was_read_and_no_more(home: Living) -> None:
    async with somebody(home) as browser:
        await fill(browser, "neighbour_or_friend")
        sent = await send(browser)
        (referral_id,) = (
            row[0]
            for row in home.query(
                "SELECT referral_id FROM intake.referral ORDER BY received_at DESC, 1 DESC LIMIT 1"
            )
        )
        manager = home.staff("manager")
        case = await home.rated(str(referral_id), manager)
        await home.decide(case, manager)
        await home.settled()
        emailed = Links(home.house.parts.ring.token_key).token("status", referral_id)
        for path in (link_on(sent), f"/status/{emailed}"):
            told = await browser.get(path)
            assert "It has been read by a person." in told.text
            assert decision(case)["rationale"] not in told.text


async def test_a_relative_is_written_to_only_where_they_said_that_it_is_safe(home: Living) -> None:
    manager = home.staff("manager")

    async def reached(**said: str) -> dict[str, Any]:
        async with somebody(home) as browser:
            await fill(browser, "family_member")
            if said:
                await answer(browser, "safely", **said)
            await send(browser)
        ((newest,),) = home.query(
            "SELECT referral_id FROM intake.referral ORDER BY received_at DESC, 1 DESC LIMIT 1"
        )
        await home.rated(str(newest), manager)

        async def ended() -> list[dict[str, Any]]:
            listed = await home.listed("/v1/messages", str(newest), manager)
            return [one for one in listed if one["state"] in ("sent", "failed")]

        (one,) = await home.until(ended, bool)
        return one

    before = len(home.relay.box.taken)
    silent = await reached()
    assert (silent["state"], silent["reason"]) == ("failed", "not_safe_to_write")
    assert (await reached(write_safely="no", safe_contact="Mondays"))["state"] == "failed"
    assert len([one for one in home.relay.box.taken[before:] if "received" in one["Subject"]]) == 0
    assert (await reached(write_safely="yes"))["state"] == "sent"
    told = read(await home.http.get("/v1/messages/undelivered", headers=manager))["items"]
    assert silent["id"] in {one["id"] for one in told}


async def test_nothing_typed_is_lost_and_nobody_overwrites_unseen(home: Living) -> None:
    async with somebody(home) as one, somebody(home) as two:
        await begin(one)
        link = link_on(await one.get("/refer/link"))
        await two.post("/refer/return", data={"link": link})
        page = await two.get("/refer/page/happened")
        await answer(one, "happened", narrative=STORY)
        typed = {"seen": seen(page), "narrative": "I saw something else."}
        changed = await two.post("/refer/page/happened", data=typed)
        assert changed.status_code == 409
        assert STORY in changed.text
        assert "I saw something else." in changed.text
        kept = await two.post("/refer/page/happened", data={**typed, "seen": seen(changed)})
        assert kept.url.path == "/refer/page/concerns"
        # The same words sent twice are no quarrel.
        assert (await two.post("/refer/page/happened", data=typed)).status_code == 200

        one.cookies.clear()
        lost = await one.post("/refer/page/happened", data={"seen": "", "narrative": "So much."})
        assert lost.status_code == 410
        assert "So much." in lost.text
        again = await one.post(
            "/refer/again",
            data={
                "target": "/refer/page/happened", "carried.narrative": "So much.", "link": link,
            },
        )  # fmt: skip
        assert "So much." in again.text
        assert 'action="/refer/page/happened"' in again.text


async def test_what_is_wrong_is_said_and_what_is_not_ours_refused(home: Living) -> None:
    async with somebody(home) as browser:
        assert (await browser.post("/refer", data={"authority": "atlantis"})).status_code == 422
        await begin(browser)
        wrong = await answer(browser, "contact", email="nobody")
        assert wrong.status_code == 422
        assert "This is not an email address" in wrong.text
        assert 'href="#email"' in wrong.text
        for path in ("page/nothing", "page/child-name/7", "list/nothing"):
            assert (await browser.get(f"/refer/{path}")).status_code == 404
        empty = await browser.post("/refer/attachments", files={"file": ("map.pdf", b"")})
        assert "There is nothing in that file" in empty.text
        check = await browser.get("/refer/check")
        assert "We need a little more" in check.text
        assert "/refer/send" not in check.text
        early = await browser.post("/refer/send", data={"version": "1"})
        assert early.status_code == 422
        stranger = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
        assert (await browser.post("/refer/close", headers=stranger)).status_code == 403
        for path in ("/status/nothing", "/advice/nothing"):
            assert (await browser.get(path)).status_code == 404
        back = await browser.post("/refer/return", data={"link": "http://house.example/nothing"})
        assert back.status_code == 422


async def test_a_question_without_names_is_answered_and_goes_on(home: Living) -> None:
    asked = {"authority": "warwickshire", "question": STORY, "key": "one", "name": "Hannah Testley"}
    async with somebody(home) as browser:
        named = await browser.post(
            "/consult", data={**asked, "question": "A child, born on 4 March 2017, is hungry."}
        )
        assert named.status_code == 422
        assert "names nobody" in named.text
        told = await browser.post("/consult", data=asked)
        assert told.status_code == 201
        assert "Questions to think about" in told.text
        for word in ("Amber", "Green", "no need"):
            assert word not in told.text
        link = link_on(told)
        assert link_on(await browser.post("/consult", data=asked)) == link
        known = await browser.post("/consult", data={**asked, "key": "two", "identifiable": "yes"})
        assert "Refer this now" in known.text
        assert STORY in (await browser.get(link)).text
        for _ in range(2):
            went_on = await browser.post(f"{link}/referral")
            assert went_on.url.path == "/refer/tasks"
        assert STORY in (await browser.get("/refer/check")).text


async def test_no_partner_finds_what_came_by_the_web(home: Living) -> None:
    school = await home.partner("web", scopes=("referral.create", "referral.read"))
    for path in ("/v1/drafts", "/v1/referrals", "/v1/consultations"):
        listed = await home.http.get(path, headers=dict(school.headers))
        assert listed.json()["items"] == []
    assert VISITOR.kind == "service"


async def test_the_link_is_mailed_to_whoever_asks(
    home: Living, caplog: pytest.LogCaptureFixture
) -> None:
    mine = "h.testley@testwood.school.example"
    async with somebody(home) as browser, somebody(home) as elsewhere:
        await fill(browser)
        link = link_on(await browser.get("/refer/link"))
        wrong = await browser.post("/refer/link", data={"email": "nobody"})
        assert wrong.status_code == 422
        assert "like name@example.com" in wrong.text

        async def mails() -> list[EmailMessage]:
            taken = home.relay.box.taken
            return [one for one in taken if one["Subject"] == "Your saved form"]

        told = await browser.post("/refer/link", data={"email": mine})
        assert str(told.url).endswith("/refer/link?mailed=yes")
        assert "We are sending the link" in told.text
        (mail,) = await home.until(mails, bool)
        assert mail["To"] == mine
        text = mail.get_body(("plain",)).get_content()
        assert f"http://house.example{link}" in text
        assert not [word for word in ("Callum", "Testwood", STORY) if word in mail.as_string()]
        opened = await elsewhere.post("/refer/return", data={"link": link})
        assert opened.url.path == "/refer/tasks"

        for _ in range(2):
            await browser.post("/refer/link", data={"email": mine})
        enough = await browser.post("/refer/link", data={"email": mine})
        assert enough.status_code == 422
        assert "No more links can be sent today" in enough.text
        await home.until(mails, lambda found: len(found) == 3)

        async def waiting() -> list[tuple[Any, ...]]:
            return home.query("SELECT 1 FROM notifications.form_link WHERE state <> 'sent'")

        # Neither the address nor the link is anywhere once it went.
        await home.until(waiting, lambda rows: not rows)
        rows = str(home.query("SELECT f::text FROM notifications.form_link f"))
        token = link.rpartition("/")[2]
        assert not [one for one in (mine, mine.encode().hex(), token) if one in rows]
        assert token not in caplog.text
