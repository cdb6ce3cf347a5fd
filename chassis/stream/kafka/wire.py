"""An event as a Kafka record, and a record as an event. contracts/asyncapi.py describes it.

The value is the event as it stands in the log: a CloudEvent in structured mode, keyed by its
referral. A header says the type, so that who doesn't answer it needn't read the value. Records of
other senders are taken in structured mode without that header, and in binary mode.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json

from chassis.stream.port import Received
from contracts.asyncapi import CONTENT_TYPE

_TRACEPARENT = re.compile(r'"traceparent":"(00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})"')
_STRUCTURED = "application/cloudevents"
_BIGGEST = 2**63 - 1
_KIND = ("content-type", CONTENT_TYPE.encode())

Headers = list[tuple[str, bytes]]


class NoEvent(ValueError):
    """A record that no consumer can place: not a CloudEvent about a referral, or not whole."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is sent."""

    key: bytes
    value: bytes
    headers: Headers


def record_of(event: Received) -> Record:
    """An event of the log as a record."""
    headers = [
        _KIND,
        ("ce_type", event.type.encode()),
        ("ce_authority", event.authority.encode()),
    ]
    if traceparent := traceparent_of(event.body):
        headers.append(("traceparent", traceparent.encode()))
    return Record(str(event.referral_id).encode(), event.body.encode(), headers)


def traceparent_of(body: str) -> str | None:
    """The trace that an event belongs to."""
    found = _TRACEPARENT.search(body)
    return found.group(1) if found else None


def type_of(headers: Iterable[tuple[str, bytes]]) -> bytes | None:
    """The event's type, where the record's headers say it."""
    for name, value in headers:
        if name == "ce_type":
            return value
    return None


def event_of(
    partition: int, position: int, value: bytes | None, headers: Iterable[tuple[str, bytes]]
) -> Received:
    """The event that a record is. Raises NoEvent.

    The value is read as JSON here and not only looked at, because what isn't JSON could not even be
    put aside."""
    try:
        named = {name: data.decode() for name, data in headers if data is not None}
        body = (value or b"").decode()
        if named.get("content-type", "").startswith(_STRUCTURED):
            # Who skipped by the header and who reads the value must not differ about the type.
            attributes = from_json(body, allow_inf_nan=False)
            attributes["type"] = named.get("ce_type", attributes["type"])
        else:
            attributes = _binary(named, body)
            body = to_json(attributes).decode()
        return _received(partition, position, attributes, body)
    except (ValueError, TypeError, KeyError) as wrong:
        raise NoEvent from wrong


def _binary(named: Mapping[str, str], body: str) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        name.removeprefix("ce_"): value for name, value in named.items() if name.startswith("ce_")
    }
    if kind := named.get("content-type"):
        attributes["datacontenttype"] = kind
    attributes["data"] = from_json(body, allow_inf_nan=False)
    return attributes


def _received(partition: int, position: int, attributes: Mapping[str, Any], body: str) -> Received:
    kind, source, authority = (attributes[name] for name in ("type", "source", "authority"))
    for text in (kind, source, authority):
        # PostgreSQL takes no NUL in a text, not even to put the event aside.
        if not isinstance(text, str) or "\0" in text:
            raise NoEvent
    sequence, at = int(attributes["sequence"]), datetime.fromisoformat(attributes["time"])
    if not 0 < sequence <= _BIGGEST or at.tzinfo is None:
        raise NoEvent
    return Received(
        position, source, UUID(attributes["subject"]), sequence, kind, authority, at, body,
        partition,
    )  # fmt: skip
