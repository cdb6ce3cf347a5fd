"""A house that is lived in: every service on a real PostgreSQL, a real mail server, and the people
who call it."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx2
import psycopg

from chassis.identity import SCOPES, SOCIAL_WORKER, Caller, issue
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.stream.bell import wait
from chassis.vault import KeyRing
from frontdoor.house import House, Parts
from policy.loading import PackSet
from services.intake.accounts.registering import add_partner, add_staff
from services.intake.tidying import Tidying
from tests.clocks import START, SetClock
from tests.databases import Databases
from tests.integration.notifications.relay import TestRelay
from tests.journey.forms import form

T = TypeVar("T")

TOKEN_SECONDS = 3600
PATIENCE_SECONDS = 40
LOOK_AGAIN_SECONDS = 0.1
RATIONALE = "What you describe meets our guidance and somebody looks into it with the family."
ACTION = {"action": "A worker rings the family", "owner": "Duty team", "by": "2026-03-09"}


def fields(page: str) -> dict[str, str]:
    """What stands in a page's forms already: names and values."""
    return dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner organisation's system, with its secret."""

    client_id: str
    secret: str
    headers: Mapping[str, str]


@dataclass(slots=True)
class Living:
    """A running house, and how the people around it call it."""

    house: House
    databases: Databases
    clock: SetClock
    relay: TestRelay
    http: httpx2.AsyncClient
    answers: list[httpx2.Response] = field(default_factory=list)

    async def begin_again(self) -> None:
        """As at first: nobody known, nothing said, the clock where all tests begin."""
        await self.house.stop()
        # What was cut off gives its locks back while we wait.
        await asyncio.to_thread(self.databases.forget)
        self.clock.now = START
        self.relay.box.raw.clear()
        self.answers.clear()
        self.house.start()

    async def partner(
        self,
        client_id: str = "testwood-academy",
        *,
        agency: str = "school",
        email_domain: str = "testwood.school.example",
        scopes: tuple[str, ...] = tuple(SCOPES),
    ) -> Partner:
        """A new partner with a token that it asked for."""
        async with self.house.databases["intake"].transaction() as connection:
            secret = await add_partner(
                connection,
                client_id=client_id,
                name=client_id.replace("-", " ").title(),
                agency=agency,
                email_domain=email_domain,
                scopes=scopes,
                pepper=self.house.parts.ring.token_key,
                ids=new_id,
                now=self.clock(),
            )
        answer = await self.http.post(
            "/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_id": client_id,
                "client_secret": secret,
            },
        )
        answer.raise_for_status()
        return Partner(client_id, secret, bearer(answer.json()["access_token"]))

    def staff(
        self,
        role: str = "practitioner",
        authority: str = "warwickshire",
        *others: str,
        qualified: bool = True,
    ) -> dict[str, str]:
        """The headers of somebody who works there, and in `others`, and has signed in."""
        caller = Caller(
            kind="staff",
            id=new_id(),
            name=f"{role}.{authority}",
            authorities=frozenset({authority, *others}),
            roles=frozenset({role}),
            qualifications=frozenset({SOCIAL_WORKER} if qualified else ()),
        )
        return bearer(issue(self.house.signing, caller, self.clock(), TOKEN_SECONDS))

    async def browser(
        self, role: str = "manager", authority: str = "warwickshire", *others: str
    ) -> httpx2.AsyncClient:
        """The browser of somebody who works there and has signed in by the form."""
        name, password = f"{role}.{authority}", "sturdy-lantern-walks"
        async with self.house.databases["intake"].transaction() as connection:
            await add_staff(
                connection,
                username=name,
                password=password,
                roles=[role],
                qualifications=[SOCIAL_WORKER],
                authorities=[authority, *others],
                ids=new_id,
                now=self.clock(),
            )
        browser = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self.house.app()),
            base_url="http://house.example",
            headers={"Origin": "http://house.example", "Sec-Fetch-Site": "same-origin"},
        )
        page = await browser.get("/sign-in")
        sent = {**fields(page.text), "username": name, "password": password}
        answer = await browser.post("/sign-in", data=sent)
        assert answer.status_code == 303, answer.text
        return browser

    async def post(
        self, partner: Partner, body: Mapping[str, Any] | None = None, **headers: str
    ) -> httpx2.Response:
        """Post a referral."""
        sent = {"Idempotency-Key": str(uuid4()), **partner.headers}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post("/v1/referrals", json=body or form(), headers=sent)

    async def refer(
        self, partner: Partner, body: Mapping[str, Any] | None = None, **headers: str
    ) -> dict[str, Any]:
        """Post a referral that is taken: its answer."""
        answer = await self.post(partner, body, **headers)
        assert answer.status_code == 201, answer.text
        return read(answer)

    async def follow_up(
        self, partner: Partner, referral_id: str, what: str, body: Mapping[str, Any]
    ) -> httpx2.Response:
        """Post information or a withdrawal to a referral."""
        return await self.http.post(
            f"/v1/referrals/{referral_id}/{what}",
            json=body,
            headers={"Idempotency-Key": str(uuid4()), **partner.headers},
        )

    async def rated(
        self,
        referral_id: str,
        who: Mapping[str, str],
        holds: Callable[[Mapping[str, Any]], bool] = bool,
    ) -> dict[str, Any]:
        """The case as soon as triage has it and `holds` says yes."""

        async def ask() -> dict[str, Any]:
            answer = await self.http.get(f"/v1/triage/referrals/{referral_id}", headers=dict(who))
            return read(answer) if answer.status_code == 200 else {}

        return await self.until(ask, lambda case: bool(case) and holds(case))

    async def decide(
        self, case: Mapping[str, Any], who: Mapping[str, str], **said: Any
    ) -> httpx2.Response:
        """Decide a case as it was read. `said` replaces parts of the decision."""
        version = said.pop("version", case["version"])
        return await self.http.post(
            f"/v1/triage/referrals/{case['id']}/decision",
            json=decision(case, **said),
            headers={**who, "If-Match": f'"{version}"'},
        )

    async def rerate(
        self, case: Mapping[str, Any], who: Mapping[str, str], **said: Any
    ) -> httpx2.Response:
        """Rate a case again."""
        body = {"rationale": RATIONALE, "clauses": [], **said}
        return await self.http.post(
            f"/v1/triage/referrals/{case['id']}/ratings", json=body, headers=dict(who)
        )

    async def listed(
        self, path: str, referral_id: str, who: Mapping[str, str]
    ) -> list[dict[str, Any]]:
        """What a list says of one referral."""
        answer = await self.http.get(path, params={"referral_id": referral_id}, headers=dict(who))
        answer.raise_for_status()
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def sent(
        self, referral_id: str, kind: str, who: Mapping[str, str], count: int = 1
    ) -> list[dict[str, Any]]:
        """The messages of a kind, as soon as `count` of them were sent."""

        async def ask() -> list[dict[str, Any]]:
            return [
                one
                for one in await self.listed("/v1/messages", referral_id, who)
                if one["kind"] == kind and one["state"] == "sent"
            ]

        return await self.until(ask, lambda found: len(found) >= count)

    async def settled(self) -> None:
        """Until everybody was looked up, every service has answered everything that was said, and
        what was to be sent has gone."""
        looked_up = self.house.parts.settings.look_up_people

        async def behind() -> list[str]:
            late = []
            databases = self.house.databases
            async with databases["intake"].connection() as connection:
                if looked_up and await connection.fetchval(_TO_LOOK_UP):
                    late.append("people")
                head = await connection.fetchval(_HEAD)
            for name, database in databases.items():
                async with database.connection() as connection:
                    types = self.house.running[name].kernel.service.types
                    if await connection.fetchval(_BEHIND, name, types):
                        late.append(name)
            async with databases["notifications"].connection() as connection:
                if await connection.fetchval(_UNSENT, self.clock()):
                    late.append("mail")
                # What was said while one looked, somebody may have to answer.
                if await connection.fetchval(_HEAD) != head:
                    late.append("news")
            return late

        await self.until(behind, lambda late: not late)

    async def until(self, ask: Callable[[], Awaitable[T]], holds: Callable[[T], bool]) -> T:
        """What `ask` finds, as soon as it holds. The house's own bell says when to look again."""
        heard = self.house.bell.listener()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not holds(found := await ask()):
                await wait(heard, LOOK_AGAIN_SECONDS)
        return found

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows, as the database's owner sees them."""
        with psycopg.connect(self.databases.owner) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def events(self, referral_id: str) -> list[dict[str, Any]]:
        """All that was said of a referral, in the order of the log."""
        rows = self.query(
            "SELECT body FROM event_stream.event_log WHERE referral_id = %s ORDER BY position",
            UUID(referral_id),
        )
        return [row[0] for row in rows]


