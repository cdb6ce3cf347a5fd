"""OpenTelemetry traces: one post is one trace, from HTTP through the events to the message.

The trace travels in each event's `traceparent`. Names and attributes follow OpenTelemetry's
conventions for HTTP and messaging. Where nothing exports, no span is made: an event then hands on
the traceparent that it came with. A span never holds an exception's message, which may quote an
address or a story, nor a referral's id.
"""

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

DESTINATION = "frontdoor.events"
FAULTS_FROM = 500

_FORM = r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
_WHOLE = re.compile(_FORM)
_IN_EVENT = re.compile(rf'"traceparent":"({_FORM})"')
_ID_IN_EVENT = re.compile(r'"id":"([0-9a-f-]{36})"')

_requested: ContextVar[str | None] = ContextVar("traceparent", default=None)
_propagator = TraceContextTextMapPropagator()


@dataclass(frozen=True, slots=True)
class Trace:
    """Where in which trace the work stands."""

    traceparent: str | None

    @property
    def trace_id(self) -> str | None:
        """The trace's id: 32 hexadecimal digits."""
        return self.traceparent.split("-")[1] if self.traceparent else None


@dataclass(frozen=True, slots=True)
class Carried:
    """Where in which trace an event stands for which no span is made. Its text is searched when
    somebody asks, as most events lead to nothing that has to carry on their trace."""

    _body: str

    @property
    def traceparent(self) -> str | None:
        """The one that the event came with."""
        found = _IN_EVENT.search(self._body)
        return found.group(1) if found else None

    @property
    def trace_id(self) -> str | None:
        """The trace's id: 32 hexadecimal digits."""
        return trace_id_of(self._body)


@dataclass(frozen=True, slots=True)
class Requested:
    """The span of an HTTP request; None where none is made."""

    _method: str
    _span: Span | None

    def answered(self, route: str, status: int) -> None:
        """Say what became of it. `route` is a template, as the path holds ids."""
        if self._span is None:
            return
        self._span.update_name(f"{self._method} {route}")
        self._span.set_attribute("http.route", route)
        self._span.set_attribute("http.response.status_code", status)
        if status >= FAULTS_FROM:
            self._span.set_attribute("error.type", str(status))
            self._span.set_status(StatusCode.ERROR)


@dataclass(slots=True)
class _Exporting:
    on: bool = False
    system: str | None = None


_exporting = _Exporting()


def configure(
    service: str,
    *,
    endpoint: str | None = None,
    processor: SpanProcessor | None = None,
    environment: str | None = None,
    system: str | None = None,
) -> None:
    """Export spans to an OTLP endpoint, or through `processor` (tests). `system` is the messaging
    system that carries events, such as `kafka`, where there is one."""
    if processor is None and endpoint is None:
        return
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        named = {"service.name": service}
        if environment:
            named["deployment.environment.name"] = environment
        provider = TracerProvider(resource=Resource.create(named))
        trace.set_tracer_provider(provider)
    if processor is None:
        # Dear to load, and most installations have nowhere to export to.
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        processor = BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces"))
    provider.add_span_processor(processor)
    _exporting.on = True
    _exporting.system = system


def exporting() -> bool:
    """Whether spans are made at all."""
    return _exporting.on


def current_traceparent() -> str | None:
    """The current span, or where none is made the request's own, as a traceparent."""
    if not _exporting.on:
        return _requested.get()
    at = trace.get_current_span().get_span_context()
    if not at.is_valid:
        return None
    return f"00-{at.trace_id:032x}-{at.span_id:016x}-{at.trace_flags:02x}"


def untraced() -> str:
    """A traceparent for what is asked again and again, and whose traces would bury all others:
    not sampled."""
    return _new("00")


def _new(flags: str) -> str:
    # One draw for both ids: each is a call to the kernel.
    drawn = secrets.token_hex(24)
    return f"00-{drawn[:32]}-{drawn[32:]}-{flags}"


def current_trace_id() -> str | None:
    """The id of the trace that the work belongs to."""
    return Trace(current_traceparent()).trace_id


def trace_id_of(body: str) -> str | None:
    """The trace id that an event carries."""
    found = _IN_EVENT.search(body)
    return found.group(2) if found else None


