"""People of partner organisations sign in: what they sent, what they are asked, and no more."""

import re
from collections.abc import Mapping
from datetime import timedelta
from html import unescape
from uuid import UUID, uuid4

import httpx2
import pytest

from chassis.errors import DomainError
from chassis.ids import new_id
from services.intake.accounts.registering import add_staff, disable_staff
from tests.journey.living import Living, bearer, decision, fields, read
from tests.journey.test_web_form import STORY, answer, send

PASSWORD = "sturdy-lantern-walks"
HANNAH, LEAD = "h.testley@testwood.school.example", "lead@testwood.school.example"
# What differs between any two pages.
TIMES = re.compile(r'nonce="[^"]+"|data-(?:now|session)="[^"]+"')
OTHER = "o.other@testwood.school.example"


async def register(home: Living, name: str, role: str, beside: str | None, *at: str) -> None:
    async with home.house.databases["intake"].transaction() as connection:
        await add_staff(
            connection, username=name, password=PASSWORD, roles=[role], qualifications=[],
            authorities=at, ids=new_id, now=home.clock(), beside=beside,
        )  # fmt: skip


async def signed_in(home: Living, name: str) -> httpx2.AsyncClient:
    """The browser of somebody who has signed in, having come by the way in."""
    browser = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=home.house.app()),
        base_url="http://house.example",
        headers={"Origin": "http://house.example", "Sec-Fetch-Site": "same-origin"},
        follow_redirects=True,
    )
    page = await browser.get("/")
    sent = {**fields(page.text), "username": name, "password": PASSWORD}
    landed = await browser.post("/sign-in", data=sent)
    assert (landed.status_code, landed.url.path) == (200, "/sent"), landed.text
    return browser


async def corrects_a_name(
    home: Living, hannah: httpx2.AsyncClient, referral_id: str, manager: dict[str, str]
) -> None:
    """Of their own form; what the hub corrected is not theirs to see."""
    path, place = f"/v1/intake/referrals/{referral_id}", f"/sent/{referral_id}/correction"
    by_hub = {"child": 0, "because": "family_says", "family_name": "Hiddenwood"}
    key = {"Idempotency-Key": str(uuid4())}
    kept = await home.http.post(f"{path}/corrections", json=by_hub, headers={**manager, **key})
    assert kept.status_code == 201, kept.text
    assert "Hiddenwood" not in (await hannah.get(place)).text
    assert (await hannah.get(f"{place}?about=child-7")).status_code == 404
    asked = fields((await hannah.get(f"{place}?about=child-0")).text)
    del asked["confidential"]
    typed = {**asked, "given_name": "Alfred", "because": "written_wrongly"}
    half = await hannah.post(place, data={**typed, "postcode": "CV32 9ZA"})
    assert (half.status_code, "Write the whole address" in half.text) == (422, True)
    soon = {"date_of_birth-day": "1", "date_of_birth-month": "1", "date_of_birth-year": "2090"}
    refused = await hannah.post(place, data={**typed, **soon, "key": str(uuid4())})
    assert (refused.status_code, 'href="#date_of_birth-day"' in refused.text) == (422, True)
    assert "Thank you. It is corrected" in (await hannah.post(place, data=typed)).text
    (child,) = read(await home.http.get(path, headers=manager))["form"]["children"]
    assert (child["given_name"], child["family_name"]) == ("Alfred", "Hiddenwood")


