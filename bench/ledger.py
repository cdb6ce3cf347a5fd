"""What became of referrals, read from every service's database, the topic and the mail server:
whether at any stage anything was lost, doubled, out of order or added.

Five questions, whatever the edition:
- the logs: each source counts each referral's events from 1, without a gap, rising;
- the topic, where there is one: it has every event of the logs, of each source in order, a cause
  before its effect; repeats are what a relay's crash may leave, and are counted;
- each consumer: its marks stand at the last event that it answers, nothing is parked, and what it
  did about an event it did in one go, so once;
- the last stage, the console's timeline: exactly the events that it shows, once each, in the order
  of the stream;
- every referral that was posted is stored, rated, clocked, allocated, queued, decided, and its
  messages were taken by the mail server, again only where a conversation was cut.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from itertools import pairwise
from typing import Any

import asyncpg

from bench.published import Published, published
from chassis.database import Connection
from contracts.registry import type_of
from frontdoor.catalogue import SERVICES

Databases = Mapping[str, str]
"""The superuser's URI of each service's database; on a single machine the same for all."""

SUBMITTED = "uk.frontdoor.referral.submitted.v1"
DECIDED = "uk.frontdoor.triage.decided.v1"
RATED = "uk.frontdoor.triage.rated.v1"
UPDATED = "uk.frontdoor.referral.updated.v1"

# Messages whose way is not at its end.
UNDER_WAY = """
SELECT count(*) FROM notifications.message
 WHERE state IN ('queued', 'sending', 'uncertain') AND audience = 'referrer'
"""

# A log, in order.
LOG = """
SELECT body ->> 'id' AS id, referral_id::text AS referral, source, sequence, type,
       body ->> 'causationid' AS cause, time
  FROM event_stream.event_log
 ORDER BY position
"""

# How many events each source has of each referral and type, and the last of them.
LOG_ENDS = """
SELECT referral_id::text, source, type, max(sequence) FROM event_stream.event_log GROUP BY 1, 2, 3
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

# Every message, and how often its outcome was declared unknown.
MESSAGES = """
SELECT message_id::text, referral_id::text, audience, kind, state, reason, cuts
  FROM notifications.message
"""

# Digests, which are about no one referral.
DIGESTS = "SELECT digest_id::text FROM notifications.digest"

TIMELINE = (
    "SELECT referral_id::text, event_id::text FROM console.timeline ORDER BY referral_id, number"
)

# Which referrals each stage knows.
STAGES = {
    "stored": ("intake", "SELECT referral_id::text FROM intake.referral"),
    "rated": ("triage", "SELECT referral_id::text FROM triage.referral"),
    "clocked": ("allocation", "SELECT DISTINCT referral_id::text FROM allocation.clock"),
    "allocated": ("allocation", "SELECT DISTINCT referral_id::text FROM allocation.allocation"),
    "queued": ("console", "SELECT referral_id::text FROM console.queue_row"),
}


@dataclass(slots=True)
class Account:
    """What was found. Everything in `wrong` is a promise that was not kept."""

    stored: int = 0
    rated: int = 0
    clocked: int = 0
    allocated: int = 0
    queued: int = 0
    decided: int = 0
    acknowledged: int = 0
    answered: int = 0
    events: int = 0
    lost: int = 0
    doubled: int = 0
    out_of_order: int = 0
    repeated_messages: int = 0
    repeated_records: int = 0
    wrong: list[str] = field(default_factory=list)

    def blame(self, figure: str, count: int, words: str) -> None:
        """Count something that should not be."""
        if count:
            setattr(self, figure, getattr(self, figure) + count)
            self.wrong.append(f"{figure}: {words}")


@dataclass(frozen=True, slots=True)
class Logged:
    """An event as its log has it."""

    id: str
    referral: str
    source: str
    sequence: int
    type: str
    cause: str | None
    time: object


async def settled(databases: str | Databases, within: float) -> None:
    """Wait until every consumer has handled all that every log has, and every message is at its
    end. Raises TimeoutError."""
    urls = _urls(databases)
    waits = "nothing was read"
    try:
        async with asyncio.timeout(within):
            ends, before = 0, -1
            while waits or ends != before:
                before = ends
                waits, ends = await _waits(urls)
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise TimeoutError(f"not settled within {within} s: {waits}") from None


