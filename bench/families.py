"""The families of a run: each referral is posted, read and decided by somebody over HTTP, with as
little work for this process as can be."""

import asyncio
import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from bench.people import decision_of, forms, numbered, short
from bench.subjects import Subject
from bench.wire import Answer, Wires
from chassis.database import Connection

NARRATIVE = 300
LOOK_EVERY_SECONDS = 0.01
PATIENCE_SECONDS = 120.0
PAUSE_SECONDS = 0.05
AWAY = 503

# Which of these referrals a practitioner could open by now.
RATED = "SELECT referral_id FROM triage.referral WHERE referral_id = ANY ($1)"


@dataclass(slots=True)
class Journey:
    """One referral as its clients saw it. Times are seconds since 1970: when the post was sent and
    answered, when somebody could open it, when the decision was sent and answered."""

    number: int
    authority: str
    referral_id: UUID
    posted_at: float
    stored_at: float
    seen_at: float = 0.0
    decided_at: float = 0.0
    answered_at: float = 0.0


class Refused(Exception):
    """An answer that no client of ours expected."""


class Watch:
    """Looks in triage's table for what was rated, as a page that is kept open does, so that nobody
    asks over HTTP again and again. `backend` is its process in PostgreSQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: dict[UUID, asyncio.Future[float]] = {}
        self._task = asyncio.create_task(self._look())
        self.backend = connection.get_server_pid()

    async def rated(self, referral_id: UUID) -> float:
        """Wait until a referral can be opened; when that was noticed."""
        found: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting[referral_id] = found
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await found

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            if not self._waiting:
                continue
            rows = await self._connection.fetch(RATED, list(self._waiting))
            for row in rows:
                waiting = self._waiting.pop(row["referral_id"])
                if not waiting.done():
                    waiting.set_result(time.time())

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._connection.close()


class Families:
    """Clients of one subject. `prepare` makes the posts, so that sending them costs nothing."""

    def __init__(self, subject: Subject, watch: Watch) -> None:
        self.intake = Wires(subject.url("intake"))
        self.triage = Wires(subject.url("triage"))
        self._subject = subject
        self._watch = watch
        self._forms = [(client, brief(form)) for client, form in forms()]
        self._managers: dict[str, dict[str, str]] = {}
        self._posts: list[tuple[str, bytes]] = []
        self._next = 0
        # Requests of another run on the same database are others.
        self._run = secrets.token_hex(4)
        self.journeys: list[Journey] = []

    async def prepare(self, count: int) -> None:
        """Sign in, and make `count` posts."""
        authorities = sorted({str(form["authority"]) for _, form in self._forms})
        clients = sorted({client for client, _ in self._forms})
        tokens = await self._subject.tokens(clients, authorities)
        self._managers = {one: _bearer(tokens[f"manager.{one}"]) for one in authorities}
        for number in range(len(self._posts), count):
            client, form = self._forms[number % len(self._forms)]
            headers = {
                **_bearer(tokens[client]),
                "Idempotency-Key": f"{self._run}-{number}",
                "Prefer": "handling=lenient",
            }
            body = json.dumps(numbered(form, number)).encode()
            post = self.intake.request("POST", "/v1/referrals", headers, body)
            self._posts.append((str(form["authority"]), post))

    async def keep_busy(self, count: int, families: int) -> list[Journey]:
        """`count` referrals, always so many `families` under way."""
        first, self._next = self._next, self._next + count
        numbers = iter(range(first, self._next))

        async def family() -> None:
            for number in numbers:
                await self._travel(number)

        async with asyncio.TaskGroup() as everybody:
            for _ in range(families):
                everybody.create_task(family())
        return self.journeys[-count:]

    async def arrive(self, count: int, per_second: float) -> list[Journey]:
        """`count` referrals at a fixed rate, whatever becomes of those before."""
        first, self._next = self._next, self._next + count
        began = time.perf_counter()
        async with asyncio.TaskGroup() as everybody:
            for place in range(count):
                wait = began + place / per_second - time.perf_counter()
                if wait > 0:
                    await asyncio.sleep(wait)
                everybody.create_task(self._travel(first + place))
        return self.journeys[-count:]

    async def post(self, number: int) -> Answer:
        """Post one referral and no more."""
        return await self.intake.ask(self._posts[number][1])

    async def _travel(self, number: int) -> None:
        authority, post = self._posts[number]
        posted_at = time.time()
        answer = await expected(self.intake, post, 201)
        known = UUID(json.loads(answer.body)["id"])
        journey = Journey(number, authority, known, posted_at, time.time())
        journey.seen_at = await self._watch.rated(known)
        path = f"/v1/triage/referrals/{known}"
        manager = self._managers[authority]
        opened = await expected(self.triage, self.triage.request("GET", path, manager), 200)
        body = json.dumps(decision_of(json.loads(opened.body))).encode()
        headers = {**manager, "If-Match": opened.header(b"etag")}
        decision = self.triage.request("POST", f"{path}/decision", headers, body)
        journey.decided_at = time.time()
        await expected(self.triage, decision, 201)
        journey.answered_at = time.time()
        self.journeys.append(journey)

    @property
    def asked_again(self) -> int:
        """How often a request had to be sent once more."""
        return self.intake.asked_again + self.triage.asked_again

    def close(self) -> None:
        """Hang up."""
        self.intake.close()
        self.triage.close()


async def expected(wires: Wires, request: bytes, status: int) -> Answer:
    """Ask until it is not 503, which says that nothing was done. Raises Refused."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (answer := await wires.ask(request)).status == AWAY:
            wires.asked_again += 1
            await asyncio.sleep(PAUSE_SECONDS)
    if answer.status != status:
        raise Refused(f"{request[:60]!r}: {answer.status} {answer.body[:300]!r}")
    return answer


def brief(form: dict[str, object]) -> dict[str, object]:
    """The form with one child, one concern and 300 characters of narrative."""
    cut = short(form)
    words = str(cut["narrative"]) or "We are worried about this child and ask for help."
    while len(words) < NARRATIVE:
        words = f"{words} {words}"
    return {**cut, "narrative": words[:NARRATIVE]}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def milliseconds(seconds: Sequence[float], hundredth: int) -> float:
    """A percentile of `seconds`, in milliseconds, by the nearest rank."""
    ordered = sorted(seconds)
    return round(ordered[min(len(ordered) - 1, len(ordered) * hundredth // 100)] * 1000, 1)