async def test_a_referrer_signs_in(home: Living) -> None:
    school = await home.partner()
    for name, role in ((HANNAH, "referrer"), (OTHER, "referrer"), (LEAD, "safeguarding_lead")):
        await register(home, name, role, school.client_id)
    for name, role, beside, at in (
        ("hannah", "referrer", school.client_id, ()),
        ("a@b.example", "manager", school.client_id, ()),
        ("a@b.example", "referrer", None, ("warwickshire",)),
        ("a@b.example", "referrer", "nobody", ()),
        ("a@b.example", "referrer", school.client_id, ("warwickshire",)),
    ):
        with pytest.raises(DomainError):
            await register(home, name, role, beside, *at)

    hannah, other, lead = [await signed_in(home, one) for one in (HANNAH, OTHER, LEAD)]
    assert "There is none yet." in (await hannah.get("/sent")).text
    referral_id = await sends_a_form(home, hannah)
    place = f"/sent/{referral_id}"

    manager = home.staff("manager")
    case = await home.rated(referral_id, manager)
    form = read(await home.http.get(f"/v1/intake/referrals/{referral_id}", headers=manager))
    assert form["by_web"] is False
    assert form["form"]["referrer"]["organisation"] == "Testwood Academy"
    await is_asked(home, hannah, referral_id, manager)
    more = {**fields((await hannah.get(place)).text), "information": ""}
    assert (await hannah.post(f"{place}/information", data=more)).status_code == 422
    kept = await hannah.post(f"{place}/information", data={**more, "information": "He is cold."})
    assert "Thank you. It is added" in kept.text
    await corrects_a_name(home, hannah, referral_id, manager)
    agrees = {
        **fields((await hannah.get(f"{place}/agreement")).text),
        "status": "given",
        "who": "parent_or_carer",
        "given_by": "The mother",
        "scope": "service",
        "given_on-day": "1",
        "given_on-month": "1",
        "given_on-year": "2090",
    }
    del agrees["parents_informed"]
    early = await hannah.post(f"{place}/agreement", data=agrees)
    assert (early.status_code, 'href="#given_on-day"' in early.text) == (422, True)
    agrees = {**agrees, "given_on-year": "2026", "key": str(uuid4())}
    assert (
        "Thank you. It is recorded" in (await hannah.post(f"{place}/agreement", data=agrees)).text
    )
    # The hub concludes; whoever asked once does not ask again meanwhile.
    assert (
        await hannah.post(f"{place}/withdrawal", data={**more, "reason": ""})
    ).status_code == 422
    why = {**more, "key": str(uuid4()), "reason": "His aunt has taken him in."}
    asked = await hannah.post(f"{place}/withdrawal", data=why)
    assert "The hub has your request" in asked.text
    assert "Ask to withdraw it" not in asked.text
    waits = await home.rated(referral_id, manager, lambda one: bool(one["withdrawal_requested_at"]))
    assert waits["state"] == "to_decide"

    case = await home.rated(referral_id, manager)
    await home.settled()
    case = await home.rated(referral_id, manager)
    decided = await home.decide(case, manager)
    assert decided.status_code == 201, decided.text
    await home.settled()
    told = (await hannah.get(place)).text
    assert decision(case)["rationale"] in told
    disagree = re.findall(r'href="(/disagree/[^"]+)"', told)[0]
    assert "Disagree with a decision" in (await hannah.get(disagree)).text

    assert ("partner", {"link": "account"}) in home.query(
        "SELECT actor_kind, details FROM intake.audit_entry WHERE action = 'status_read'"
    )

    # A safeguarding lead sees it, a colleague doesn't, and can't tell it from one that isn't there.
    assert referral_id in (await lead.get("/sent")).text
    assert (await lead.get(place)).status_code == 200
    assert referral_id not in (await other.get("/sent")).text
    assert (await other.get(f"{place}/correction")).status_code == 404
    assert (await other.get(f"{place}/agreement")).status_code == 404
    hidden, nowhere = await other.get(place), await other.get(f"/sent/{uuid4()}")
    assert hidden.status_code == nowhere.status_code == 404
    assert TIMES.sub("", hidden.text) == TIMES.sub("", nowhere.text)
    more = fields((await other.get("/account")).text)
    refused = await other.post(f"{place}/information", data={**more, "information": "Mine?"})
    assert refused.status_code == 404
    elsewhere = await home.partner("rugby-sample")
    stranger = "s@rugby.school.example"
    await register(home, stranger, "safeguarding_lead", elsewhere.client_id)
    assert (await (await signed_in(home, stranger)).get(place)).status_code == 404

    await loses_no_word(home, hannah, place)
    await has_no_other_room(home, hannah, referral_id)
    await goes_on_with_a_draft(home, school.headers, hannah, other)


async def sends_a_form(home: Living, browser: httpx2.AsyncClient) -> str:
    """A form without an emailed link, which knows who fills it in."""
    begun = await browser.post("/refer", data={"authority": "warwickshire"})
    assert begun.url.path == "/refer/page/danger", begun.text
    assert HANNAH in (await browser.get("/refer/page/contact")).text
    await answer(browser, "name", name="Hannah Testley")
    await answer(browser, "child-name/0", given_name="Callum", family_name="Testwood")
    await answer(browser, "child-birth/0", age_estimate="8")
    await answer(browser, "happened", narrative=STORY)
    sent = await send(browser)
    assert sent.url.path == "/refer/sent", sent.text
    ((referral_id, client_id),) = home.query("SELECT referral_id, client_id FROM intake.referral")
    assert client_id == HANNAH
    assert f'href="http://house.example/sent/{referral_id}"' in sent.text
    assert str(referral_id) in (await browser.get("/sent")).text
    return str(referral_id)


