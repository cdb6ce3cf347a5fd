"""Records of other senders, and records that are no events."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chassis.database import Database
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.stream.kafka.source import KafkaSource
from chassis.stream.kernel import Kernel
from chassis.telemetry import metrics
from tests.clocks import SetClock
from tests.integration.stream.kafka.topics import send
from tests.integration.stream.streams import drain
from tests.integration.stream.toy import Tally, heard, parked, word

STRUCTURED = ("content-type", b"application/cloudevents+json; charset=UTF-8")
KIND = ("ce_type", b"uk.frontdoor.referral.withdrawn.v1")


@pytest.fixture
async def source(
    settings: Settings, database: Database, kernel: Kernel[Tally], clock: SetClock
) -> AsyncIterator[KafkaSource]:
    made = KafkaSource(settings, database, "triage", kernel.service.types, clock)
    yield made
    await made.close()


def _event(clock: SetClock, **changes: Any) -> dict[str, Any]:
    return {**json.loads(word(new_id(), 1, "a word", clock()).body), **changes}


async def test_an_event_without_our_header_is_answered(
    settings: Settings, source: KafkaSource, kernel: Kernel[Tally], database: Database,
    clock: SetClock,
) -> None:  # fmt: skip
    await send(settings, json.dumps(_event(clock)).encode(), [STRUCTURED])
    await drain(kernel, source)
    assert list((await heard(database)).values()) == [["a word"]]


async def test_an_event_in_binary_mode_is_answered(
    settings: Settings, source: KafkaSource, kernel: Kernel[Tally], database: Database,
    clock: SetClock,
) -> None:  # fmt: skip
    event = _event(clock)
    data = json.dumps(event.pop("data")).encode()
    kind = event.pop("datacontenttype")
    headers = [(f"ce_{name}", str(value).encode()) for name, value in event.items()]
    await send(settings, data, [("content-type", kind.encode()), *headers])
    await drain(kernel, source)
    assert list((await heard(database)).values()) == [["a word"]]


NO_EVENTS: dict[str, tuple[bytes | None, list[tuple[str, bytes]]]] = {
    "a tombstone": (None, []),
    "a tombstone of an event": (None, [STRUCTURED, KIND]),
    "bytes": (b"\xff\x00\x01", []),
    "bytes that say they are an event": (b"\xff\x00", [STRUCTURED, KIND]),
    "no JSON": (b'{"half": ', [STRUCTURED, KIND]),
    "a number": (b"1", [STRUCTURED, KIND]),
    "a header that is no text": (b"{}", [STRUCTURED, KIND, ("ce_x", b"\xff")]),
    "not about a referral": (b'{"type": "x", "source": "y"}', [STRUCTURED, KIND]),
}
WRONG: dict[str, dict[str, Any]] = {
    "no referral": {"subject": "nobody"},
    "a sequence beyond all": {"sequence": "9" * 30},
    "a sequence of nothing": {"sequence": "0"},
    "a time without a zone": {"time": "2026-03-05T10:00:00"},
    "a source with a NUL": {"source": "in\0take"},
    "an authority that is a number": {"authority": 7},
}


@pytest.mark.parametrize("what", [*NO_EVENTS, *WRONG])
async def test_what_is_no_event_is_counted_and_passed_by(
    settings: Settings, source: KafkaSource, kernel: Kernel[Tally], database: Database,
    clock: SetClock, what: str,
) -> None:  # fmt: skip
    before = metrics.RECORDS_SKIPPED.labels("triage")._value.get()
    if what in NO_EVENTS:
        await send(settings, *NO_EVENTS[what])
    else:
        await send(settings, json.dumps(_event(clock, **WRONG[what])).encode(), [STRUCTURED, KIND])
    await send(settings, json.dumps(_event(clock)).encode(), [STRUCTURED, KIND])
    await drain(kernel, source)
    assert list((await heard(database)).values()) == [["a word"]]
    assert await parked(database) == {}
    assert metrics.RECORDS_SKIPPED.labels("triage")._value.get() == before + 1


async def test_an_event_of_the_wrong_shape_is_parked(
    settings: Settings, source: KafkaSource, kernel: Kernel[Tally], database: Database,
    clock: SetClock,
) -> None:  # fmt: skip
    event = _event(clock, data={"nothing": "of it"})
    await send(settings, json.dumps(event).encode(), [STRUCTURED, KIND])
    await drain(kernel, source)
    assert [reason for reason, _ in (await parked(database)).values()] == ["fault_ValidationError"]


async def test_a_type_that_a_header_says_and_nobody_answers_is_not_looked_into(
    settings: Settings, source: KafkaSource, kernel: Kernel[Tally], database: Database
) -> None:
    before = metrics.RECORDS_SKIPPED.labels("triage")._value.get()
    await send(settings, b"no JSON at all", [STRUCTURED, ("ce_type", b"uk.frontdoor.other.v1")])
    await drain(kernel, source)
    assert metrics.RECORDS_SKIPPED.labels("triage")._value.get() == before
    assert await heard(database) == {}