def failed(reason: str) -> None:
    """Mark the current span as failed; `reason` is a code."""
    if _exporting.on:
        _fail(trace.get_current_span(), reason)


def handling(
    consumer: str, kind: str, body: str, partition: int = 0, position: int = 0
) -> AbstractContextManager[Trace | Carried]:
    """The span of one consumer's work on one event: a child of the event's own."""
    carried = Carried(body)
    if not _exporting.on:
        return nullcontext(carried)
    attributes: dict[str, str | int] = {
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": DESTINATION,
        "messaging.consumer.group.name": consumer,
        "cloudevents.event_type": kind,
    }
    if _exporting.system:
        attributes["messaging.system"] = _exporting.system
        attributes["messaging.destination.partition.id"] = str(partition)
        # A position is the offset after the record.
        attributes["messaging.kafka.offset"] = position - 1
    if identity := _ID_IN_EVENT.search(body):
        attributes["messaging.message.id"] = identity.group(1)
    name = f"process {kind.removeprefix('uk.frontdoor.')}"
    return _processing(name, carried.traceparent, attributes)


@contextmanager
def _processing(
    name: str, traceparent: str | None, attributes: Mapping[str, str | int]
) -> Iterator[Trace]:
    with _span(name, SpanKind.CONSUMER, traceparent, attributes):
        yield Trace(current_traceparent())


@contextmanager
def request(method: str, scheme: str, traceparent: str | None) -> Iterator[Requested]:
    """The span of an HTTP request. Without an exporter the request still has an id, so that its
    events, and a problem that it is told of, can be found in the logs."""
    known = traceparent if traceparent and _WHOLE.fullmatch(traceparent) else None
    if not _exporting.on:
        made = known or _new("01")
        token = _requested.set(made)
        try:
            yield Requested(method, None)
        finally:
            _requested.reset(token)
        return
    attributes = {"http.request.method": method, "url.scheme": scheme}
    with _span(method, SpanKind.SERVER, known, attributes) as span:
        yield Requested(method, span)


@contextmanager
def sending(name: str, traceparent: str | None, attributes: Mapping[str, str]) -> Iterator[None]:
    """The span of work on behalf of an earlier event, such as sending its message. `attributes`
    are codes."""
    if not _exporting.on:
        yield
        return
    with _span(name, SpanKind.CLIENT, traceparent, attributes):
        yield


@contextmanager
def due(service: str, earlier: Sequence[str]) -> Iterator[Trace]:
    """The span of what a service does because its time has come: a trace of its own, as no reader of
    traces can show one that goes on for weeks, linked to those of the `earlier` events (their
    traceparents)."""
    if not _exporting.on:
        yield Trace(_new("01"))
        return
    with _span(f"due {service}", SpanKind.INTERNAL, None, {}, _links(earlier)):
        yield Trace(current_traceparent())


@contextmanager
def publishing(
    destination: str, client: str, traceparents: Sequence[str], count: int
) -> Iterator[None]:
    """The span of sending a batch of events: a trace of its own, linked to those of its events."""
    if not _exporting.on:
        yield
        return
    attributes: dict[str, str | int] = {
        "messaging.system": "kafka",
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
        "messaging.destination.name": destination,
        "messaging.client.id": client,
        "messaging.batch.message_count": count,
    }
    links = _links(traceparents)
    with _span(f"send {destination}", SpanKind.PRODUCER, None, attributes, links):
        yield


def _links(traceparents: Sequence[str]) -> list[Link]:
    return [
        Link(trace.get_current_span(_propagator.extract({"traceparent": one})).get_span_context())
        for one in traceparents
    ]


@contextmanager
def _span(
    name: str,
    kind: SpanKind,
    traceparent: str | None,
    attributes: Mapping[str, str | int],
    links: Sequence[Link] = (),
) -> Iterator[Span]:
    parent = _propagator.extract({"traceparent": traceparent} if traceparent else {})
    with trace.get_tracer("frontdoor").start_as_current_span(
        name,
        context=parent,
        kind=kind,
        attributes=attributes,
        links=links,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except Exception as fault:
            _fail(span, type(fault).__name__)
            raise


def _fail(span: Span, reason: str) -> None:
    span.set_attribute("error.type", reason)
    span.set_status(StatusCode.ERROR)