async def is_asked(
    home: Living, browser: httpx2.AsyncClient, referral_id: str, manager: Mapping[str, str]
) -> None:
    asked = await home.http.post(
        f"/v1/triage/referrals/{referral_id}/checks",
        json={"of": "referrer", "need": "Who else has seen this?"}, headers=dict(manager),
    )  # fmt: skip
    assert asked.status_code == 201, asked.text
    assert "answer by" in (await browser.get("/sent")).text
    page = (await browser.get(f"/sent/{referral_id}")).text
    # The house asks by itself what the form left out.
    links = [unescape(one) for one in re.findall(r'href="(/reply/[^"]+)"', page)]
    questions = {one: (await browser.get(one)).text for one in links}
    (link,) = [one for one, text in questions.items() if "Who else has seen this?" in text]
    reply = {"information": "His class teacher has.", "answered_by": "Hannah Testley, teacher"}
    assert "Thank you" in (await browser.post(link, data=reply)).text
    assert link not in unescape((await browser.get(f"/sent/{referral_id}")).text)


async def loses_no_word(home: Living, browser: httpx2.AsyncClient, place: str) -> None:
    """Somebody writes for longer than their session holds."""
    typed = {**fields((await browser.get(place)).text), "information": "She limps today."}
    now = home.clock.now
    home.clock.forward(timedelta(hours=2))
    asked = await browser.post(f"{place}/information", data=typed)
    assert "Sign in" in asked.text
    kept = dict(re.findall(r'<textarea name="(carried[^"]+)"[^>]*>\n(.*?)</textarea>', asked.text))
    sent = {**fields(asked.text), **kept, "username": HANNAH, "password": PASSWORD}
    back = await browser.post("/sign-in", data=sent)
    assert (back.status_code, "She limps today.</textarea>" in back.text) == (200, True), back.text
    home.clock.now = now


async def has_no_other_room(home: Living, browser: httpx2.AsyncClient, referral_id: str) -> None:
    for path in ("/queue", f"/referrals/{referral_id}", "/guidance", "/organisations", "/audit"):
        assert (await browser.get(path)).status_code == 404, path
    form = {"grant_type": "password", "username": HANNAH, "password": PASSWORD}
    me = bearer(read(await home.http.post("/oauth/token", data=form))["access_token"])
    assert (await home.http.get(f"/v1/referrals/{referral_id}", headers=me)).status_code == 200
    for path in (
        f"/v1/triage/referrals/{referral_id}", "/v1/information-requests", "/v1/changes",
        "/v1/disagreements", "/v1/callbacks", "/v1/consultations", "/v1/triage/referrals",
    ):  # fmt: skip
        assert (await home.http.get(path, headers=me)).status_code == 403, path


async def goes_on_with_a_draft(
    home: Living,
    system: Mapping[str, str],
    hannah: httpx2.AsyncClient,
    other: httpx2.AsyncClient,
) -> None:
    """One that was handed over, and a link that ends with the account."""
    begun = await home.http.post(
        "/v1/drafts",
        json={"authority": "warwickshire", "narrative": "Handed over."},
        headers={**system, "Idempotency-Key": str(uuid4())},
    )
    draft_id = UUID(read(begun)["id"])
    handed = await home.http.post(
        f"/v1/drafts/{draft_id}/handover",
        json={"to": "Hannah", "client_id": HANNAH},
        headers={**system, "If-Match": '"1"'},
    )
    assert handed.status_code == 200, handed.text
    page = (await hannah.get("/sent")).text
    assert "handed to Hannah" in page
    assert str(draft_id) not in (await other.get("/sent")).text
    theirs = fields((await other.get("/account")).text)
    assert (await other.post(f"/sent/drafts/{draft_id}", data=theirs)).status_code == 404
    opened = await hannah.post(f"/sent/drafts/{draft_id}", data=fields(page))
    assert opened.url.path == "/refer/tasks", opened.text
    assert "Handed over." in (await hannah.get("/refer/page/happened")).text
    # Nobody but a colleague who signs in is given it; then it is theirs, and no more hers.
    page = (await hannah.get("/sent")).text
    place = f"/sent/drafts/{draft_id}/handover"
    for to, status in (("s@rugby.school.example", 422), (OTHER, 200)):
        handed = await hannah.post(place, data={**fields(page), "to": to})
        assert handed.status_code == status, handed.text
    assert (await hannah.post(place, data={**fields(page), "to": HANNAH})).status_code == 404
    assert (await hannah.get("/refer/tasks")).status_code == 200
    back = await other.post(place, data={**fields((await other.get("/sent")).text), "to": HANNAH})
    assert back.status_code == 200
    async with home.house.databases["intake"].transaction() as connection:
        await disable_staff(connection, HANNAH, home.clock())
    assert (await hannah.get("/refer/tasks")).status_code == 410
    # Nobody whose account has ended stays in on an open page.
    await home.until(lambda: hannah.get("/account"), lambda page: page.url.path == "/sign-in")
