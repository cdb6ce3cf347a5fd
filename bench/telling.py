"""Notifications with its sender, and decisions for them to tell of, for `bench.mail`."""

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2

from chassis.clock import system_clock
from chassis.database import Database
from chassis.ids import new_id
from chassis.stream import store as stream
from chassis.stream.bell import Bell
from chassis.stream.consumer import BATCH, Consumer
from chassis.stream.kernel import Kernel, Service
from chassis.stream.port import Outgoing
from chassis.stream.postgres import PostgresSource
from chassis.vault import KeyRing, Vault
from contracts.envelope import EventData
from contracts.events import ReferralSubmitted, TriageDecided
from contracts.registry import type_of
from contracts.sampling import example
from policy.loading import PackSet, load_packs
from services.notifications.channels.port import Channel, Delivery, Letter
from services.notifications.channels.smtp import Relay, SmtpChannel
from services.notifications.domain import Case
from services.notifications.handlers import HANDLERS
from services.notifications.pace import Pace
from services.notifications.reads import HttpReads
from services.notifications.rendering import Renderer
from services.notifications.rendering.templates import Templates
from services.notifications.sending import Sender
from services.notifications.store import NotificationsStore

NAME = "notifications"
LOOK_SECONDS = 0.01

RATIONALE = (
    "You told us about three mornings on which the children came to school hungry and tired, and "
    "what the older one said about the nights. Together with what the health visitor saw in the "
    "spring, this fits our guidance for an assessment by a social worker.\n\nWe thought about "
    "help without a social worker. The family was offered that twice in the last year and it "
    "did not last, so this time we want to see the children and hear from both parents. The school "
    "knows the children best: please go on with the breakfast club, and keep a note of what you see."
)
ACTIONS = (
    ("A social worker visits the family", "North assessment team"),
    ("Keep a note of what you see, and tell the social worker", "The referrer"),
    ("The health visitor weighs the baby again", "Health visiting service"),
)


@dataclass(slots=True)
class Answers:
    """What intake and triage say of each referral, by its id."""

    referrals: dict[str, bytes] = field(default_factory=dict)
    decisions: dict[str, bytes] = field(default_factory=dict)

    def add(self, submitted: dict[str, Any], decided: dict[str, Any]) -> None:
        """Words for one referral, as long as those of people are."""
        referral_id, facts, said = submitted["subject"], submitted["data"], decided["data"]
        self.referrals[referral_id] = json.dumps(
            {
                "referral_id": referral_id,
                "reference": facts["reference"],
                "referrer_email": f"dsl.{facts['reference'].lower()}@testwood.school.example",
                "organisation": "Testwood Academy",
                "received_at": facts["received_at"],
                "authority": submitted["authority"],
                "trusted": True,
                "status_token": referral_id,
            }
        ).encode()
        self.decisions[referral_id] = json.dumps(
            {
                "decision_id": said["decision_id"],
                "referral_id": referral_id,
                "rag": said["rag"],
                "level": said["level"],
                "children": said["children"],
                "rationale": RATIONALE,
                "clauses": [
                    {"id": "3.12", "title": "Neglect that goes on", "version": "2018.1"},
                    {"id": "3.4", "title": "Violence between adults at home", "version": "2018.1"},
                ],
                "actions": [
                    {"action": what, "owner": who, "by": said["actions"][0]["by"]}
                    for what, who in ACTIONS
                ],
                "decided_at": said["decided_at"],
                "disagree_token": referral_id,
            }
        ).encode()

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        found = self.decisions if "decisions" in request.url.path else self.referrals
        items = b",".join(found[one] for one in json.loads(request.content)["ids"])
        return httpx2.Response(200, content=b'{"items":[' + items + b"]}")


