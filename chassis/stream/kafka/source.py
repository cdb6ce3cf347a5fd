"""The event stream of the distributed edition: the topic, read as a member of a group.

Kafka's group only says which instance reads which partitions. Where they go on stands in the
service's own database and moves in the transaction of the effects; a database restored from a
backup reads again what it forgot. Kafka gets a copy of the positions, for operators' tools.

A position is the offset after the last record that was seen, so 0 is before the first.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from chassis.clock import Clock
from chassis.database import Connection, Database
from chassis.settings import Settings
from chassis.stream.bell import Bell
from chassis.stream.faults import Faults, no_faults
from chassis.stream.kafka import store
from chassis.stream.kafka.member import Member
from chassis.stream.kafka.partition import Partition
from chassis.stream.port import Batch, Lag, Received, Superseded
from chassis.telemetry import logs

CATCH_UP_SECONDS = 5.0

log = logs.get_logger(__name__)


class KafkaSource:
    """Reads the topic for `consumer`. Starts at the first reading; `bell` rings when events come.
    One instance belongs to one loop of a consumer. `gathers`: nobody waits for what it answers, so
    that events are let come together for a tenth of a second."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        consumer: str,
        types: Sequence[str],
        clock: Clock,
        bell: Bell | None = None,
        *,
        gathers: bool = False,
        faults: Faults = no_faults,
    ) -> None:
        self._settings = settings
        self._gathers = gathers
        self._database = database
        self._consumer = consumer
        self._types = tuple(types)
        self._clock = clock
        self._bell = bell
        self._faults = faults
        self._member: Member | None = None
        self._getting_ready = asyncio.Lock()
        self._astray = False
        self._turn = 0

    @property
    def started(self) -> bool:
        """Whether it is a member of its group."""
        return self._member is not None

    @property
    def seconds_since_poll(self) -> float:
        """For /livez: how long ago Kafka was last asked for events, whether it had any or not.
        0 before the first start."""
        if self._member is None:
            return 0.0
        return asyncio.get_running_loop().time() - self._member.polled

    async def read(self, limit: int) -> Batch | None:
        member = await self._ready()
        events: list[Received] = []
        after: dict[int, int] = {}
        until: dict[int, int] = {}
        for partition in self._in_turn(member):
            if partition.waits and len(events) < limit:
                after[partition.number] = partition.read
                events += partition.take(limit - len(events))
                until[partition.number] = partition.read
        return Batch(tuple(events), after, until) if after else None

    async def settle(self, connection: Connection, batch: Batch) -> None:
        moves = {
            self._cursor(number): (batch.after[number], until)
            for number, until in batch.until.items()
        }
        if not await store.move(connection, moves):
            raise Superseded

    async def settled(self, batch: Batch) -> None:
        if self._member is not None:
            for number, until in batch.until.items():
                self._member.settled(number, batch.after[number], until)

    async def rewind(self) -> None:
        self._astray = True

    async def lag(self) -> Lag:
        """Events of all partitions, whoever reads them, of whatever type. The age is that of the
        oldest that this instance has fetched."""
        member = await self._ready()
        ends = await member.ends(member.numbers())
        positions = await self._positions(ends)
        behind = {number: end - positions[number] for number, end in ends.items()}
        times = [
            partition.oldest
            for number, partition in member.partitions.items()
            if behind.get(number, 0) > 0 and partition.oldest
        ]
        age = (self._clock() - min(times)).total_seconds() if times else 0.0
        return Lag(sum(count for count in behind.values() if count > 0), max(0.0, age))

    async def close(self) -> None:
        """Stop reading. Partitions of an instance with a stable name wait for it to come back."""
        member, self._member = self._member, None
        if member is not None:
            await member.close()

    def _in_turn(self, member: Member) -> list[Partition]:
        """The partitions, each time beginning with another: a full one must not hold up the rest."""
        self._turn += 1
        partitions = list(member.partitions.values())
        first = self._turn % max(1, len(partitions))
        return partitions[first:] + partitions[:first]

    async def _ready(self) -> Member:
        """A member of the group, each of its partitions at its place. Raises StreamAway or
        DatabaseAway."""
        async with self._getting_ready:
            if self._member is not None and self._member.ended:
                await self.close()
            if self._member is None:
                member = Member(
                    self._settings,
                    self._consumer,
                    self._types,
                    self._bell,
                    self._faults,
                    gathers=self._gathers,
                )
                await member.start()
                self._member = member
            member = self._member
            # Also where all is answered: a database that was restored meanwhile stands elsewhere.
            if (
                self._astray
                or member.astray
                or all(partition.answered for partition in member.partitions.values())
            ):
                await self._place(member)
        return member

    async def _place(self, member: Member) -> None:
        """Have every partition go on after what the database says is settled."""
        held = dict(member.partitions)
        if not held:
            return
        self._astray, were_astray = False, self._astray
        member.astray, was_astray = False, member.astray
        try:
            positions = await self._positions(held)
            strange = {
                number: partition
                for number, partition in held.items()
                if not (partition.placed and partition.rewind(positions[number]))
            }
            if strange:
                await self._seek(member, strange, positions)
        except BaseException:
            self._astray |= were_astray
            member.astray |= was_astray
            raise

    async def _seek(
        self, member: Member, partitions: Mapping[int, Partition], positions: Mapping[int, int]
    ) -> None:
        async with self._database.connection() as connection:
            await store.open_cursors(connection, [self._cursor(number) for number in partitions])
        firsts, ends = await member.beginnings(partitions), await member.ends(partitions)
        for number, partition in partitions.items():
            position = positions[number]
            if not firsts[number] <= position <= ends[number]:
                log.error(
                    "topic_does_not_hold_position",
                    consumer=self._consumer,
                    position=position,
                    reason="records_deleted" if position < firsts[number] else "topic_shorter",
                )
                await self._move(number, position, firsts[number])
                position = firsts[number]
            if member.partitions.get(number) is partition:
                member.go_on(partition, position)
        await self._catch_up(member, partitions, ends)

    async def _move(self, number: int, position: int, first: int) -> None:
        """Start a partition again at the first record that there is. The marks drop what was
        handled."""
        async with self._database.transaction() as connection:
            await store.move(connection, {self._cursor(number): (position, first)})

    async def _catch_up(
        self, member: Member, partitions: Mapping[int, Partition], ends: Mapping[int, int]
    ) -> None:
        """Wait until some of what the topic is known to hold has come: `read` would else say that
        there is nothing. Not for ever: it may be no events but the marks of a foreign
        transaction."""
        try:
            async with asyncio.timeout(CATCH_UP_SECONDS):
                while not member.astray and not any(one.waits for one in partitions.values()):
                    if not any(
                        one is member.partitions.get(number) and one.fetched < ends[number]
                        for number, one in partitions.items()
                    ):
                        return
                    member.arrived.clear()
                    await member.arrived.wait()
        except TimeoutError:
            return

    async def _positions(self, numbers: Iterable[int]) -> dict[int, int]:
        cursors = {self._cursor(number): number for number in numbers}
        async with self._database.connection() as connection:
            found = await store.positions(connection, list(cursors))
        return {cursors[name]: position for name, position in found.items()}

    def _cursor(self, number: int) -> str:
        return f"{self._consumer} {self._settings.kafka_topic} {number}"
