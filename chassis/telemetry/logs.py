"""Structured logs. Only known keys with plain values pass: what somebody adds under another name,
and any sentence, is dropped and counted, so that a name or a story can't reach a log by accident.
Of an exception the type and the place are kept, never the message; of a library's line the
template, never what was put into it."""

import logging
import re
import sys
import threading
import traceback
from collections.abc import MutableMapping
from enum import Enum
from types import TracebackType
from typing import Any
from uuid import UUID

import structlog

from chassis.telemetry import metrics, traces

ALLOWED = frozenset(
    {
        "event", "level", "logger", "timestamp", "environment", "trace_id", "service", "consumer",
        "loop", "type", "reason", "referral_id", "message_id", "clock", "count", "seconds",
        "status", "method", "route", "code", "fault", "place", "authority", "port", "host",
        "revision", "position", "attempt", "channel", "kind", "outcome", "version", "path",
        "processes", "signal", "dropped",
    }
)  # fmt: skip
TRUSTED = ("asyncio", "uvicorn", "aiokafka", "alembic")
"""Libraries whose lines without arguments are known to be fixed words."""

_PLAIN = re.compile(r"[\w./:{}+\-]{0,200}")

Entry = MutableMapping[str, Any]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def configure(*, json: bool, level: int = logging.INFO, environment: str | None = None) -> None:
    """Send all logs, ours and libraries', to standard output, with what ends the process."""
    render: Any = (
        structlog.processors.JSONRenderer(default=str) if json else structlog.dev.ConsoleRenderer()
    )
    label = [_label(environment)] if environment else []
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_library_line, *_SHARED],
            processors=[*label, structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
            use_get_message=False,
            pass_foreign_args=True,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        # Its access lines hold whole URLs; refusals and faults are logged by their route.
        logging.getLogger(name).propagate = name != "uvicorn.access"
    for name in ("alembic", "httpx2", "mail.log"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    # A line that can't be written would be printed whole.
    logging.raiseExceptions = False
    sys.excepthook = _ended
    threading.excepthook = _thread_ended


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger; its keyword arguments are kept if their names are allowed."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def place_of(fault: BaseException) -> str:
    """The file and line where a fault was raised."""
    frames = traceback.extract_tb(fault.__traceback__)
    return _place(frames[-1].filename, frames[-1].lineno) if frames else "unknown"


def _place(path: str, line: int | None) -> str:
    return f"{'/'.join(path.split('/')[-2:])}:{line}"


def _label(environment: str) -> Any:
    def label(_logger: Any, _method: str, entry: Entry) -> Entry:
        entry["environment"] = environment
        return entry

    return label


def _trace_id(_logger: Any, _method: str, entry: Entry) -> Entry:
    if "trace_id" not in entry and (trace_id := traces.current_trace_id()):
        entry["trace_id"] = trace_id
    return entry


def _fault(_logger: Any, _method: str, entry: Entry) -> Entry:
    info = entry.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if info and info[1] is not None:
        entry["fault"] = type(info[1]).__name__
        entry["place"] = place_of(info[1])
    return entry


def _library_line(_logger: Any, _method: str, entry: Entry) -> Entry:
    record: logging.LogRecord = entry["_record"]
    arguments = entry.pop("positional_args", None)
    if arguments or record.name.split(".")[0] in TRUSTED:
        # asyncio puts what failed, its message included, under its first line.
        entry["event"] = str(record.msg).partition("\n")[0]
    else:
        entry["event"] = "library_line"
        entry["place"] = _place(record.pathname, record.lineno)
    return entry


def _allowed_only(_logger: Any, _method: str, entry: Entry) -> Entry:
    dropped = [
        key
        for key, value in entry.items()
        if not key.startswith("_") and (key not in ALLOWED or not _plain(key, value, entry))
    ]
    for key in dropped:
        del entry[key]
    if dropped:
        entry["dropped"] = len(dropped)
        metrics.LOG_FIELDS_DROPPED.inc(len(dropped))
        entry.setdefault("event", "unnamed")
    return entry


def _plain(key: str, value: object, entry: Entry) -> bool:
    if value is None or isinstance(value, int | float | UUID):
        return True
    if isinstance(value, Enum):
        value = value.value
    if not isinstance(value, str):
        return False
    if key == "loop":
        value = value.replace(" ", "_")
    return bool(_PLAIN.fullmatch(value)) or (key == "event" and "_record" in entry)


def _ended(_kind: type[BaseException], fault: BaseException, _at: TracebackType | None) -> None:
    if isinstance(fault, KeyboardInterrupt):
        return
    get_logger(__name__).critical("process_fault", exc_info=fault)


def _thread_ended(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None:
        get_logger(__name__).critical("thread_fault", exc_info=ended.exc_value)


_SHARED: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _trace_id,
    _fault,
    _allowed_only,
]

# Here and not in `configure`: a command or a test that never configures logs must not leak either.
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_SHARED,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
