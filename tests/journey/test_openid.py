"""Staff sign in at a real provider, and out again."""

import asyncio
import html
import queue
import re
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, TypeAlias

import httpx2
import pytest

from chassis.errors import DomainError
from chassis.identity import SOCIAL_WORKER
from chassis.ids import new_id
from policy.loading import PackSet
from services.intake.accounts.registering import add_staff, disable_staff, link_staff
from tests import provider
from tests.databases import Server
from tests.journey.living import Living, fields, living

Hearing: TypeAlias = "tuple[str, queue.Queue[bytes]]"
"""Where the provider says that somebody signed out, and what it said."""

HOUSE = "http://house.example"
GROUPS = {"mira": ["mash-social-workers", "choir"], "noor": ["choir"], "olu": ["mash-managers"]}
RIGHTS = {
    "mash-social-workers": {"roles": ["practitioner"], "authorities": ["warwickshire"]},
    "mash-managers": {"roles": ["manager"], "authorities": ["warwickshire"]},
}


@pytest.fixture(scope="module")
def heard() -> Iterator[Hearing]:
    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        server.heard = queue.Queue()  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/ended", server.heard  # type: ignore[attr-defined]
        server.shutdown()


@pytest.fixture(scope="module")
def issuer(heard: Hearing) -> Iterator[str]:
    with provider.running(HOUSE, GROUPS, heard[0]) as address:
        yield address


@pytest.fixture(scope="module")
async def home(postgres: Server, packs: PackSet, issuer: str) -> AsyncIterator[Living]:
    with postgres.fresh() as databases:
        async with living(
            databases,
            packs,
            openid_issuer=issuer,
            openid_client_id=provider.CLIENT["client_id"],
            openid_client_secret=provider.CLIENT["client_secret"],
            openid_rights_claim="groups",
            openid_rights=RIGHTS,
        ) as running:
            async with running.house.databases["intake"].transaction() as connection:
                for name in ("mira", "noor"):
                    await add_staff(
                        connection,
                        username=f"{name}.example",
                        password=None,
                        roles=["practitioner", "manager"],
                        qualifications=[SOCIAL_WORKER],
                        authorities=["warwickshire", "walsall"],
                        ids=new_id,
                        now=running.clock(),
                        at=(issuer, name),
                    )
            # The provider's clock is this machine's.
            running.clock.now = datetime.now(UTC)
            yield running


class Listener(BaseHTTPRequestHandler):
    """Takes what the provider says by itself."""

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.put(said)  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *said: Any) -> None:
        """Nothing."""


def browser(home: Living) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=home.house.app()),
        base_url=HOUSE,
        headers={"Origin": HOUSE, "Sec-Fetch-Site": "same-origin"},
    )


async def comes_back(
    ours: httpx2.AsyncClient, visitor: provider.Visitor, name: str, following: str = "/account"
) -> httpx2.Response:
    begun = await ours.get(f"/sign-in/openid?next={following}")
    assert begun.status_code == 303, begun.text
    return await ours.get(await visitor.signs_in(begun.headers["Location"], name))


async def test_there_and_back_and_out_again(home: Living, issuer: str) -> None:
    ours, visitor = browser(home), provider.Visitor()
    assert "Sign in with your work account" in (await ours.get("/sign-in")).text
    answer = await comes_back(ours, visitor, "mira")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    shown = await ours.get("/account")
    # Registered for more: what the provider does not give is not there.
    assert "mira.example" in shown.text
    assert "Practitioner" in shown.text
    assert "Manager" not in shown.text
    assert "Walsall" not in shown.text
    assert home.query(
        "SELECT details FROM intake.audit_entry WHERE action = 'signed_in' ORDER BY position DESC"
    )[0] == ({"by": "openid"},)
    # The provider's token is in the database for nobody to read.
    assert home.query("SELECT sealed_id_token FROM console.session")[0][0][:3] != b"eyJ"

    elsewhere = browser(home)
    await comes_back(elsewhere, provider.Visitor(), "mira")
    left = await ours.post("/sign-out", data={**fields(shown.text), "everywhere": "yes"})
    assert (await elsewhere.get("/account")).status_code == 303
    away = re.search(r'url=([^"]+)"', left.text)
    assert away, left.text
    back = await visitor.signs_out(html.unescape(away[1]))
    assert back == f"{HOUSE}/sign-in"
    # The provider asks who it is again.
    begun = await ours.get("/sign-in/openid")
    asked = await visitor.http.get(begun.headers["Location"], follow_redirects=True)
    assert 'name="login"' in asked.text


