"""Processes under trial: `frontdoor up` and `frontdoor serve` that die, or hang, at a named point, go
by a clock that a trial puts forward and back, or write down their place in the stream too soon.

What to do is said by the environment, which only this module reads:
FRONTDOOR_FAULT_AT=POINT:NTH:ACT    when a point of chassis/stream/faults.py is passed for the nth
                                    time; ACT is `die` or `hang`
FRONTDOOR_CLOCK_FILE=PATH           by how many seconds the clock is wrong; read again and again
FRONTDOOR_HASTY=1                   move the cursor when events are read, before they are answered
FRONTDOOR_RELAY_IDLE_MS=2000        when PostgreSQL gives up a relay that hangs
"""

import os
import signal
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from chassis.clock import Clock, system_clock
from chassis.database import Connection
from chassis.stream import store
from chassis.stream.faults import Faults, Point, no_faults
from chassis.stream.kafka import relay
from chassis.stream.kafka import store as kafka_store
from chassis.stream.kafka.source import KafkaSource
from chassis.stream.port import Batch, Superseded
from chassis.stream.postgres import PostgresSource


def run(arguments: Sequence[str]) -> None:
    """Run `up` or `serve` as the environment says."""
    said = {
        key.removeprefix("FRONTDOOR_"): value
        for key, value in os.environ.items()
        if key.startswith("FRONTDOOR_")
    }
    if "HASTY" in said:
        for source in (PostgresSource, KafkaSource):
            source.read = _hasty_read(source.read)  # type: ignore[attr-defined]
            source.settle = _settle_nothing  # type: ignore[attr-defined]
    if "RELAY_IDLE_MS" in said:
        relay.SESSION["idle_in_transaction_session_timeout"] = said["RELAY_IDLE_MS"]
    clock = WrongClock(Path(said["CLOCK_FILE"])) if "CLOCK_FILE" in said else system_clock
    faults = At.said(said["FAULT_AT"]) if said.get("FAULT_AT") else no_faults
    (_serve if arguments[0] == "serve" else _up)(arguments, clock, faults)


def _serve(arguments: Sequence[str], clock: Clock, faults: Faults) -> None:
    from chassis.telemetry import logs
    from frontdoor.distributed.kafka import KafkaStream
    from frontdoor.distributed.serving import serve
    from frontdoor.distributed.settings import ServiceSettings

    settings = ServiceSettings()
    logs.configure(json=True, environment=settings.environment)
    stream = KafkaStream(settings, clock, faults=faults)
    serve(arguments[1], settings, stream, clock=clock, faults=faults)


def _up(arguments: Sequence[str], clock: Clock, faults: Faults) -> None:
    from chassis.telemetry import logs
    from frontdoor.commands.site import settings_of
    from frontdoor.installation import Installation
    from frontdoor.serving import Serve, serve

    said = dict(zip(arguments[1::2], arguments[2::2], strict=True))
    logs.configure(json=True)
    settings = settings_of(
        port=int(said["--port"]), smtp=said.get("--smtp"), authorities="", public_url=None
    )
    installation = Installation.at(Path(said["--data"]), said.get("--database"))
    serve(
        Serve(installation, settings, "127.0.0.1", int(said["--port"]), clock=clock, faults=faults)
    )


class At:
    """Ends the process, or lets it hang, when a point is passed for the nth time (Faults)."""

    def __init__(self, point: Point, nth: int, act: str) -> None:
        self._point = point
        self._left = nth
        self._signal = {"die": signal.SIGKILL, "hang": signal.SIGSTOP}[act]

    @classmethod
    def said(cls, words: str) -> "At":
        """From POINT:NTH:ACT."""
        point, nth, act = words.split(":")
        return cls(Point(point), int(nth), act)

    async def __call__(self, point: Point) -> None:
        if point == self._point:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), self._signal)


class WrongClock:
    """The system's clock, wrong by as many seconds as a file says (a Clock)."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __call__(self) -> datetime:
        return system_clock() + timedelta(seconds=float(self._file.read_text() or 0))


def _hasty_read(read: Callable[..., object]) -> Callable[..., object]:
    async def hasty(self: PostgresSource | KafkaSource, limit: int) -> Batch | None:
        batch: Batch | None = await read(self, limit)  # type: ignore[misc]
        if batch is None:
            return None
        async with self._database.transaction() as connection:
            if isinstance(self, PostgresSource):
                moved = await store.move_cursor(
                    connection,
                    self._consumer,
                    batch.after[0],
                    batch.until[0],
                )
            else:
                moved = await kafka_store.move(
                    connection,
                    {
                        self._cursor(one): (batch.after[one], batch.until[one])
                        for one in batch.until
                    },
                )
        if not moved:
            raise Superseded
        return batch

    return hasty


async def _settle_nothing(_self: object, _connection: Connection, _batch: Batch) -> None:
    """It was done before."""
