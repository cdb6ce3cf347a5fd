"""One post is one trace: through every event that follows from it to the message that answers."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis.telemetry import traces
from tests.journey.living import Living

ASKED = "5eed" * 8


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(traces, "_exporting", traces._Exporting())
    traces.configure("test", processor=SimpleSpanProcessor(exporter))
    yield exporter
    exporter.shutdown()


async def test_a_post_its_events_and_its_message_are_one_trace(
    home: Living, spans: InMemorySpanExporter
) -> None:
    school = await home.partner()
    told = await home.refer(school, traceparent=f"00-{ASKED}-{'b' * 16}-01")
    await home.sent(told["id"], "acknowledgement", home.staff())
    await home.settled()

    events = home.events(told["id"])
    kinds = {event["type"].removeprefix("uk.frontdoor.") for event in events}
    assert kinds >= {
        "referral.submitted.v1",
        "triage.rated.v1",
        "clock.started.v1",
        "message.queued.v1",
        "message.sent.v1",
    }
    assert {event["traceparent"].split("-")[1] for event in events} == {ASKED}
    ids = {event["id"] for event in events}
    assert {one["causationid"] for one in events if one.get("causationid")} <= ids

    names = {
        span.name for span in spans.get_finished_spans() if f"{span.context.trace_id:032x}" == ASKED
    }
    assert "POST /v1/referrals" in names
    assert {
        "process referral.submitted.v1",
        "process triage.rated.v1",
        "process clock.started.v1",
    } <= names
    assert any(name.startswith("send") for name in names), names


async def test_events_are_traced_where_nothing_exports(home: Living) -> None:
    school = await home.partner()
    told = await home.refer(school, traceparent=f"00-{ASKED}-{'b' * 16}-01")
    await home.sent(told["id"], "acknowledgement", home.staff())
    await home.settled()
    assert {one["traceparent"].split("-")[1] for one in home.events(told["id"])} == {ASKED}


async def test_a_decision_begins_a_trace_that_its_answer_ends(home: Living) -> None:
    school = await home.partner()
    practitioner = home.staff()
    told = await home.refer(school)
    case = await home.rated(told["id"], practitioner)
    await home.decide(case, {**practitioner, "traceparent": f"00-{ASKED}-{'b' * 16}-01"})
    await home.sent(told["id"], "decision", practitioner)
    await home.settled()
    mine = {
        (event["type"].removeprefix("uk.frontdoor."), event["data"].get("kind"))
        for event in home.events(told["id"])
        if event["traceparent"].split("-")[1] == ASKED
    }
    assert ("triage.decided.v1", None) in mine
    assert ("message.sent.v1", "decision") in mine


async def test_a_clock_that_fires_days_later_begins_a_trace_with_a_link_to_the_old(
    home: Living, spans: InMemorySpanExporter
) -> None:
    school = await home.partner()
    told = await home.refer(school, traceparent=f"00-{ASKED}-{'b' * 16}-01")
    await home.rated(told["id"], home.staff())
    await home.settled()
    home.clock.forward(timedelta(days=3))

    def fired() -> set[str]:
        return {
            event["traceparent"].split("-")[1]
            for event in home.events(told["id"])
            if event["type"] == "uk.frontdoor.clock.breached.v1"
        }

    async def look() -> set[str]:
        return fired()

    new = await home.until(look, bool)
    await home.settled()
    assert ASKED not in new
    linked = {
        f"{link.context.trace_id:032x}"
        for span in spans.get_finished_spans()
        if span.name == "due allocation" and f"{span.context.trace_id:032x}" in new
        for link in span.links
    }
    assert ASKED in linked
