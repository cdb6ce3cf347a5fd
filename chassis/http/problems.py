"""Errors over HTTP: RFC 9457 problem details. What was sent is never repeated in one."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from chassis.database import DatabaseAway
from chassis.database.pool import AWAY
from chassis.errors import DomainError, FieldError, InvalidInput, Unauthorised, Unavailable
from chassis.telemetry import logs, traces

MEDIA_TYPE = "application/problem+json"
TYPE = "https://frontdoor.example/problems/"
TITLES = {
    400: "The request cannot be read",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Not how this is called",
    409: "Not possible as things stand",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Not a kind of content that this reads",
    422: "Something in the request is wrong",
    428: "Say which version you saw",
    429: "Too many requests",
    500: "A fault of ours",
    503: "Away for the moment",
}

log = logs.get_logger(__name__)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """One problem, with a pointer to each field that is wrong."""
    traceparent = traces.current_traceparent()
    content: dict[str, Any] = {
        "type": TYPE + code,
        "title": TITLES.get(status, "Error"),
        "status": status,
        "code": code,
        "detail": detail,
        "errors": [{"pointer": one.pointer, "detail": one.detail} for one in errors],
        "trace_id": traceparent.split("-")[1] if traceparent else None,
    }
    return JSONResponse(content, status, dict(headers or {}), MEDIA_TYPE)


def of(error: DomainError) -> JSONResponse:
    """The problem that a refusal is told as."""
    headers: dict[str, str] = {}
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, Unauthorised):
        headers["WWW-Authenticate"] = 'Bearer realm="frontdoor"'
    return problem(error.status, error.code, error.detail, errors=error.errors, headers=headers)


def install(app: FastAPI) -> None:
    """Answer every error of `app` as a problem."""

    @app.exception_handler(DomainError)
    async def refused(_request: Request, error: DomainError) -> JSONResponse:
        return of(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        found = error.errors()
        if any(one["type"] == "json_invalid" for one in found):
            return problem(400, "malformed_json", "The body is not JSON.")
        errors = [
            FieldError(_pointer(one["loc"]), _words(one["type"], one["msg"])) for one in found
        ]
        return of(InvalidInput("invalid_request", "Some fields are wrong.", errors=errors))

    @app.exception_handler(HTTPException)
    async def http(_request: Request, error: HTTPException) -> JSONResponse:
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "refused")
        title = TITLES.get(error.status_code, "Error")
        return problem(error.status_code, code, title + ".", headers=error.headers)


def of_fault(fault: Exception, route: str) -> JSONResponse:
    """The problem for what nobody foresaw, or 503 where the database is away."""
    if isinstance(fault, AWAY) or isinstance(fault, asyncpg.CannotConnectNowError):
        return of(DatabaseAway())
    log.exception("request_fault", route=route)
    return problem(
        500, "fault", "Something went wrong on our side. It was logged under the trace id."
    )


def _pointer(location: Sequence[int | str]) -> str:
    parts = [str(part) for part in location if part != "body"]
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _words(kind: str, message: str) -> str:
    """What is wrong, without the value: some messages of the validator repeat it."""
    known = {
        "missing": "This is missing.",
        "extra_forbidden": "There is no such field.",
        "uuid_parsing": "Not an id.",
        "uuid_type": "Not an id.",
        "string_type": "Text is wanted here.",
        "int_parsing": "A whole number is wanted here.",
        "bool_parsing": "True or false is wanted here.",
        "bool_type": "True or false is wanted here.",
        "date_from_datetime_parsing": "A date is wanted here, such as 2026-04-07.",
        "date_parsing": "A date is wanted here, such as 2026-04-07.",
        "date_type": "A date is wanted here, such as 2026-04-07.",
        "model_attributes_type": "An object is wanted here.",
        "tuple_type": "A list is wanted here.",
        "list_type": "A list is wanted here.",
    }
    if kind in known:
        return known[kind]
    if kind in {"enum", "literal_error", "string_too_long", "string_too_short", "too_long",
                "too_short", "greater_than_equal", "less_than_equal"}:  # fmt: skip
        return message + "."
    return "This is not of the form that is wanted here."