_BEHIND = """
SELECT EXISTS (
    SELECT FROM event_stream.event_log
     WHERE position > coalesce((SELECT position FROM cursor WHERE consumer = $1), 0)
       AND type = ANY ($2))
"""

_TO_LOOK_UP = "SELECT EXISTS (SELECT FROM to_look_up)"

_HEAD = "SELECT max(position) FROM event_stream.event_log"

_UNSENT = """
SELECT EXISTS (
    SELECT FROM message WHERE state = 'sending' OR state = 'queued' AND due_at <= $1)
"""


@asynccontextmanager
async def living(databases: Databases, packs: PackSet, **settings: Any) -> AsyncIterator[Living]:
    """A running house on its own database, reached without a socket, with a mail server."""
    relay = TestRelay()
    await relay.start()
    clock = SetClock()
    chosen = {
        "smtp_host": "127.0.0.1",
        "smtp_port": relay.port,
        "local_accounts": True,
        "public_url": "http://house.example",
        **settings,
    }
    house = House(Parts(Settings(**chosen), databases.urls, packs, KeyRing.new(), clock))
    await house.open()
    app = house.app()
    house.start()
    answers: list[httpx2.Response] = []

    async def keep(answer: httpx2.Response) -> None:
        answers.append(answer)

    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app),
        base_url="http://house.example",
        event_hooks={"response": [keep]},
    ) as http:
        try:
            yield Living(house, databases, clock, relay, http, answers)
        finally:
            await house.close()
            await relay.stop()


def tidying(home: Living) -> Tidying:
    """What looks after drafts and questions whose time has passed."""
    for loop in home.house.running["intake"].loops:
        owner = getattr(loop, "__self__", None)
        if isinstance(owner, Tidying):
            return owner
    raise AssertionError


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def read(answer: httpx2.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()
    return found


def decision(case: Mapping[str, Any], **said: Any) -> dict[str, Any]:
    """A decision that follows the suggestion."""
    outcome = {
        "red": "strategy_discussion",
        "amber": "child_and_family_assessment",
        "green": "early_help_assessment",
        "none": "no_further_action",
    }
    rag = said.pop("rag", None)
    children = [
        {
            "child_id": child["child_id"],
            "rag": rag or child["suggested"],
            "outcome": outcome[rag or child["suggested"]],
        }
        for child in case["children"]
    ]
    clauses = [clause["id"] for clause in case["suggestion"]["clauses"]][:2]
    return {
        "children": children,
        "rationale": RATIONALE,
        "clauses": clauses,
        "no_clause_because": None if clauses else "The guidance has no clause for this.",
        "actions": [ACTION],
        **said,
    }
