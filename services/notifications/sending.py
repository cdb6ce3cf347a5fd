"""The sender: claims messages, fetches their words, writes them, hands them over, and records what
became of each. Any number of senders may run.

A claim is committed before the mail server is spoken to, and holds for a lease. No conversation
begins that could outlast the lease. A message is never lost: every way out of here either commits
its outcome or leaves the claim, which the lease ends. It is sent again only where the outcome of a
conversation cannot be known.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chassis.change import Change, Ids
from chassis.database import DatabaseAway
from chassis.errors import Unavailable
from chassis.stream.bell import wait
from chassis.stream.kernel import Command, Kernel
from chassis.telemetry import logs, metrics, traces
from contracts.events import MessageQueued
from contracts.registry import type_of
from policy.loading import PackSet
from services.notifications.batches import Job, Words, words_of
from services.notifications.channels.port import Away, Channel, Cut, Letter, NotTaken, Taken
from services.notifications.claiming import claim_due
from services.notifications.composing import Composer, Written
from services.notifications.domain import CHANNEL, Case, Message
from services.notifications.domain.following import (
    Accepted,
    HeldBack,
    NoLongerTrue,
    NotBegun,
    Outcome,
    PutOff,
    Refused,
    Unknown,
    record,
)
from services.notifications.domain.returning import untold
from services.notifications.pace import Pace
from services.notifications.reads import Reads
from services.notifications.recording import Recorder
from services.notifications.rendering import Email, Renderer, kept
from services.notifications.store import NotificationsStore

IDLE_SECONDS = 0.5
GATHER_TIMES = 4
LONGEST_GATHER_SECONDS = 0.25
MOST_CLAIMED = 100
FIRST_CLAIMED = 10
SHUTDOWN_SECONDS = 3.0
NONE = timedelta(0)

log = logs.get_logger(__name__)


@dataclass(slots=True)
class _Batch:
    """Messages that were claimed together at the loop's time `since`, and their words. `full`: there
    may be more. How many were claimed, how many conversations have `begun`, how many messages are
    done with; `gone`: all are."""

    words: Words
    since: float
    full: bool
    claimed: int
    begun: int = 0
    done: int = 0
    gone: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class _Flow:
    """What goes on at this time: messages that are claimed, and of those some that are written, both
    ended by None. `low`: so few wait that more may be claimed. `away`: why nothing goes for now."""

    recorder: Recorder
    written: asyncio.Queue[tuple[Job, _Batch, Written] | None]
    claimed: asyncio.Queue[tuple[Job, _Batch] | None] = field(default_factory=asyncio.Queue)
    low: asyncio.Event = field(default_factory=asyncio.Event)
    away: Unavailable | None = None


class Sender:
    """Sends what is due, until cancelled. Each of the channel's lanes takes the next message as soon
    as it is free, and more are claimed, and read, while the last ones go: a conversation that hangs
    holds up nothing but its own lane."""

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
        self._composer = Composer(kernel.service, renderer, pace)
        self._pace = pace
        self._heard = kernel.service.bell.listener(type_of(MessageQueued).type)
        # Few at first, then more: what a process that dies at once had claimed is uncertain.
        self._size = FIRST_CLAIMED
        self._failures = 0
        self._stopping = False

    async def run(self) -> None:
        """Send for ever. While the mail server, the database or another service is away, wait,
        claim nothing, and go on by itself when it is back. When cancelled, conversations that
        have begun are brought to their end."""
        self._stopping = False
        while True:
            try:
                if not await self._channel.reachable():
                    raise _mail_away()
                await self._finished(self._work())
            except Unavailable as away:
                self._failures += 1
                log.warning("sender_waits", reason=away.code)
                await self._pace.pause(self._pace.delay(self._failures).total_seconds())

    async def step(self) -> int:
        """Send what is claimed at one time. How many messages that were. Raises Unavailable, with
        every claim given back, when something that sending needs is away."""
        return await self._work(once=True)

    async def _finished(self, work: Coroutine[Any, Any, int]) -> None:
        """Run `work` to its end even when this sender is cancelled meanwhile."""
        running = asyncio.create_task(work)
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            self._stopping = True
            self._heard.set()
            await asyncio.wait({running}, timeout=SHUTDOWN_SECONDS)
            running.cancel()
            raise

    async def _work(self, *, once: bool = False) -> int:
        """Claim and send, until something is away or this sender is to stop. How many messages were
        claimed. Raises Unavailable, with every claim given back."""
        claimed = 0
        async with asyncio.TaskGroup() as tasks:
            lanes = self._channel.lanes
            flow = _Flow(Recorder(self._record, tasks), asyncio.Queue(lanes))
            for loop in (self._write, *[self._lane] * lanes):
                tasks.create_task(loop(flow))
            try:
                while not self._is_over(flow):
                    batch = await self._fill(flow)
                    claimed += batch.claimed if batch else 0
                    if once:
                        break
                    await self._until_more(flow, batch)
            except Unavailable as fault:
                flow.away = fault
            flow.claimed.put_nowait(None)
        if flow.away:
            raise flow.away
        return claimed

    # --- claiming ----------------------------------------------------------------------------

    async def _fill(self, flow: _Flow) -> _Batch | None:
        """Claim what is due, read what it needs, and give it to the lanes. Raises Unavailable, with
        every claim given back."""
        most, since = self._size, asyncio.get_running_loop().time()
        jobs = await claim_due(self._kernel, self._store, most, self._pace.lease)
        if not jobs:
            return None
        try:
            words = await words_of(self._reads, jobs)
        except Unavailable:
            await asyncio.gather(*(self._record(job, NotBegun()) for job in jobs))
            raise
        batch = _Batch(words, since, len(jobs) >= most, len(jobs))
        flow.low.clear()
        for job in jobs:
            flow.claimed.put_nowait((job, batch))
        return batch

    async def _until_more(self, flow: _Flow, batch: _Batch | None) -> None:
        """Wait until it is time to claim again: no sooner than the lanes need it, for a claim ends.
        Where messages come one by one, they are let come together."""
        if batch is None:
            self._failures = 0
            await wait(self._heard, IDLE_SECONDS)
        elif batch.full:
            await flow.low.wait()
        else:
            await wait(batch.gone, LONGEST_GATHER_SECONDS / GATHER_TIMES)
            took = asyncio.get_running_loop().time() - batch.since
            await self._pace.pause(_gather_seconds(took))

    # --- sending -----------------------------------------------------------------------------

    async def _write(self, flow: _Flow) -> None:
        """Write messages, a few ahead of the lanes: while the mail server thinks there is time."""
        while (taken := await flow.claimed.get()) is not None:
            job, batch = taken
            if 2 * flow.claimed.qsize() <= batch.claimed:
                flow.low.set()
            written = (
                NotBegun() if self._is_over(flow) else self._composer.written(job, batch.words)
            )
            await flow.written.put((job, batch, written))
            # What the mail server has answered goes first.
            await asyncio.sleep(0)
        for _ in range(self._channel.lanes):
            await flow.written.put(None)

    async def _lane(self, flow: _Flow) -> None:
        """Hand over one message after another."""
        while (taken := await flow.written.get()) is not None:
            job, batch, written = taken
            outcome: Outcome = NotBegun()
            if not isinstance(written, tuple):
                outcome = written
            elif not self._is_over(flow) and self._in_time(job):
                outcome = await self._hand_over(job.message, written, flow)
            batch.begun += not isinstance(outcome, NotBegun)
            flow.recorder.add(job, outcome)
            self._count(flow, batch)
        flow.recorder.begin()

    def _is_over(self, flow: _Flow) -> bool:
        return flow.away is not None or self._stopping

    def _count(self, flow: _Flow, batch: _Batch) -> None:
        """One message of a batch is gone."""
        batch.done += 1
        if batch.done < batch.claimed:
            return
        flow.recorder.begin()
        batch.gone.set()
        if flow.away:
            return
        self._failures = 0
        # Claim no more than there is time for: a slow server gets fewer at once.
        begun = batch.begun
        self._size = begun if begun < batch.claimed else min(MOST_CLAIMED, 2 * begun)
        self._size = max(self._channel.lanes, self._size)

    def _in_time(self, job: Job) -> bool:
        """Whether a conversation that begins now must end before the claim does."""
        return self._kernel.service.clock() + self._pace.conversation <= job.until

    async def _hand_over(
        self, message: Message, written: tuple[Email, Letter], flow: _Flow
    ) -> Outcome:
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
                flow.away = _mail_away()
                return NotBegun()

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
