"""The pages on the whole house: a referral that is posted is seen, decided, and gone from the
other queues."""

import asyncio
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from chassis.clock import system_clock
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.vault import KeyRing
from frontdoor import house as whole
from policy.loading import PackSet
from services.intake.accounts.registering import add_partner, add_staff
from tests.browser.axe import assert_good
from tests.browser.conftest import watched
from tests.browser.house import PASSWORD
from tests.databases import Server

FORM: Mapping[str, Any] = {
    "authority": "warwickshire",
    "request": "protection",
    "referrer": {
        "name": "Dawn Sampleton",
        "role": "Designated safeguarding lead",
        "agency": "school",
        "organisation": "Testwood Academy",
        "email": "d.sampleton@testwood-academy.example",
    },
    "children": [
        {
            "given_name": "Maya",
            "family_name": "Sampledaughter",
            "date_of_birth": "2018-05-04",
            "address": {"lines": ["4 Sample Court"], "postcode": "CV32 9ZA"},
        }
    ],
    "household": [
        {"name": "Theo Sampleson", "relationship": "brother", "date_of_birth": "2021-07-30"}
    ],
    "concerns": [{"code": "domestic_abuse", "impact": "serious", "detail": "Dad hits mum."}],
    "narrative": "Maya has a bruise on her cheek. She told me that dad hit her last night.",
    "parents_informed": False,
    "reason_not_informed": "increased_risk_of_significant_harm",
}


class Served:
    """The house on a port of its own, with one partner and two people."""

    def __init__(self, urls: Mapping[str, str], packs: PackSet) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = int(found.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._house = whole.House(
            whole.Parts(Settings(local_accounts=True), urls, packs, KeyRing.new())
        )
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(30)

    def post(self) -> str:
        """Post the form as the partner's system does. Returns the reference."""
        with httpx2.Client(base_url=self.url) as client:
            form = {
                "grant_type": "client_credentials",
                "client_id": "testwood-academy",
                "client_secret": self._secret,
            }
            token = client.post("/oauth/token", data=form).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(new_id())}
            answer = client.post("/v1/referrals", json=FORM, headers=headers)
            assert answer.status_code == 201, answer.text
            return str(answer.json()["reference"])

    def stop(self) -> None:
        self._house.hang_up()
        self._server.should_exit = True
        self._thread.join(30)
        assert not self._thread.is_alive()

    async def _serve(self) -> None:
        await self._house.open()
        async with self._house.databases["intake"].transaction() as connection:
            now = system_clock()
            self._secret = await add_partner(
                connection, client_id="testwood-academy", name="Testwood Academy", agency="school",
                email_domain="testwood-academy.example",
                scopes=["referral.create", "referral.read"],
                pepper=self._house.parts.ring.token_key, ids=new_id, now=now,
            )  # fmt: skip
            for name in ("one.warwickshire", "two.warwickshire"):
                await add_staff(
                    connection, username=name, password=PASSWORD, roles=["manager"],
                    qualifications=["social_worker"], authorities=["warwickshire"],
                    ids=new_id, now=now,
                )  # fmt: skip
        config = uvicorn.Config(
            self._house.app(), host="127.0.0.1", port=self.port, log_config=None
        )
        self._server = uvicorn.Server(config)
        serving = asyncio.create_task(self._server.serve())
        while not self._server.started:
            await asyncio.sleep(0.02)
        self._ready.set()
        await serving


@pytest.fixture
def served(postgres: Server, packs: PackSet) -> Iterator[Served]:
    with postgres.fresh() as databases:
        served = Served(databases.urls, packs)
        yield served
        served.stop()


def open_queue(browser: Browser, served: Served, name: str) -> Page:
    """A queue of one person, in a browser of their own."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    page = watched(context.new_page(), served)  # type: ignore[arg-type]
    page.goto(f"{served.url}/sign-in")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{served.url}/queue")
    expect(page.locator("[data-live-state]")).to_have_text("Live")
    return page


def test_a_posted_referral_is_seen_decided_and_gone_from_other_queues(
    browser: Browser, served: Served
) -> None:
    mine = open_queue(browser, served, "one.warwickshire")
    other = open_queue(browser, served, "two.warwickshire")
    reference = served.post()
    for page in (mine, other):
        expect(page.get_by_role("link", name=reference)).to_be_visible()
        expect(page.locator("[data-row]").first).to_contain_text("Red")
    mine.get_by_role("link", name=reference).click()
    expect(mine.get_by_role("heading", level=1)).to_have_text("Maya Sampledaughter and 1 other")
    expect(mine.locator("#told mark").first).to_be_visible()
    expect(mine.locator("#why")).to_contain_text("Clause")
    expect(mine.locator("#clocks")).to_contain_text("Decision within one working day")
    expect(mine.locator("#allocation")).to_contain_text("not accepted yet")
    assert_good(mine)
    for child in range(2):
        mine.locator(f"#rag-{child}").check()
        mine.locator(f"#outcome-{child}").select_option("strategy_discussion")
    mine.locator("#rationale").fill("Maya told of being hit at home and has an injury.")
    mine.locator("#action-0").fill("Strategy discussion with police and health")
    mine.locator("#owner-0").fill("Duty team")
    mine.locator("#by-0").fill("2030-01-31")
    mine.get_by_role("button", name="Check the decision").click()
    mine.get_by_role("button", name="Record the decision").click()
    expect(mine.get_by_text("Your decision is recorded.")).to_be_visible()
    expect(mine.locator(".fd-standing")).to_contain_text("Strategy discussion")
    expect(mine.locator("#decisions")).to_contain_text("Maya told of being hit at home")
    expect(other.get_by_role("link", name=reference)).to_have_count(0)
    expect(other.get_by_text("Nothing to decide")).to_be_visible()
    assert_good(mine)
    assert_good(other)
