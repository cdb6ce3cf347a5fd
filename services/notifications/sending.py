"""The sender: claims messages, fetches their words, writes them, hands them over, and records what
became of each. Any number of senders may run.

A claim is committed before the mail server is spoken to, and holds for a lease. No conversation
begins that could outlast the lease. A message is never lost: every way out of here either commits
its outcome or leaves the claim, which the lease ends. It is sent again only where the outcome of a
conversation cannot be known.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from chassis.change import Change, Ids
from chassis.database import DatabaseAway
from chassis.errors import Unavailable
from chassis.stream.bell import wait
from chassis.stream.kernel import Command, Kernel
from chassis.telemetry import logs, metrics, traces
from contracts.events import MessageQueued
from contracts.registry import type_of
from policy.loading import PackSet, UnknownVersion
from services.notifications.batches import NO_WORDS, Job, Words, words_of, worker_of
from services.notifications.channels.port import Away, Channel, Cut, Letter, NotTaken, Taken
from services.notifications.domain import CHANNEL, Audience, Case, Kind, Message
from services.notifications.domain.following import (
    Accepted,
    HeldBack,
    NoLongerTrue,
    NotBegun,
    Outcome,
    PutOff,
    Refused,
    Unknown,
    claim,
    record,
)
from services.notifications.domain.returning import untold
from services.notifications.helped.domain import to_be_asked
from services.notifications.reads import Reads
from services.notifications.recording import Recorder
from services.notifications.rendering import Email, Renderer, kept
from services.notifications.store import NotificationsStore

IDLE_SECONDS = 0.5
GATHER_TIMES = 4
LONGEST_GATHER_SECONDS = 0.25
MOST_CLAIMED = 100
FIRST_CLAIMED = 10
FIRST_DELAY = timedelta(seconds=1)
LONGEST_DELAY = timedelta(seconds=30)
SHUTDOWN_SECONDS = 3.0
NONE = timedelta(0)
Ready: TypeAlias = tuple[list[Job], Words]
"""A batch that is claimed, and what was read for it."""

log = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """Time limits of a sender. `lease` must exceed `conversation`, the channel's own limit.
    `random` gives numbers from 0 to 1, `pause` waits for some seconds."""

    conversation: timedelta
    lease: timedelta
    random: Callable[[], float]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    def delay(self, failures: int) -> timedelta:
        """How long to wait after so many failures: doubled each time up to half a minute, with
        up to half of it taken off at random, so that senders do not come back all at once."""
        longest = min(LONGEST_DELAY, FIRST_DELAY * (1 << min(failures - 1, 8)))
        return longest * (1 - self.random() / 2)


class Sender:
    """Sends what is due, until cancelled."""

    def __init__(
        self,
        kernel: Kernel[Case],
        store: NotificationsStore,
        channel: Channel,
        reads: Reads,
        renderer: Renderer,
        pace: Pace,
    ) -> None:
        self._kernel = kernel
        self._store = store
        self._channel = channel
        self._reads = reads
        self._renderer = renderer
        self._pace = pace
        self._heard = kernel.service.bell.listener(type_of(MessageQueued).type)
        # Few at first, then more: what a process that dies at once had claimed is uncertain.
        self._size = FIRST_CLAIMED
        self._stopping = False
        self._following: asyncio.Task[Ready] | None = None

    async def run(self) -> None:
        """Send for ever. While the mail server, the database or another service is away, wait,
        claim nothing, and go on by itself when it is back. When cancelled, conversations that
        have begun are brought to their end."""
        self._stopping = False
        failures = 0
        loop = asyncio.get_running_loop()
        while True:
            try:
                if not await self._channel.reachable():
                    raise _mail_away()
                began = loop.time()
                worked = await self._finished(self._work())
                failures = 0
                if not worked:
                    await wait(self._heard, IDLE_SECONDS)
                else:
                    await self._pace.pause(_gather_seconds((loop.time() - began) / worked))
            except Unavailable as away:
                failures += 1
                log.warning("sender_waits", reason=away.code)
                await self._pace.pause(self._pace.delay(failures).total_seconds())

    async def step(self) -> int:
        """Send one batch. How many messages were claimed. Raises Unavailable, with every
        claim given back, when something that sending needs is away."""
        jobs, words = await self._ready()
        await self._send(jobs, words)
        return len(jobs)

    async def _work(self) -> int:
        """Send batch after batch, until one is not full. How many batches had something. Raises as
        `step` does."""
        most, batches = self._size, 0
        jobs, words = await self._ready()
        while jobs:
            batches += 1
            full, most = len(jobs) >= most, self._size
            try:
                await self._send(jobs, words, full=full)
            except BaseException as fault:
                await self._leave(self._following, cut=not isinstance(fault, Unavailable))
                raise
            following, self._following = self._following, None
            jobs, words = await following if following else ([], NO_WORDS)
        return batches

    async def _leave(self, following: "asyncio.Task[Ready] | None", *, cut: bool) -> None:
        """Give back what was claimed meanwhile; of what is `cut` off the lease ends."""
        self._following = None
        if following and cut:
            following.cancel()
        elif following:
            with suppress(Unavailable):
                await self._give_back((await following)[0])

    async def _ready(self) -> Ready:
        """Claim what is due, and read what it needs. Raises Unavailable, with every claim given
        back."""
        jobs = await self._claim()
        try:
            return jobs, await words_of(self._reads, jobs)
        except Unavailable:
            await self._give_back(jobs)
            raise

    async def _give_back(self, jobs: Sequence[Job]) -> None:
        await asyncio.gather(*(self._record(job, NotBegun()) for job in jobs))

    async def _finished(self, work: Awaitable[int]) -> int:
        """Run `work` to its end even when this sender is cancelled meanwhile."""
        running = asyncio.ensure_future(work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            self._stopping = True
            await asyncio.wait({running}, timeout=SHUTDOWN_SECONDS)
            running.cancel()
            raise

    # --- claiming ----------------------------------------------------------------------------

    async def _claim(self) -> list[Job]:
        """Claim what is due and nobody else is working on."""
        service = self._kernel.service
        async with service.database.connection() as connection:
            due = await self._store.due(connection, service.clock(), self._size)
        if not due:
            return []
        token = service.ids()
        offered: dict[UUID, Job] = {}

        def take(case: Case, policy: PackSet, ids: Ids, now: datetime) -> Change[Case] | None:
            del policy, ids
            change = claim(case, due.keys(), token, self._pace.lease, now)
            for message in change.state.messages if change else ():
                if message.claim == token:
                    job = Job(case, message, message.due_at)
                    offered[message.message_id] = job
            return change

        await self._kernel.sweep(dict(due.values()), take)
        if not offered:
            return []
        # A transaction that was tried twice may have offered what it then did not get.
        async with service.database.connection() as connection:
            held = await self._store.claimed(connection, list(offered), token)
        return [offered[message_id] for message_id in due if message_id in held]

    # --- sending -----------------------------------------------------------------------------

    async def _send(self, jobs: Sequence[Job], words: Words, *, full: bool = False) -> None:
        """Send a batch. When half of a `full` one is gone the next is claimed, and read, while the
        rest goes: no sooner, for a claim ends."""
        if not jobs:
            return
        queue = deque(jobs)
        recorder = Recorder(self._record)
        away = asyncio.Event()
        begun = 0

        async def lane() -> None:
            nonlocal begun
            while queue:
                job = queue.popleft()
                outcome: Outcome = NotBegun()
                goes_on = full and not away.is_set() and not self._stopping
                if goes_on and not self._following and 2 * len(queue) <= len(jobs):
                    self._following = asyncio.create_task(self._ready())
                if not away.is_set() and not self._stopping and self._in_time(job):
                    begun += 1
                    outcome = await self._deliver(job, words, away)
                recorder.add(job, outcome)

        try:
            await asyncio.gather(*(lane() for _ in range(self._channel.lanes)))
        finally:
            recorder.begin()
        await recorder.all()
        if away.is_set():
            raise _mail_away()
        # Claim no more than there is time for: a slow server gets fewer at once.
        self._size = begun if begun < len(jobs) else min(MOST_CLAIMED, 2 * begun)
        self._size = max(self._channel.lanes, self._size)

    def _in_time(self, job: Job) -> bool:
        """Whether a conversation that begins now must end before the claim does."""
        return self._kernel.service.clock() + self._pace.conversation <= job.until

    async def _deliver(self, job: Job, words: Words, away: asyncio.Event) -> Outcome:
        """Write one message and hand it over."""
        message = job.message
        written = self._written(job, words)
        if not isinstance(written, tuple):
            return written
        email, letter = written
        with traces.sending("send message", message.traceparent, _attributes(message)):
            delivery = await self._channel.hand_over(letter)
        match delivery:
            case Taken():
                return Accepted(kept(email), email.channel, email.template)
            case NotTaken(reason, permanent=True):
                return Refused(reason)
            case NotTaken(reason, after=after):
                return PutOff(reason, max(self._pace.delay(message.attempt), after or NONE))
            case Cut(reason, after):
                delay = NONE if message.cuts == 0 else self._pace.delay(message.cuts)
                return Unknown(reason, max(delay, after or NONE), kept(email))
            case Away():
                away.set()
                return NotBegun()

    def _written(
        self, job: Job, words: Words
    ) -> tuple[Email, Letter] | HeldBack | Refused | PutOff | NoLongerTrue:
        """A message as an email and as a letter for the channel, or why there is none now."""
        message = job.message
        delay = self._pace.delay(message.attempt)
        if message.message_id in words.unreadable:
            return PutOff("words_unreadable", delay)
        referral = words.referrals.get(job.case.referral_id)
        decision = words.decisions.get(message.about) if message.about else None
        if message.audience is Audience.REFERRER and referral is None:
            return PutOff("referral_not_read", delay)
        now = self._kernel.service.clock()
        if message.kind is Kind.HELP_ASKED_AFTER and not to_be_asked(
            job.case,
            message.about,
            words.decisions.values(),
            referral,
            self._kernel.service.policy,
            now,
        ):
            return NoLongerTrue()
        try:
            wanted = words.wanted.get(message.about) if message.about else None
            who = (job.case.authority, worker_of(message) or "")
            email = self._renderer.email(
                job.case, message, referral, decision, now, wanted, words.workers.get(who)
            )
            if not isinstance(email, Email):
                return email
            return email, email.letter(again=message.cuts > 0, turn=message.returns)
        except UnknownVersion:
            return PutOff("pack_not_here", delay)
        except Exception:
            # One message that can't be written must not keep the others of its batch.
            log.exception("message_not_written", message_id=str(message.message_id))
            return PutOff("not_written", delay)

    # --- recording ---------------------------------------------------------------------------

    async def _record(self, job: Job, outcome: Outcome) -> None:
        """Commit what became of a message, however long the database stays away."""
        message = job.message
        token = message.claim
        if token is None:
            raise ValueError("a message without a claim has no outcome")

        def decide(
            state: Case | None, policy: PackSet, ids: Ids, now: datetime
        ) -> tuple[Change[Case], Mapping[str, Any]]:
            del ids
            if state is None:
                raise LookupError(job.case.referral_id)
            change = record(state, message.message_id, token, outcome, now)
            return untold(state, change, policy, now), {}

        failures = 0
        while True:
            try:
                await self._kernel.submit(
                    Command(
                        job.case.referral_id,
                        job.case.authority,
                        decide,
                        traceparent=message.traceparent,
                    )
                )
                break
            except DatabaseAway:
                failures += 1
                await self._pace.pause(self._pace.delay(failures).total_seconds())
        channel = outcome.channel if isinstance(outcome, Accepted) else message.channel
        metrics.MESSAGES.labels(channel, message.kind, _NAMES[type(outcome)]).inc()
        if isinstance(outcome, Refused | HeldBack | Unknown):
            log.warning(
                "message_not_sent",
                message_id=str(message.message_id),
                kind=message.kind,
                outcome=_NAMES[type(outcome)],
                reason=outcome.reason,
            )


def _attributes(message: Message) -> Mapping[str, str]:
    return {"message.id": str(message.message_id), "message.kind": message.kind, "channel": CHANNEL}


def _gather_seconds(took: float) -> float:
    """For how many seconds messages are let come together after a batch that took so many, which
    says how busy the house is: a batch of few costs hardly less than one of many."""
    return min(GATHER_TIMES * took, LONGEST_GATHER_SECONDS)


def _mail_away() -> Unavailable:
    return Unavailable("mail_away", "The mail server cannot be reached, or does not let us in.")


_NAMES: Mapping[type[Outcome], str] = {
    Accepted: "sent",
    PutOff: "put_off",
    Refused: "failed",
    Unknown: "uncertain",
    HeldBack: "held",
    NotBegun: "not_begun",
    NoLongerTrue: "cancelled",
}
