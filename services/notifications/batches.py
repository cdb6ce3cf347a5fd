"""What a sender sends at a time: claimed messages, and what other services know of them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.errors import Unavailable
from services.notifications.domain import ASKING, Audience, Case, Message
from services.notifications.reads import Decision, Reads, Referral, Unreadable, Wanted


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed message with its case as it was claimed, and when the claim ends."""

    case: Case
    message: Message
    until: datetime


@dataclass(frozen=True, slots=True)
class Words:
    """What was read for a batch; `unreadable` are the messages whose words could not be."""

    referrals: Mapping[UUID, Referral]
    decisions: Mapping[UUID, Decision]
    wanted: Mapping[UUID, Wanted]
    workers: Mapping[tuple[str, str], str]
    unreadable: frozenset[UUID]


NO_WORDS: Final = Words({}, {}, {}, {}, frozenset())


def worker_of(message: Message) -> str | None:
    """The worker whom a message is for: their id, or the authority's code for them."""
    if message.audience is not Audience.WORKER:
        return None
    return (message.details or {}).get("worker")


async def words_of(reads: Reads, jobs: Sequence[Job]) -> Words:
    """What other services know of these messages, in reads side by side. Where a read fails
    because of what is read, it is halved until the culprit stands alone. Raises Unavailable."""
    of_referrers = {
        job.case.referral_id for job in jobs if job.message.audience is Audience.REFERRER
    }
    asking = {job.message.about for job in jobs if job.message.about and job.message.kind in ASKING}
    decided = {
        job.case.referral_id for job in jobs if job.message.about and job.message.kind not in ASKING
    }
    having = {
        (job.case.authority, worker)
        for job in jobs
        if (worker := worker_of(job.message)) is not None
    }
    try:
        async with asyncio.TaskGroup() as group:
            referrals = group.create_task(reads.referrals(sorted(of_referrers)))
            decisions = group.create_task(reads.decisions(sorted(decided)))
            wanted = group.create_task(reads.wanted(sorted(asking)))
            workers = group.create_task(_workers(reads, sorted(having)))
    except ExceptionGroup as failed:
        for fault in failed.exceptions:
            if not isinstance(fault, Unreadable):
                raise fault from None
    else:
        found = workers.result()
        unread = {
            job.message.message_id for job in jobs if found is None and worker_of(job.message)
        }
        return Words(
            referrals.result(),
            decisions.result(),
            wanted.result(),
            found or {},
            frozenset(unread),
        )
    if len(jobs) == 1:
        return replace(NO_WORDS, unreadable=frozenset({jobs[0].message.message_id}))
    middle = len(jobs) // 2
    first = await words_of(reads, jobs[:middle])
    second = await words_of(reads, jobs[middle:])
    return Words(
        {**first.referrals, **second.referrals},
        {**first.decisions, **second.decisions},
        {**first.wanted, **second.wanted},
        {**first.workers, **second.workers},
        first.unreadable | second.unreadable,
    )


async def _workers(
    reads: Reads, having: Sequence[tuple[str, str]]
) -> Mapping[tuple[str, str], str] | None:
    """None while the register is away: nobody else's message waits for that."""
    try:
        return await reads.workers(having)
    except Unavailable:
        return None