async def account(
    databases: str | Databases,
    posted: Iterable[str],
    mail: Counter[str],
    *,
    topic: tuple[str, str] | None = None,
) -> Account:
    """Compare the databases, the `topic` (its broker and its name) and the mail taken by message id
    with what was posted and decided."""
    urls = _urls(databases)
    expected = set(posted)
    logs = await _logs(urls)
    records = await published(*topic) if topic else None
    found = Account(events=sum(map(len, logs)))
    await _count_stages(found, urls, expected)
    for log in logs:
        _check_log(found, log)
    stream = [one for log in logs for one in log]
    if records is not None:
        # A clock that fired meanwhile is in the topic, and was not in the logs before.
        since = {one.id for log in await _logs(urls) for one in log}
        _check_topic(found, stream, since, records)
    order = _order(logs, records)
    _check_causes(found, stream, order)
    await _check_marks(found, urls)
    _check_effects(found, stream)
    await _check_timeline(found, urls["console"], stream, order)
    _count_events(found, expected, stream)
    allocation = await _rows(urls["allocation"], CLOCKS, ALLOCATIONS)
    for row in allocation:
        found.blame("doubled", 1, f"{row[0]} has {row[1]} twice")
    told = urls["notifications"]
    digests = {row["digest_id"] for row in await _rows(told, DIGESTS)}
    to_one = Counter({one: count for one, count in mail.items() if one not in digests})
    _count_messages(found, expected, await _rows(told, MESSAGES), to_one)
    return found


def answered_by(service: str) -> frozenset[str]:
    """The event types that a service answers."""
    handlers = import_module(f"services.{service}.handlers").HANDLERS
    return frozenset(type_of(data).type for data in handlers)


def _urls(databases: str | Databases) -> Databases:
    return dict.fromkeys(SERVICES, databases) if isinstance(databases, str) else databases


def _distinct(urls: Databases) -> list[str]:
    return list(dict.fromkeys(urls.values()))


