"""Partners that post and practitioners that decide, over HTTP, as stubborn as real ones: what was
not answered is asked again, a post under the same idempotency key."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any, Self

import httpx2

from frontdoor.accounts import samples
from frontdoor.demo.sandbox import as_suggested
from frontdoor.demo.story import moved

PATIENCE_SECONDS = 120.0
PAUSE_SECONDS = 0.05
AGAIN = frozenset({429, 502, 503, 504})
UNAUTHORISED = 401


@dataclass(slots=True)
class Told:
    """What the clients were told. Times are milliseconds from asking to the answer, of the
    asking that was answered."""

    posted: dict[str, str] = field(default_factory=dict)
    decided: set[str] = field(default_factory=set)
    post_ms: list[float] = field(default_factory=list)
    decide_ms: list[float] = field(default_factory=list)
    asked_again: int = 0


class People:
    """Everybody at `url`, with the accounts of `credentials`. `transport` stands in for the way
    to it; `token_of` gives the token of a role at an authority where there is no password grant;
    `patience` is for how many seconds they ask for one thing."""

    def __init__(
        self,
        url: str,
        credentials: Path,
        *,
        connections: int = 50,
        brief: bool = False,
        patience: float = PATIENCE_SECONDS,
        transport: httpx2.AsyncBaseTransport | None = None,
        token_of: Callable[[str, str], str] | None = None,
    ) -> None:
        known = json.loads(credentials.read_text())
        self._secrets = {one["client_id"]: one["client_secret"] for one in known["partners"]}
        self._passwords = {one["username"]: one["password"] for one in known["staff"]}
        self._tokens: dict[str, str] = {}
        self._token_of = token_of
        self._patience = patience
        self._signing_in = asyncio.Lock()
        self._forms = [(client, short(form) if brief else form) for client, form in forms()]
        self.told = Told()
        self.http = httpx2.AsyncClient(
            base_url=url,
            transport=transport,
            timeout=30,
            limits=httpx2.Limits(
                max_connections=connections, max_keepalive_connections=connections
            ),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    @property
    def kinds(self) -> int:
        """How many different referrals there are; later numbers begin again."""
        return len(self._forms)

    async def post(self, number: int) -> str:
        """Post referral `number` until it is answered. Its id."""
        client, form = self._forms[number % len(self._forms)]
        body = json.dumps(numbered(form, number))

        async def ask() -> httpx2.Response:
            headers = {
                **await self.partner(client),
                "Idempotency-Key": f"load-{number}",
                "Content-Type": "application/json",
                "Prefer": "handling=lenient",
            }
            answer = await self.http.post("/v1/referrals", content=body, headers=headers)
            if answer.status_code == UNAUTHORISED:
                # Its hour is over.
                self._tokens.pop(client, None)
            return answer

        answer, took = await self._persist(ask, again=AGAIN | {409, UNAUTHORISED})
        if answer.status_code != 201:
            raise RuntimeError(f"{answer.status_code}: {answer.text}")
        referral_id: str = answer.json()["id"]
        self.told.post_ms.append(took)
        self.told.posted[referral_id] = form["authority"]
        return referral_id

    async def decide(self, referral_id: str) -> None:
        """Wait until it is rated, read it, and decide as suggested, until that is answered."""
        authority = self.told.posted[referral_id]
        headers = await self.person("manager", authority)
        path = f"/v1/triage/referrals/{referral_id}"

        async def read() -> httpx2.Response:
            return await self.http.get(path, headers=headers)

        answer, _ = await self._persist(read, again=AGAIN | {404})
        answer.raise_for_status()
        case = answer.json()
        body = decision_of(case)
        first = True
        while case["state"] == "to_decide":
            seen = {**headers, "If-Match": f'"{case["version"]}"'}

            async def ask(seen: Mapping[str, str] = seen) -> httpx2.Response:
                return await self.http.post(f"{path}/decision", json=body, headers=seen)

            answer, took = await self._persist(ask, again=AGAIN)
            if answer.status_code == 201:
                self.told.decide_ms.append(took)
                break
            if answer.status_code != 412 or not first:
                raise RuntimeError(f"{answer.status_code}: {answer.text}")
            # An asking that was never answered may have been heard: look before asking again.
            first = False
            answer, _ = await self._persist(read, again=AGAIN)
            case = answer.json()
        self.told.decided.add(referral_id)

    async def partner(self, client: str) -> dict[str, str]:
        """The headers of a partner's client."""
        form = {
            "grant_type": "client_credentials",
            "client_id": client,
            "client_secret": self._secrets[client],
        }
        return await self._bearer(client, form)

    async def person(self, role: str, authority: str) -> dict[str, str]:
        """The headers of somebody on the authority's staff."""
        username = f"{role}.{authority}"
        if self._token_of is not None:
            token = self._tokens.setdefault(username, self._token_of(role, authority))
            return {"Authorization": f"Bearer {token}"}
        form = {
            "grant_type": "password",
            "username": username,
            "password": self._passwords[username],
        }
        return await self._bearer(username, form)

    def password(self, username: str) -> str:
        """A member of staff's password."""
        return self._passwords[username]

    async def _bearer(self, name: str, form: Mapping[str, str]) -> dict[str, str]:
        async with self._signing_in:
            if name not in self._tokens:

                async def ask() -> httpx2.Response:
                    return await self.http.post("/oauth/token", data=dict(form))

                answer, _ = await self._persist(ask, again=AGAIN)
                answer.raise_for_status()
                self._tokens[name] = answer.json()["access_token"]
        return {"Authorization": f"Bearer {self._tokens[name]}"}

    async def _persist(
        self, ask: Callable[[], Awaitable[httpx2.Response]], again: frozenset[int]
    ) -> tuple[httpx2.Response, float]:
        async with asyncio.timeout(self._patience):
            while True:
                began = time.perf_counter()
                try:
                    answer = await ask()
                except httpx2.TransportError:
                    self.told.asked_again += 1
                else:
                    if answer.status_code not in again:
                        return answer, (time.perf_counter() - began) * 1000
                    self.told.asked_again += answer.status_code != 404
                await asyncio.sleep(PAUSE_SECONDS)