async def test_who_signs_out_there_is_signed_out_here(
    home: Living, issuer: str, heard: Hearing
) -> None:
    ours, other, visitor = browser(home), browser(home), provider.Visitor()
    await comes_back(other, provider.Visitor(), "mira")
    await comes_back(ours, visitor, "mira")
    for said in ("logout_token=guessed", ""):
        assert (await says(home, said.encode())).status_code == 400
    assert (await ours.get("/account")).status_code == 200
    while not heard[1].empty():
        heard[1].get()
    await visitor.signs_out(f"{issuer}/session/end")
    token = await asyncio.to_thread(heard[1].get, timeout=20)
    assert (await says(home, token)).status_code == 200
    # It named the person: wherever they were signed in, they are no longer.
    for one in (ours, other):
        assert (await one.get("/account")).status_code == 303


async def says(home: Living, body: bytes) -> httpx2.Response:
    """The provider speaks, which is nobody's browser."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return await home.http.post("/sign-in/openid/ended", content=body, headers=kind)


async def test_who_is_not_let_in(home: Living, issuer: str) -> None:
    ours = browser(home)
    unknown = await comes_back(ours, provider.Visitor(), "olu")
    assert unknown.status_code == 403
    assert "nobody has registered you" in unknown.text
    assert '<code class="fd-trace">olu</code>' in unknown.text
    assert (await ours.get("/account")).status_code == 303
    without = await comes_back(ours, provider.Visitor(), "noor")
    assert without.status_code == 403
    assert "none of the groups" in without.text

    async with home.house.databases["intake"].transaction() as connection:
        await disable_staff(connection, "noor.example", home.clock())
        with pytest.raises(DomainError, match="staff_not_found"):
            await link_staff(connection, "noor.example", issuer, "olu")
    assert "nobody has registered" in (await comes_back(ours, provider.Visitor(), "noor")).text
    # A local account is linked, and whoever left and came back has another one.
    for name, subject in (("olu.example", "olu"), ("noor.again", "noor")):
        async with home.house.databases["intake"].transaction() as connection:
            await add_staff(
                connection,
                username=name,
                password="sturdy-lantern-walks",
                roles=["manager"],
                qualifications=[],
                authorities=["warwickshire"],
                ids=new_id,
                now=home.clock(),
            )
            await link_staff(connection, name, issuer, subject)
    assert (await comes_back(ours, provider.Visitor(), "olu")).status_code == 303
    assert "olu.example" in (await ours.get("/account")).text
    assert "none of the groups" in (await comes_back(ours, provider.Visitor(), "noor")).text


async def test_what_comes_back_to_another_browser_is_not_believed(home: Living) -> None:
    ours, visitor = browser(home), provider.Visitor()
    begun = await ours.get("/sign-in/openid")
    back = await visitor.signs_in(begun.headers["Location"], "mira")
    stolen = await browser(home).get(back)
    assert stolen.status_code == 400
    assert "not begun in this browser" in stolen.text
    other = await ours.get(re.sub(r"state=[^&]+", f"state={'x' * 43}", back))
    assert other.status_code == 400
    # Tried once, the attempt is over.
    assert (await ours.get(back)).status_code == 400
    again = await ours.get("/sign-in/openid")
    state = re.search(r"state=([^&]+)", again.headers["Location"])
    assert state
    wrong = await ours.get(
        "/sign-in/openid/return",
        params={"state": state[1], "code": "guessed", "iss": str(back).split("iss=")[-1]},
    )
    assert wrong.status_code == 403
    again = await ours.get("/sign-in/openid")
    state = re.search(r"state=([^&]+)", again.headers["Location"])
    assert state
    refused = await ours.get(
        "/sign-in/openid/return", params={"state": state[1], "error": "access_denied"}
    )
    assert refused.status_code == 403
    assert "did not work" in refused.text
