"""Structured logs. Only known keys pass: a value that somebody adds under another name is
dropped, so that a name or a story can't reach a log by accident. Of an exception the type and the
place are kept, never the message."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog
from opentelemetry import trace

ALLOWED = frozenset(
    {
        "event", "level", "logger", "timestamp", "trace_id", "span_id", "service", "consumer",
        "loop", "type", "reason", "referral_id", "message_id", "clock", "count", "seconds",
        "status", "method", "route", "code", "fault", "place", "authority", "port", "host",
        "revision", "position", "attempt", "channel", "kind", "outcome", "version", "path",
        "processes", "signal", "dropped",
    }
)  # fmt: skip

Entry = MutableMapping[str, Any]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def configure(*, json: bool, level: int = logging.INFO) -> None:
    """Send all logs, ours and libraries', to standard output."""
    render: Any = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer()
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _trace_ids,
        _fault,
        _allowed_only,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_library_line, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = name != "uvicorn.access"
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger; its keyword arguments are kept if their names are allowed."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def place_of(fault: BaseException) -> str:
    """The module and line where a fault was raised."""
    frames = traceback.extract_tb(fault.__traceback__)
    return f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else "unknown"


def _trace_ids(_logger: Any, _method: str, entry: Entry) -> Entry:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        entry.setdefault("trace_id", f"{context.trace_id:032x}")
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
    """A library's line: its arguments may hold anything, so a warning or worse is kept by its
    template alone."""
    record: logging.LogRecord | None = entry.get("_record")
    if record is not None and record.args and not record.name.startswith("uvicorn"):
        entry["event"] = record.msg
    return entry


def _allowed_only(_logger: Any, _method: str, entry: Entry) -> Entry:
    dropped = [key for key in entry if key not in ALLOWED and not key.startswith("_")]
    for key in dropped:
        del entry[key]
    if dropped:
        entry["dropped"] = len(dropped)
    return entry