async def work(
    people: People,
    referrals: int,
    *,
    posters: int,
    deciders: int,
    at: Mapping[int, Callable[[], Awaitable[None]]] | None = None,
) -> float:
    """Have `referrals` posted by so many at a time and each decided by so many at a time. When
    the number of decided referrals reaches a key of `at`, what stands there is done meanwhile.
    How many seconds it took."""
    numbers = iter(range(referrals))
    to_decide: asyncio.Queue[str] = asyncio.Queue()
    due = sorted((at or {}).items())
    began = time.perf_counter()

    async def poster() -> None:
        for number in numbers:
            to_decide.put_nowait(await people.post(number))

    async def decider() -> None:
        while len(people.told.decided) + to_decide.qsize() < referrals or not to_decide.empty():
            try:
                async with asyncio.timeout(0.2):
                    referral_id = await to_decide.get()
            except TimeoutError:
                if len(people.told.posted) >= referrals and to_decide.empty():
                    return
                continue
            await people.decide(referral_id)

    async def trouble() -> None:
        for count, make in due:
            while len(people.told.decided) < count:
                await asyncio.sleep(0.005)
            await make()

    async with asyncio.TaskGroup() as everybody:
        for _ in range(posters):
            everybody.create_task(poster())
        for _ in range(deciders):
            everybody.create_task(decider())
        everybody.create_task(trouble())
    return time.perf_counter() - began


def forms() -> list[tuple[str, dict[str, Any]]]:
    """The sample referrals as forms of today, each with the client that posts it."""
    story = samples("story.json")
    shift = datetime.now(UTC).date() - date.fromisoformat(story["dates_as_of"])
    found = []
    for entry in story["referrals"]:
        source = resources.files("frontdoor") / "samples" / "referrals" / entry["file"]
        form = moved(json.loads(source.read_text("utf-8")), timedelta(days=shift.days))
        found.append((entry["client"], form))
    return found


def short(form: Mapping[str, Any]) -> dict[str, Any]:
    """The form as a brief one: one child, one concern, 300 characters of narrative."""
    words = ("going_well", "child_voice", "work_already_tried")
    return {
        **{key: value for key, value in form.items() if key not in words},
        "children": form["children"][:1],
        "household": [],
        "concerns": [{**concern, "children": [], "detail": ""} for concern in form["concerns"][:1]],
        "narrative": (form.get("narrative") or "")[:300],
    }


def numbered(form: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The form as one about another family: without the numbers by which children are linked."""
    children = [
        {**child, "nhs_number": None, "upn": None, "family_name": f"Numberby {number}"}
        for child in form["children"]
    ]
    return {**form, "children": children, "your_reference": f"L-{number}"}


def decision_of(case: Mapping[str, Any]) -> dict[str, Any]:
    """What a manager decides who agrees with what is suggested."""
    clauses = [clause["id"] for clause in case["suggestion"]["clauses"]][:5]
    return {
        "children": as_suggested(case),
        "rationale": "We read what you wrote and agree that it meets the guidance named here.",
        "analysis": "Decided as suggested.",
        # Counts where a family refused, and is not looked at otherwise.
        "without_agreement": "risk_outweighs",
        "clauses": clauses,
        "no_clause_because": None if clauses else "The guidance has no clause for this.",
        "actions": [{"action": "Ring the family", "owner": "Assessment team", "by": None}],
    }
