"""OpenTelemetry traces: one post is one trace, from HTTP through the events to the message.

The trace travels in each event's `traceparent`. Names and attributes follow OpenTelemetry's
messaging conventions. Where nothing exports, no span is made: an event then hands on the
traceparent that it came with.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

_TRACEPARENT = re.compile(r'"traceparent":"(00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2})"')


_WHOLE = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_requested: ContextVar[str | None] = ContextVar("traceparent", default=None)


@dataclass(frozen=True, slots=True)
class Trace:
    """Where in which trace the work stands."""

    traceparent: str | None

    @property
    def trace_id(self) -> str | None:
        """The trace's id: 32 hexadecimal digits."""
        return self.traceparent.split("-")[1] if self.traceparent else None


@dataclass(slots=True)
class _Exporting:
    on: bool = False


_exporting = _Exporting()


def configure(
    service: str, *, endpoint: str | None = None, processor: SpanProcessor | None = None
) -> None:
    """Export spans to an OTLP endpoint, or through `processor` (tests)."""
    if processor is None and endpoint is None:
        return
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider(resource=Resource.create({"service.name": service}))
        trace.set_tracer_provider(provider)
    provider.add_span_processor(
        processor or BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces"))
    )
    _exporting.on = True


def exporting() -> bool:
    """Whether spans are made at all."""
    return _exporting.on


def current_traceparent() -> str | None:
    """The current span, or where none is made the request's own, as a traceparent."""
    if not _exporting.on:
        return _requested.get()
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")


def trace_id_of(body: str) -> str | None:
    """The trace id that an event carries."""
    found = _TRACEPARENT.search(body)
    return found.group(2) if found else None


@contextmanager
def handling(consumer: str, kind: str, body: str) -> Iterator[Trace]:
    """The span of one consumer's work on one event: a child of the event's own."""
    found = _TRACEPARENT.search(body)
    traceparent = found.group(1) if found else None
    if not _exporting.on:
        yield Trace(traceparent)
        return
    parent = propagate.extract({"traceparent": traceparent} if traceparent else {})
    with trace.get_tracer("frontdoor").start_as_current_span(
        f"process {kind.removeprefix('uk.frontdoor.')}",
        context=parent,
        kind=SpanKind.CONSUMER,
        attributes={
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": "frontdoor.events",
            "messaging.consumer.group.name": consumer,
        },
    ):
        yield Trace(current_traceparent())


@contextmanager
def request(method: str, traceparent: str | None) -> Iterator[None]:
    """The span of an HTTP request. Without an exporter the request still has an id, so that its
    events, and a problem that it is told of, can be found in the logs."""
    if not _exporting.on:
        token = _requested.set(
            traceparent
            if traceparent and _WHOLE.fullmatch(traceparent)
            else f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
        )
        try:
            yield
        finally:
            _requested.reset(token)
        return
    parent = propagate.extract({"traceparent": traceparent} if traceparent else {})
    with trace.get_tracer("frontdoor").start_as_current_span(
        method,
        context=parent,
        kind=SpanKind.SERVER,
        attributes={"http.request.method": method, "url.scheme": "http"},
    ):
        yield


@contextmanager
def sending(name: str, traceparent: str | None, attributes: dict[str, str]) -> Iterator[None]:
    """The span of work on behalf of an earlier event, such as sending its message."""
    if not _exporting.on:
        yield
        return
    parent = propagate.extract({"traceparent": traceparent} if traceparent else {})
    with trace.get_tracer("frontdoor").start_as_current_span(
        name, context=parent, kind=SpanKind.CLIENT, attributes=attributes
    ):
        yield
