"""Logs: what operators need passes; names, stories and messages of faults do not."""

import asyncio
import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from chassis.telemetry import logs, traces

REFERRAL = UUID("018f0000-0000-7000-8000-000000000001")
STORY = "Sam Sampleton hides under the table"


@pytest.fixture
def lines() -> Iterator[Any]:
    root = logging.getLogger()
    before, level, hooks = list(root.handlers), root.level, (sys.excepthook, threading.excepthook)
    logs.configure(json=True, environment="test")
    out = io.StringIO()
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(out)

    def read() -> list[dict[str, Any]]:
        return [json.loads(line) for line in out.getvalue().splitlines()]

    yield read
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    logging.raiseExceptions = True
    sys.excepthook, threading.excepthook = hooks


def test_known_fields_pass(lines: Any) -> None:
    logs.get_logger("house").warning(
        "event_parked",
        loop="intake consumer",
        referral_id=REFERRAL,
        reason="unknown_child",
        count=3,
        type="a.b.v1",
    )
    (line,) = lines()
    assert line["event"] == "event_parked"
    assert line["level"] == "warning"
    assert line["referral_id"] == str(REFERRAL)
    assert (line["reason"], line["count"], line["type"]) == ("unknown_child", 3, "a.b.v1")
    assert line["loop"] == "intake consumer"
    assert line["environment"] == "test"


def test_unknown_fields_and_sentences_are_dropped_and_counted(lines: Any) -> None:
    logs.get_logger("house").info(
        "seen", child="Sam", reason=STORY, code={"name": "Sam"}, host=["Sam"], kind=b"Sam"
    )
    (line,) = lines()
    assert "Sam" not in json.dumps(line)
    assert line["dropped"] == 5


def test_a_sentence_is_no_event(lines: Any) -> None:
    logs.get_logger("house").info(f"saw {STORY}")
    (line,) = lines()
    assert "Sam" not in json.dumps(line)
    assert line["event"] == "unnamed"


def test_of_a_fault_only_type_and_place_are_kept(lines: Any) -> None:
    try:
        raise ValueError(STORY)  # noqa: TRY301
    except ValueError as fault:
        logs.get_logger("house").exception("event_fault")
        logs.get_logger("house").error("event_fault", exc_info=fault)
    first, second = lines()
    for line in (first, second):
        assert "Sam" not in json.dumps(line)
        assert line["fault"] == "ValueError"
        assert line["place"].startswith("chassis/test_logs.py:")


def test_a_librarys_arguments_are_not_kept(lines: Any) -> None:
    logging.getLogger("mailer").warning("refused by %s for %s", "sam@home.example", STORY)
    (line,) = lines()
    assert line["event"] == "refused by %s for %s"
    assert "am@" not in json.dumps(line)


def test_a_librarys_finished_sentence_is_not_kept(lines: Any) -> None:
    logging.getLogger("mailer").warning(f"refused: {STORY}")  # noqa: G004
    (line,) = lines()
    assert line["event"] == "library_line"
    assert line["place"].startswith("chassis/test_logs.py:")
    assert "Sam" not in json.dumps(line)


def test_a_lost_task_shows_its_fault_without_its_message(lines: Any) -> None:
    async def lose() -> None:
        async def fail() -> None:
            raise ValueError(STORY)

        task = asyncio.create_task(fail())
        await asyncio.wait([task])
        del task

    asyncio.run(lose())
    found = [line for line in lines() if line["logger"] == "asyncio"]
    assert [line["event"] for line in found] == ["Task exception was never retrieved"]
    assert found[0]["fault"] == "ValueError"
    assert "Sam" not in json.dumps(found)


def test_a_warning_is_kept_without_its_words(lines: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn(STORY, stacklevel=1)
    assert "Sam" not in json.dumps(lines())


def test_access_lines_with_their_urls_are_not_kept(lines: Any) -> None:
    logging.getLogger("uvicorn.access").info(
        '%s - "%s %s HTTP/%s" %d', "192.0.2.1:5", "GET", "/v1/referrals?q=Sam", "1.1", 200
    )
    assert lines() == []


def test_lines_of_a_request_carry_its_trace_id(lines: Any) -> None:
    with traces.request("GET", "http", "00-" + "a" * 32 + "-" + "b" * 16 + "-01"):
        logs.get_logger("house").info("seen")
    (line,) = lines()
    assert line["trace_id"] == "a" * 32