async def _rows(url: str, *queries: str) -> list[asyncpg.Record]:
    connection: Connection = await asyncpg.connect(url)
    try:
        return [row for query in queries for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def _logs(urls: Databases) -> list[list[Logged]]:
    return [[Logged(*row) for row in await _rows(url, LOG)] for url in _distinct(urls)]


async def _waits(urls: Databases) -> tuple[str, int]:
    """What is still to be done, and how many events there are."""
    try:
        ends = [tuple(row) for url in _distinct(urls) for row in await _rows(url, LOG_ENDS)]
        behind = await _behind(urls, ends)
        under_way = (await _rows(urls["notifications"], UNDER_WAY))[0][0]
    except (OSError, asyncpg.PostgresError) as away:
        return f"database away: {type(away).__name__}", -1
    said = [f"{name} lacks {count}" for name, count in behind.items() if count]
    said += [f"{under_way} messages are under way"] * bool(under_way)
    return ", ".join(said), sum(end[3] for end in ends)


async def _behind(urls: Databases, ends: Sequence[tuple[Any, ...]]) -> dict[str, int]:
    """How many marks of each service stand before the last event that it answers."""
    found = {}
    for service in SERVICES:
        types = answered_by(service)
        wanted: Counter[tuple[str, str]] = Counter()
        for referral, source, kind, last in ends:
            if kind in types and source.partition("/")[0] != service:
                key = referral, source
                wanted[key] = max(wanted[key], last)
        marks = {
            (row[0], row[1]): row[2]
            for row in await _rows(
                urls[service], f"SELECT referral_id::text, source, sequence FROM {service}.mark"
            )
        }
        found[service] = sum(marks.get(key, 0) < last for key, last in wanted.items())
    return found


async def _count_stages(found: Account, urls: Databases, expected: set[str]) -> None:
    for stage, (service, query) in STAGES.items():
        known = [row[0] for row in await _rows(urls[service], query)]
        setattr(found, stage, len(expected.intersection(known)))
        found.blame("lost", len(expected.difference(known)), f"{stage}: not all that were posted")
        strangers = set(known) - expected
        if strangers:
            found.blame("doubled", len(strangers), f"{len(strangers)} {stage} that nobody posted")


def _check_log(found: Account, log: Sequence[Logged]) -> None:
    last: Counter[tuple[str, str]] = Counter()
    for event in log:
        key = event.referral, event.source
        if key not in last and not event.source.endswith("/1"):
            # After a restore a source goes on where the backup stood, under its next name.
            last[key] = event.sequence - 1
        step = event.sequence - last[key]
        if step > 1:
            found.blame("lost", step - 1, f"{key} jumps to {event.sequence}")
        elif step < 1:
            found.blame("out_of_order", 1, f"{key} has {event.sequence} after {last[key]}")
        last[key] = max(last[key], event.sequence)


def _check_topic(
    found: Account, stream: Sequence[Logged], since: set[str], records: Sequence[Published]
) -> None:
    """`since` is what stands in the logs after the topic was read."""
    known = {event.id for event in stream}
    seen: set[str] = set()
    last: Counter[tuple[str, str]] = Counter()
    for record in records:
        if record.id in seen:
            found.repeated_records += 1
            continue
        seen.add(record.id)
        key = record.referral, record.source
        if key not in last and not record.source.endswith("/1"):
            last[key] = record.sequence - 1
        if record.sequence != last[key] + 1:
            words = f"topic: {key} has {record.sequence} after {last[key]}"
            found.blame("out_of_order", 1, words)
        last[key] = max(last[key], record.sequence)
    found.blame("lost", len(known - seen), f"{len(known - seen)} events are not in the topic")
    found.blame("doubled", len(seen - since), f"{len(seen - since)} records are in no log")


def _order(logs: Sequence[Sequence[Logged]], records: Sequence[Published] | None) -> dict[str, int]:
    """The place of each event in the stream that consumers read, by id. Places of one referral
    can be compared."""
    ids = [one.id for one in records] if records is not None else [one.id for one in logs[0]]
    order: dict[str, int] = {}
    for place, one in enumerate(ids):
        order.setdefault(one, place)
    return order


def _check_causes(found: Account, stream: Sequence[Logged], order: Mapping[str, int]) -> None:
    for event in stream:
        if event.cause in order and event.id in order and order[event.cause] > order[event.id]:
            found.blame("out_of_order", 1, f"{event.type} stands before its cause")


async def _check_marks(found: Account, urls: Databases) -> None:
    ends = [tuple(row) for url in _distinct(urls) for row in await _rows(url, LOG_ENDS)]
    for service, count in (await _behind(urls, ends)).items():
        found.blame("lost", count, f"{service} has not handled the last events of {count}")
    for service in SERVICES:
        rows = await _rows(urls[service], f"SELECT count(*) FROM {service}.parked_event")
        if rows[0][0]:
            found.wrong.append(f"{service} has parked {rows[0][0]} events")


def _check_effects(found: Account, stream: Sequence[Logged]) -> None:
    """What a service did about one event stands in its log with one time, that of its batch. Two
    times are two batches: it was done twice."""
    times: defaultdict[tuple[str, str], set[object]] = defaultdict(set)
    for event in stream:
        if event.cause is not None:
            times[event.source.partition("/")[0], event.cause].add(event.time)
    for (service, cause), done in times.items():
        found.blame("doubled", len(done) - 1, f"{service} answered {cause} {len(done)} times")


async def _check_timeline(
    found: Account, console: str, stream: Sequence[Logged], order: Mapping[str, int]
) -> None:
    shown_types = answered_by("console")
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for event in stream:
        if event.type in shown_types:
            wanted[event.referral].add(event.id)
    shown: defaultdict[str, list[str]] = defaultdict(list)
    for row in await _rows(console, TIMELINE):
        shown[row[0]].append(row[1])
    for referral in wanted.keys() | shown.keys():
        lines = shown[referral]
        lacking, more = wanted[referral].difference(lines), len(lines) - len(set(lines))
        found.blame("lost", len(lacking), f"timeline of {referral} lacks {len(lacking)}")
        found.blame("doubled", more, f"timeline of {referral} repeats {more}")
        places = [order[one] for one in lines if one in order]
        wrong = sum(later < sooner for sooner, later in pairwise(places))
        found.blame("out_of_order", wrong, f"timeline of {referral}")


def _count_events(found: Account, expected: set[str], stream: Iterable[Logged]) -> None:
    times: Counter[tuple[str, str]] = Counter()
    for event in stream:
        times[event.referral, event.type] += 1
    for (referral, kind), count in list(times.items()):
        # Further information is rated too.
        most = {SUBMITTED: 1, DECIDED: 1, RATED: 1 + times[referral, UPDATED]}.get(kind, count)
        if count > most:
            found.blame("doubled", count - most, f"{referral}: {count} times {kind}")
    found.decided = sum(times[one, DECIDED] > 0 for one in expected)
    found.blame("lost", len(expected) - found.decided, "not all are decided")


def _count_messages(
    found: Account, expected: set[str], messages: Iterable[Any], mail: Counter[str]
) -> None:
    sent: Counter[tuple[str, str]] = Counter()
    known = set()
    for row in messages:
        known.add(row["message_id"])
        taken = mail[row["message_id"]]
        # Alerts to staff may go by other ways than mail, or be withdrawn.
        to_referrer = row["audience"] == "referrer"
        sent[row["referral_id"], row["kind"]] += to_referrer
        if to_referrer and (row["state"] != "sent" or taken == 0):
            why = f"{row['kind']} is {row['state']} ({row['reason']}), taken {taken} times"
            found.blame("lost", 1, why)
        # Sent again only where a conversation was cut, which the row counts.
        more = max(0, taken - 1 - row["cuts"])
        found.blame("doubled", more, f"{row['kind']} taken {taken} times, {row['cuts']} cuts")
        found.repeated_messages += max(0, taken - 1)
    for (referral_id, kind), count in sent.items():
        if kind in ("acknowledgement", "decision") and count > 1:
            found.blame("doubled", count - 1, f"{referral_id}: {count} messages of kind {kind}")
    found.acknowledged = sum(sent[one, "acknowledgement"] > 0 for one in expected)
    found.answered = sum(sent[one, "decision"] > 0 for one in expected)
    found.blame("lost", len(expected) - found.acknowledged, "not all are acknowledged")
    found.blame("lost", len(expected) - found.answered, "not all are answered")
    strangers = sum(count for one, count in mail.items() if one not in known)
    found.blame("doubled", strangers, f"{strangers} messages that nobody knows")
