"""Traces: a post, its events and its message are one trace, and hold no words."""

import json
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from chassis.telemetry import traces

STORY = "Sam Sampleton hides under the table"
PARENT = f"00-{'a' * 32}-{'b' * 16}-01"
EVENT_ID = "018f0000-0000-7000-8000-000000000007"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(traces, "_exporting", traces._Exporting())  # noqa: SLF001
    traces.configure("test", processor=SimpleSpanProcessor(exporter))
    yield exporter
    exporter.shutdown()


def event(traceparent: str | None) -> str:
    envelope = {"specversion": "1.0", "id": EVENT_ID, "data": {"id": STORY}}
    if traceparent:
        envelope["traceparent"] = traceparent
    return json.dumps(envelope, separators=(",", ":"))


def only(spans: InMemorySpanExporter) -> ReadableSpan:
    (span,) = spans.get_finished_spans()
    return span


def test_a_post_its_event_and_its_message_are_one_trace(spans: InMemorySpanExporter) -> None:
    with traces.request("POST", "https", PARENT) as requested:
        posted = traces.current_traceparent()
        requested.answered("/v1/referrals", 201)
    with traces.handling("triage", "uk.frontdoor.referral.submitted.v1", event(posted)) as trace:
        rated = trace.traceparent
    with traces.sending("send message", rated, {"channel": "email"}):
        pass
    found = spans.get_finished_spans()
    assert {f"{span.context.trace_id:032x}" for span in found} == {"a" * 32}
    assert [span.name for span in found] == [
        "POST /v1/referrals",
        "process referral.submitted.v1",
        "send message",
    ]
    assert [span.kind for span in found] == [SpanKind.SERVER, SpanKind.CONSUMER, SpanKind.CLIENT]
    assert f"{found[0].parent.span_id:016x}" == "b" * 16 if found[0].parent else False
    assert [span.parent.span_id for span in found[1:] if span.parent] == [
        span.context.span_id for span in found[:2]
    ]
    attributes = found[1].attributes or {}
    assert attributes["messaging.message.id"] == EVENT_ID
    assert attributes["messaging.operation.type"] == "process"


def test_a_fault_is_marked_without_its_message(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="Sam"), traces.sending("send message", PARENT, {}):
        raise ValueError(STORY)
    span = only(spans)
    assert span.status.status_code is StatusCode.ERROR
    assert (span.attributes or {})["error.type"] == "ValueError"
    assert "Sam" not in span.to_json()


def test_a_refusal_is_marked_by_its_code(spans: InMemorySpanExporter) -> None:
    with traces.handling("triage", "uk.frontdoor.x.v1", event(PARENT)):
        traces.failed("unknown_child")
    assert (only(spans).attributes or {})["error.type"] == "unknown_child"


def test_only_a_fault_of_ours_marks_a_request(spans: InMemorySpanExporter) -> None:
    for status in (404, 500):
        with traces.request("GET", "http", None) as requested:
            requested.answered("/v1/things/{id}", status)
    refused, faulty = spans.get_finished_spans()
    assert refused.status.status_code is StatusCode.UNSET
    assert faulty.status.status_code is StatusCode.ERROR
    assert (faulty.attributes or {})["http.response.status_code"] == 500


def test_without_an_exporter_the_trace_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "_exporting", traces._Exporting())  # noqa: SLF001
    with traces.request("POST", "http", PARENT):
        assert traces.current_traceparent() == PARENT
        assert traces.current_trace_id() == "a" * 32
    assert traces.current_traceparent() is None
    with traces.handling("triage", "x", event(PARENT)) as trace:
        assert trace.traceparent == PARENT
    with traces.handling("triage", "x", event(None)) as trace:
        assert trace.traceparent is None
        assert trace.trace_id is None
    assert traces.trace_id_of(event(PARENT)) == "a" * 32
    assert traces.trace_id_of(event(None)) is None


def test_each_request_without_a_trace_starts_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "_exporting", traces._Exporting())  # noqa: SLF001
    found = set()
    for _ in range(2):
        with traces.request("POST", "http", None):
            found.add(traces.current_trace_id())
    assert len(found) == 2
    assert None not in found


def test_a_batch_is_sent_in_a_trace_of_its_own_with_links_to_its_events(
    spans: InMemorySpanExporter,
) -> None:
    with traces.publishing("frontdoor.events", "frontdoor intake relay", [PARENT], 7):
        pass
    span = only(spans)
    assert (span.name, span.kind, span.parent) == (
        "send frontdoor.events",
        SpanKind.PRODUCER,
        None,
    )
    assert [f"{link.context.trace_id:032x}" for link in span.links] == ["a" * 32]
    attributes = span.attributes or {}
    assert attributes["messaging.system"] == "kafka"
    assert attributes["messaging.operation.type"] == "send"
    assert attributes["messaging.batch.message_count"] == 7
    assert not any("key" in name for name in attributes)


def test_work_on_a_record_says_which_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(traces, "_exporting", traces._Exporting())  # noqa: SLF001
    traces.configure("test", processor=SimpleSpanProcessor(exporter), system="kafka")
    with traces.handling("triage", "uk.frontdoor.referral.submitted.v1", event(PARENT), 3, 8):
        pass
    attributes = only(exporter).attributes or {}
    assert attributes["messaging.system"] == "kafka"
    assert attributes["messaging.destination.partition.id"] == "3"
    assert attributes["messaging.kafka.offset"] == 7
    exporter.shutdown()