class Kept:
    """A channel that keeps what it handed over."""

    def __init__(self, inner: Channel, letters: list[Letter]) -> None:
        self._inner = inner
        self._letters = letters
        self.lanes = inner.lanes
        self.reachable = inner.reachable
        self.close = inner.close

    async def hand_over(self, letter: Letter) -> Delivery:
        self._letters.append(letter)
        return await self._inner.hand_over(letter)


class Post:
    """Notifications with its sender, and referrals whose decisions are to be told."""

    def __init__(self, url: str, relay: Relay) -> None:
        policy, ring = load_packs(), KeyRing.new()
        self.database = Database(url, schema=NAME)
        self.answers = Answers()
        self.letters: list[Letter] = []
        self.store = NotificationsStore(Vault(NAME, ring))
        self.kernel: Kernel[Case] = Kernel(
            Service(
                name=NAME, source=f"{NAME}/1", database=self.database, store=self.store,
                handlers=HANDLERS, policy=policy, clock=system_clock, ids=new_id, bell=Bell(),
            )
        )  # fmt: skip
        source = PostgresSource(self.database, NAME, self.kernel.service.types, system_clock)
        self._consumer = Consumer(self.kernel, source)
        self._channel = SmtpChannel(relay)
        self._sender = self._made(policy, relay)
        self._told = 0

    def _made(self, policy: PackSet, relay: Relay) -> Sender:
        answering = httpx2.MockTransport(self.answers)
        reads = HttpReads(httpx2.AsyncClient(transport=answering, base_url="http://house.internal"))
        renderer = Renderer(
            policy, Templates(), "no-reply@frontdoor.example", "https://frontdoor.example",
            lambda *_: "duty@council.example", useful_token=str,
        )  # fmt: skip
        pace = Pace(timedelta(seconds=relay.seconds), timedelta(seconds=20), random.random)
        return Sender(
            self.kernel, self.store, Kept(self._channel, self.letters), reads, renderer, pace
        )

    async def receive(self, count: int) -> list[dict[str, Any]]:
        """Referrals that were received and decided; the decisions are not told yet."""
        decided, submitted = [], []
        for _ in range(count):
            self._told += 1
            referral_id = str(new_id())
            came = _said(ReferralSubmitted, referral_id)
            came["data"]["reference"] = f"WAR-{self._told:06}-K"
            told = _said(TriageDecided, referral_id)
            told["data"]["decision_id"] = str(new_id())
            self.answers.add(came, told)
            submitted.append(came)
            decided.append(told)
        await self._hear(submitted)
        return decided

    async def decide(self, decided: Sequence[dict[str, Any]]) -> None:
        """Queue a message about each decision."""
        await self._hear(decided)

    async def _hear(self, events: Sequence[dict[str, Any]]) -> None:
        for start in range(0, len(events), BATCH):
            async with self.database.transaction() as connection:
                await stream.append(
                    connection, [_outgoing(one) for one in events[start : start + BATCH]]
                )
        while await self._consumer.step():
            pass

    async def send(self, count: int) -> None:
        """Let the sender run until so many messages were handed over and none is on its way."""
        self.letters.clear()
        running = asyncio.create_task(self._sender.run())
        while len(self.letters) < count or await self._waiting():
            await asyncio.sleep(LOOK_SECONDS)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    async def _waiting(self) -> bool:
        async with self.database.connection() as connection:
            return bool(await self.store.waiting(connection))

    async def close(self) -> None:
        await self._channel.close()
        await self.database.close()


def _said(data: type[EventData], referral_id: str) -> dict[str, Any]:
    envelope = example(type_of(data))
    body = json.dumps(envelope).replace(envelope["subject"], referral_id)
    said: dict[str, Any] = json.loads(body.replace(envelope["id"], str(new_id())))
    return said


def _outgoing(said: dict[str, Any]) -> Outgoing:
    source = said["source"].removeprefix("/frontdoor/")
    return Outgoing(
        source, UUID(said["subject"]), int(said["sequence"]), said["type"], said["authority"],
        system_clock(), json.dumps(said, separators=(",", ":")),
    )  # fmt: skip
