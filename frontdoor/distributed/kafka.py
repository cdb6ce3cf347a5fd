"""Apache Kafka as the stream between services."""

import asyncio
from collections.abc import Mapping
from typing import Any

from chassis.clock import Clock, system_clock
from chassis.database import Database
from chassis.running import Loop
from chassis.settings import Settings
from chassis.stream.bell import Bell
from chassis.stream.faults import Faults, no_faults
from chassis.stream.kafka import store, topic
from chassis.stream.kafka.clients import StreamRefused
from chassis.stream.kafka.relay import Relay
from chassis.stream.kafka.source import KafkaSource
from chassis.stream.port import EventSource

CHECK_EVERY_SECONDS = 5.0
FIRST = "intake"
SECOND = "triage"
"""Somebody waits for what the second answers to the first: the suggested rating."""


class KafkaStream:
    """The topic as one service's process reaches it (a Stream). Connects when it is first used."""

    def __init__(
        self, settings: Settings, clock: Clock = system_clock, *, faults: Faults = no_faults
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._faults = faults
        self._sources: list[KafkaSource] = []
        self._state: Mapping[str, Any] = {"ok": False}
        self._checked_at: float | None = None

    def source_of(
        self, database: Database, consumer: str, types: tuple[str, ...], bell: Bell
    ) -> EventSource:
        source = KafkaSource(
            self._settings,
            database,
            consumer,
            types,
            self._clock,
            bell,
            gathers=consumer != SECOND,
            faults=self._faults,
        )
        self._sources.append(source)
        return source

    def relay(self, database: Database, service: str, bell: Bell) -> Loop:
        return Relay(
            self._settings,
            database,
            service,
            bell,
            self._clock,
            hurried=service == FIRST,
            faults=self._faults,
        ).run

    async def state(self) -> Mapping[str, Any]:
        now = asyncio.get_running_loop().time()
        if self._checked_at is None or now - self._checked_at >= CHECK_EVERY_SECONDS:
            # Probes come often, and each check is a connection.
            self._checked_at = now
            self._state = await self._check()
        return self._state

    def silent_seconds(self) -> float:
        return max((source.seconds_since_poll for source in self._sources), default=0.0)

    async def published(self, database: Database) -> bool:
        async with database.connection() as connection:
            waiting, _ = await store.unpublished(connection)
        return not waiting

    async def close(self) -> None:
        for source in self._sources:
            await source.close()

    async def _check(self) -> Mapping[str, Any]:
        try:
            await topic.check(self._settings)
        except topic.WrongTopic as wrong:
            return {"ok": False, "reason": "WrongTopic", "detail": str(wrong)}
        except StreamRefused as refused:
            return {"ok": False, "reason": "StreamRefused", "detail": refused.why}
        except Exception as fault:
            return {"ok": False, "reason": type(fault).__name__}
        return {"ok": True, "topic": self._settings.kafka_topic}
