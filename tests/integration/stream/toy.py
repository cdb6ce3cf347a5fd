"""A toy service for the stream's tests: it writes down what it hears of each referral, in order,
and tells what it wrote. Some words give it trouble."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.change import Change, Handler, Ids
from chassis.clock import Clock
from chassis.database import Connection, Database
from chassis.errors import DomainError
from chassis.ids import new_id
from chassis.stream import store as stream_store
from chassis.stream.bell import Bell
from chassis.stream.kernel import Kernel, Saved, Service
from chassis.stream.port import Appender, Outgoing
from contracts.envelope import Event, EventData, sequence_text
from contracts.events import ReferralWithdrawn, TriageReleased
from contracts.registry import type_of
from policy.loading import PackSet, UnknownVersion

AUTHORITY = "walsall"
INTAKE = "intake/1"

REFUSED = "refused"
FAULTY = "faulty"
NUL = "nul\0"
FORBIDDEN = "forbidden"
UNSAVEABLE = "unsaveable"
EARLY = "early"
TROUBLE = (REFUSED, FAULTY, NUL, FORBIDDEN, UNSAVEABLE)

MAKE_TABLE = """
CREATE TABLE {schema}.tally (
    referral_id uuid PRIMARY KEY,
    authority   text NOT NULL,
    heard       text[] NOT NULL CHECK (NOT heard @> ARRAY['forbidden'])
);
GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.tally TO frontdoor_{schema};
"""
LOAD = "SELECT referral_id, heard FROM tally WHERE referral_id = ANY ($1)"
SAVE = """
INSERT INTO tally (referral_id, authority, heard) VALUES ($1, $2, $3)
    ON CONFLICT (referral_id) DO UPDATE SET heard = excluded.heard
"""
ALL = "SELECT referral_id, heard FROM tally"


@dataclass(frozen=True, slots=True)
class Tally:
    """What was heard of one referral, in order."""

    heard: tuple[str, ...] = ()


@dataclass(slots=True)
class Toy:
    """The toy's domain and store. What stands in `mended` gives no trouble any more; what stands
    in `unreadable` can't be loaded."""

    mended: set[str] = field(default_factory=set)
    unreadable: set[UUID] = field(default_factory=set)

    def on_withdrawn(
        self,
        state: Tally | None,
        event: Event[ReferralWithdrawn],
        policy: PackSet,
        ids: Ids,
        now: datetime,
    ) -> Change[Tally]:
        """Hear a word, and tell of it."""
        del policy, ids, now
        return self.hear(state, event.data.reason)

    def on_released(
        self,
        state: Tally | None,
        event: Event[TriageReleased],
        policy: PackSet,
        ids: Ids,
        now: datetime,
    ) -> Change[Tally]:
        """Hear what another toy told, and tell nobody."""
        del policy, ids, now
        heard = (state or Tally()).heard
        return Change(Tally((*heard, f"told of {event.data.role}")))

    def hear(self, state: Tally | None, word: str) -> Change[Tally]:
        """The decision: remember the word after the others."""
        if word not in self.mended:
            if word == REFUSED:
                raise DomainError("cannot_hear", "The toy does not want to hear this.")
            if word == FAULTY:
                raise ZeroDivisionError
            if word == EARLY:
                raise UnknownVersion(AUTHORITY, "tomorrow")
        said = f"mended {word.strip(chr(0))}" if word in self.mended else word
        heard = (*(state or Tally()).heard, said)
        return Change(Tally(heard), (TriageReleased(role=said.strip("\0")),))

    async def load(self, connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Tally]:
        """A Store's load."""
        rows = await connection.fetch(LOAD, list(ids))
        if not self.unreadable.isdisjoint(ids):
            raise LookupError
        return {row["referral_id"]: Tally(tuple(row["heard"])) for row in rows}

    async def save(self, connection: Connection, changes: Sequence[Saved[Tally]]) -> None:
        """A Store's save."""
        if any(UNSAVEABLE in change.state.heard for change in changes):
            raise LookupError
        await connection.executemany(
            SAVE,
            [
                (change.referral_id, change.authority, list(change.state.heard))
                for change in changes
            ],
        )

    def decide(self, word: str) -> "Decision":
        """A command that says a word."""
        return Decision(self, word)


@dataclass(frozen=True, slots=True)
class Decision:
    """Says a word to the toy (a Decide)."""

    toy: Toy
    word: str

    def __call__(
        self, state: Tally | None, policy: PackSet, ids: Ids, now: datetime
    ) -> tuple[Change[Tally], Mapping[str, Any]]:
        del policy, ids, now
        change = self.toy.hear(state, self.word)
        return change, {"heard": list(change.state.heard)}


def kernel_of(
    toy: Toy,
    database: Database,
    packs: PackSet,
    clock: Clock,
    *,
    bell: Bell | None = None,
    append: Appender = stream_store.append,
    hears_toys: bool = False,
) -> Kernel[Tally]:
    """The toy as the service whose schema the database opens."""
    handlers: dict[type[EventData], Handler[Tally]] = {ReferralWithdrawn: toy.on_withdrawn}
    if hears_toys:
        handlers[TriageReleased] = toy.on_released
    return Kernel(
        Service(
            name=database.schema,
            source=f"{database.schema}/1",
            database=database,
            store=toy,
            handlers=handlers,
            policy=packs,
            clock=clock,
            ids=new_id,
            bell=bell or Bell(),
            append=append,
        )
    )


def word(referral_id: UUID, number: int, said: str, at: datetime) -> Outgoing:
    """An event of intake's, the `number`-th about the referral, in which a word is said."""
    return outgoing(referral_id, number, ReferralWithdrawn(reason=said, requested_at=at), at)


def outgoing(referral_id: UUID, number: int, data: EventData, at: datetime) -> Outgoing:
    """An event of intake's, ready to append."""
    known = type_of(type(data))
    event_id = new_id()
    envelope = known.envelope(
        id=event_id,
        source=INTAKE,
        type=known.type,
        subject=referral_id,
        time=at,
        partitionkey=str(referral_id),
        sequence=sequence_text(number),
        authority=AUTHORITY,
        correlationid=event_id,
        data=data,
    )
    body = envelope.model_dump_json(exclude_none=True)
    return Outgoing(INTAKE, referral_id, number, known.type, AUTHORITY, at, body)


async def heard(database: Database) -> dict[UUID, list[str]]:
    """What the toy has written down of each referral."""
    async with database.connection() as connection:
        return {row["referral_id"]: list(row["heard"]) for row in await connection.fetch(ALL)}


async def told(database: Database, source: str) -> dict[UUID, list[str]]:
    """The words that the log says were heard, of each referral, in the log's order. Fails where
    the numbers of a referral's events have a gap."""
    found: dict[UUID, list[str]] = {}
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT referral_id, sequence, body::text FROM event_stream.event_log"
            " WHERE source = $1 ORDER BY position",
            source,
        )
    for referral_id, sequence, body in rows:
        words = found.setdefault(referral_id, [])
        words.append(str(Event[TriageReleased].model_validate_json(body).data.role))
        assert sequence == len(words)
    return found


async def parked(database: Database) -> dict[UUID, tuple[str, int]]:
    """The reason, and the number of events, of each parked referral."""
    async with database.connection() as connection:
        rows = await stream_store.list_parked(connection, database.schema, [AUTHORITY])
    return {row["referral_id"]: (row["reason"], row["events"]) for row in rows}
