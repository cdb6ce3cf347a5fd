"""Kafka clients, with every default changed that would lose, repeat or hold up events.

Every wait has a limit. An idempotent producer retries for ever by itself, and a consumer that
can't find its group waits for ever; the limits are what make them say so.
"""

import asyncio
import ssl
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError
from aiokafka.record._crecords import default_records

from chassis.errors import Unavailable
from chassis.settings import Settings
from chassis.stream.kafka.refusals import Unusable, refusal, tls
from chassis.telemetry import logs

log = logs.get_logger(__name__)

# Pure Python is thirty times slower at reading records; a wheel without the compiled module is
# refused here, by its import.
assert default_records

START_SECONDS = 10.0
STOP_SECONDS = 3.0
REQUEST_SECONDS = 10.0
HEARTBEATS_IN_A_SESSION = 15
REBALANCE_SECONDS = 60.0
FETCH_WAIT_SECONDS = 0.5
GATHERING_WAIT_SECONDS = 0.1
GATHERING_BYTES = 65_536
BATCH_BYTES = 512 * 1024
"""The largest batch of one partition. The topic takes 2 MiB (topic.py), an event has 64 KiB."""


_closing: set[asyncio.Task[None]] = set()


class StreamAway(Unavailable):
    """Kafka cannot be reached now, or does not answer in time."""

    def __init__(self) -> None:
        super().__init__(
            "stream_away", "The service cannot reach the event stream. Try again shortly."
        )


class StreamRefused(StreamAway):
    """Kafka is there and does not let us in. `why` is for operators, and names the setting."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why


def producer(settings: Settings, name: str) -> AIOKafkaProducer:
    """A producer for a relay: idempotent, so that a retry neither doubles nor overtakes, and
    acknowledged by all replicas in sync. It waits for no company (`linger_ms` 0): the relay sends
    whole batches."""
    return AIOKafkaProducer(
        **_connection(settings, name),
        enable_idempotence=True,
        acks="all",
        linger_ms=0,
        max_batch_size=BATCH_BYTES,
        max_request_size=2 * BATCH_BYTES,
    )


def consumer(
    settings: Settings, group: str, name: str, *, gathers: bool = False
) -> AIOKafkaConsumer:
    """A consumer of a group. Nothing is committed that we don't commit; a group without offsets
    starts at the first event; what is not committed by its producer is not read. The session
    outlasts a stalled loop, and a member with a stable name keeps its partitions when restarted.
    Being idle never costs a member its place: whether it works is for /livez to say. With `gathers`
    the broker lets events come together for a tenth of a second before it answers: each answer costs
    both sides as much as some ten events."""
    session = settings.kafka_session_seconds
    return AIOKafkaConsumer(
        **_connection(settings, name),
        group_id=group,
        group_instance_id=settings.kafka_instance,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        session_timeout_ms=_ms(session),
        heartbeat_interval_ms=_ms(session / HEARTBEATS_IN_A_SESSION),
        rebalance_timeout_ms=_ms(max(session, REBALANCE_SECONDS)),
        max_poll_records=500,
        fetch_max_wait_ms=_ms(GATHERING_WAIT_SECONDS if gathers else FETCH_WAIT_SECONDS),
        fetch_min_bytes=GATHERING_BYTES if gathers else 1,
        partition_assignment_strategy=(StickyPartitionAssignor,),
    )


def enquirer(settings: Settings, name: str) -> AIOKafkaConsumer:
    """A client that only asks where partitions begin and end. On a consumer's own connection the
    answer would wait behind a fetch, which waits for events."""
    return AIOKafkaConsumer(
        **_connection(settings, name),
        group_id=None,
        enable_auto_commit=False,
        isolation_level="read_committed",
    )


def administrator(settings: Settings) -> AIOKafkaAdminClient:
    """A client that makes and describes topics."""
    return AIOKafkaAdminClient(**_connection(settings, "frontdoor topic"))


async def start(settings: Settings, *started: Any) -> None:
    """Start clients of any kind. Raises StreamAway or StreamRefused, with all of them closed."""
    try:
        async with asyncio.timeout(START_SECONDS):
            for client in started:
                await client.start()
    except (KafkaError, OSError, TimeoutError) as away:
        await stop(*started)
        why = None if isinstance(away, TimeoutError) else await _refusal(settings)
        if why:
            raise _refused(why) from away
        raise StreamAway from away
    except BaseException:
        await stop(*started)
        raise


async def stop(*stopped: Any) -> None:
    """Close clients, whatever state they are in. One that can't close while its broker is away goes
    on with that by itself. A producer's unsent batches are given up: its relay sends them again
    from the log."""
    ours = set()
    for client in stopped:
        if isinstance(client, AIOKafkaProducer):
            _give_up(client)
        closing = asyncio.create_task(_close(client))
        _closing.add(closing)
        ours.add(closing)
        closing.add_done_callback(_closing.discard)
    if ours:
        await asyncio.wait(ours, timeout=STOP_SECONDS)


def _give_up(producer: AIOKafkaProducer) -> None:
    """Fail what is unsent. Else the producer would go on sending for as long as the broker is
    away, and aiokafka has no other way to say stop."""
    unsent = producer._message_accumulator  # noqa: SLF001
    batches = [batch for queue in unsent._batches.values() for batch in queue]  # noqa: SLF001
    batches += unsent._pending_batches  # noqa: SLF001
    unsent.fail_all(KafkaError("given up"))
    for batch in batches:
        for future in (batch.future, batch._drain_waiter):  # noqa: SLF001
            # Looked at, so that asyncio does not report it as overlooked.
            if future.done() and not future.cancelled():
                future.exception()


async def _refusal(settings: Settings) -> str | None:
    try:
        async with asyncio.timeout(START_SECONDS):
            return await refusal(settings)
    except (Unusable, TimeoutError):
        # Its files were there a moment ago.
        return None


def _refused(why: str) -> StreamRefused:
    # Sentences don't pass into logs; /readyz and `frontdoor migrate` say this one whole.
    log.error("stream_refused", reason=why.partition(":")[0].partition(",")[0].replace(" ", "_"))
    return StreamRefused(why)


async def _close(client: Any) -> None:
    with suppress(KafkaError, OSError, TimeoutError):
        await (client.close() if isinstance(client, AIOKafkaAdminClient) else client.stop())


def _connection(settings: Settings, name: str) -> dict[str, Any]:
    password = settings.kafka_password
    return {
        "bootstrap_servers": settings.kafka_bootstrap,
        "client_id": name,
        "request_timeout_ms": _ms(REQUEST_SECONDS),
        "security_protocol": settings.kafka_security,
        "ssl_context": _tls(settings) if settings.kafka_security.endswith("SSL") else None,
        "sasl_mechanism": settings.kafka_sasl_mechanism,
        "sasl_plain_username": settings.kafka_username,
        "sasl_plain_password": password.get_secret_value() if password else None,
    }


def _tls(settings: Settings) -> ssl.SSLContext:
    try:
        return tls(settings)
    except Unusable as why:
        raise _refused(str(why)) from why


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
