"""Counts, from the database and the mail server, what became of referrals: whether anything was
lost, doubled or added."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from chassis.database import Connection

# Services whose consumers have events of the log before them.
BEHIND = " UNION ALL ".join(
    f"""
    SELECT '{name}'
      FROM {name}.cursor
     WHERE position < (SELECT coalesce(max(position), 0) FROM event_stream.event_log)
    """
    for name in ("intake", "triage", "allocation", "notifications", "console")
)

# Messages whose way is not at its end.
UNDER_WAY = """
SELECT count(*) FROM notifications.message
 WHERE state IN ('queued', 'sending', 'uncertain') AND audience = 'referrer'
"""

# How often each referral has each event, told apart by the clock that it is about, if any.
EVENTS = """
SELECT referral_id::text AS referral_id, type, body -> 'data' ->> 'clock_id' AS clock, count(*)
  FROM event_stream.event_log
 GROUP BY 1, 2, 3
"""

# Clocks of which a referral has two that count the same thing.
CLOCKS = """
SELECT referral_id::text, name
  FROM allocation.clock
 GROUP BY referral_id, name, subject_id, started_at
HAVING count(*) > 1
"""

# Open allocations of which a referral has two by the same rule to the same people.
ALLOCATIONS = """
SELECT referral_id::text, kind
  FROM allocation.allocation
 WHERE state <> 'ended'
 GROUP BY referral_id, kind, assignee, rule
HAVING count(*) > 1
"""

# Sources of a referral whose numbers have a gap.
GAPS = """
SELECT referral_id::text, source
  FROM event_stream.event_log
 GROUP BY 1, 2
HAVING min(sequence) <> 1 OR max(sequence) <> count(*)
"""

# Every message to a referrer, and how often its outcome was declared unknown.
MESSAGES = """
SELECT message_id::text, referral_id::text, kind, state, cuts, attempt
  FROM notifications.message
 WHERE audience = 'referrer'
"""


@dataclass(slots=True)
class Account:
    """What was found. Everything in `wrong` is a promise that was not kept."""

    stored: int = 0
    rated: int = 0
    clocked: int = 0
    allocated: int = 0
    decided: int = 0
    acknowledged: int = 0
    answered: int = 0
    lost: int = 0
    doubled: int = 0
    repeated_messages: int = 0
    wrong: list[str] = field(default_factory=list)


async def settled(url: str, within: float) -> None:
    """Wait until every consumer has read the whole log and every message is at its end.

    Raises TimeoutError.
    """
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(within):
            while await connection.fetch(BEHIND) or await connection.fetchval(UNDER_WAY):
                await asyncio.sleep(0.1)
    except TimeoutError:
        behind = [row[0] for row in await connection.fetch(BEHIND)]
        waiting = await connection.fetchval(UNDER_WAY)
        raise TimeoutError(f"behind: {behind}; messages under way: {waiting}") from None
    finally:
        await connection.close()


async def account(url: str, posted: Iterable[str], mail: Counter[str]) -> Account:
    """Compare the database at `url`, and `mail` taken by message id, with what was posted and
    decided."""
    expected = set(posted)
    connection = await asyncpg.connect(url)
    try:
        stored = {
            row[0]
            for row in await connection.fetch("SELECT referral_id::text FROM intake.referral")
        }
        rated = Counter[str](
            row[0]
            for row in await connection.fetch("SELECT referral_id::text FROM triage.referral")
        )
        allocated = {
            row[0]
            for row in await connection.fetch(
                "SELECT DISTINCT referral_id::text FROM allocation.allocation"
            )
        }
        clocked = {
            row[0]
            for row in await connection.fetch(
                "SELECT DISTINCT referral_id::text FROM allocation.clock"
            )
        }
        events = await connection.fetch(EVENTS)
        gaps = await connection.fetch(GAPS)
        twice = [*await connection.fetch(CLOCKS), *await connection.fetch(ALLOCATIONS)]
        messages = await connection.fetch(MESSAGES)
        parked = await _parked(connection)
    finally:
        await connection.close()
    found = Account(
        stored=len(stored & expected),
        rated=len(rated.keys() & expected),
        clocked=len(clocked & expected),
        allocated=len(allocated & expected),
    )
    found.doubled += len(stored - expected)
    found.wrong += [f"{len(stored - expected)} stored that nobody posted"] * bool(stored - expected)
    found.wrong += [f"gap in {row[0]} from {row[1]}" for row in gaps]
    found.doubled += len(twice)
    found.wrong += [f"{row[0]} has {row[1]} twice" for row in twice]
    found.wrong += [f"{parked} parked"] * bool(parked)
    _count_events(found, expected, events)
    _count_messages(found, expected, messages, mail)
    found.lost = sum(
        len(expected) - count
        for count in (found.stored, found.rated, found.clocked, found.allocated, found.decided)
    ) + sum(len(expected) - count for count in (found.acknowledged, found.answered))
    return found


def _count_events(found: Account, expected: set[str], events: Iterable[Any]) -> None:
    once = {
        "uk.frontdoor.referral.submitted.v1",
        "uk.frontdoor.triage.rated.v1",
        "uk.frontdoor.triage.decided.v1",
        "uk.frontdoor.clock.started.v1",
    }
    for row in events:
        if row["type"] == "uk.frontdoor.triage.decided.v1" and row["referral_id"] in expected:
            found.decided += 1
        if row["type"] in once and row["count"] != 1:
            found.doubled += row["count"] - 1
            found.wrong.append(f"{row['referral_id']}: {row['count']} times {row['type']}")


def _count_messages(
    found: Account, expected: set[str], messages: Iterable[Any], mail: Counter[str]
) -> None:
    sent: Counter[tuple[str, str]] = Counter()
    known = set()
    for row in messages:
        known.add(row["message_id"])
        taken = mail[row["message_id"]]
        sent[row["referral_id"], row["kind"]] += 1
        if row["state"] != "sent" or taken == 0:
            found.wrong.append(f"{row['kind']} is {row['state']}, taken {taken} times")
        # Sent again only where a conversation was cut, which the row counts.
        if taken > 1 + row["cuts"]:
            found.doubled += taken - 1 - row["cuts"]
            found.wrong.append(f"{row['kind']} taken {taken} times after {row['cuts']} cuts")
        found.repeated_messages += max(0, taken - 1)
    for (referral_id, kind), count in sent.items():
        if kind in ("acknowledgement", "decision") and count > 1:
            found.doubled += count - 1
            found.wrong.append(f"{referral_id}: {count} messages of kind {kind}")
    found.acknowledged = sum((one, "acknowledgement") in sent for one in expected)
    found.answered = sum((one, "decision") in sent for one in expected)
    strangers = sum(count for one, count in mail.items() if one not in known)
    found.wrong += [f"{strangers} messages that nobody knows"] * bool(strangers)


async def _parked(connection: Connection) -> int:
    counts = [
        int(await connection.fetchval(f"SELECT count(*) FROM {name}.parked_event"))
        for name in ("intake", "triage", "allocation", "notifications", "console")
    ]
    return sum(counts)
