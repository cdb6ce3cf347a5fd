"""Errors over HTTP: RFC 9457 problem details. What was sent is never repeated in one."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import Scope

from chassis.database import DatabaseAway
from chassis.errors import DomainError, FieldError, InvalidInput, Unauthorised
from chassis.identity.oauth import OAuthRefusal
from chassis.telemetry import logs, traces

MEDIA_TYPE = "application/problem+json"
TYPE = "https://frontdoor.example/problems/"
TITLES = {
    400: "The request cannot be read",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Not how this is called",
    406: "Not a kind of content that this gives",
    409: "Not possible as things stand",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Not a kind of content that this reads",
    422: "Something in the request is wrong",
    429: "Too many requests",
    500: "A fault of ours",
    503: "Away for the moment",
}
CODES = {400: "unreadable", 404: "not_found", 405: "method_not_allowed"}

SCHEMA = {
    "type": "object",
    "description": "An error (RFC 9457). `code` is stable; the words may change.",
    "required": ["type", "title", "status", "code", "detail", "errors", "trace_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "A JSON pointer (RFC 6901) into what was sent.",
                    },
                    "detail": {"type": "string"},
                },
            },
        },
        "trace_id": {
            "type": ["string", "null"],
            "description": "Under this the operators find the request.",
        },
    },
}
_PROBLEM: dict[str, Any] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "Refused, with the reason", "content": _PROBLEM},
    "503": {"description": "Away for the moment; try again", "content": _PROBLEM},
}

# Signs that PostgreSQL went away while it was spoken to past `Database`.
AWAY = (
    ConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)

_FIELD = re.compile(r"[a-z][a-z0-9_]{0,63}")

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
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    if isinstance(error, Unauthorised):
        known = "" if error.code == "token_missing" else ', error="invalid_token"'
        headers["WWW-Authenticate"] = f'Bearer realm="frontdoor"{known}'
    return problem(error.status, error.code, error.detail, errors=error.errors, headers=headers)


def of_fault(fault: Exception, route: str) -> JSONResponse:
    """The problem for what nobody foresaw, or 503 where the database is away."""
    if isinstance(fault, AWAY):
        log.warning("database_away", route=route, exc_info=fault)
        return of(DatabaseAway())
    log.error("request_fault", route=route, exc_info=fault)
    return problem(
        500, "fault", "Something went wrong on our side. It was logged under the trace id."
    )


def install(app: FastAPI) -> None:
    """Answer every error of `app` as a problem, and say so in its OpenAPI document."""

    @app.exception_handler(DomainError)
    async def refused(request: Request, error: DomainError) -> JSONResponse:
        _note(request, error.status, error.code)
        return of(error)

    @app.exception_handler(OAuthRefusal)
    async def no_token(request: Request, error: OAuthRefusal) -> JSONResponse:
        _note(request, error.status, error.error)
        headers = {"Cache-Control": "no-store"}
        if error.challenge:
            headers["WWW-Authenticate"] = 'Basic realm="frontdoor"'
        content = {"error": error.error, "error_description": error.description}
        return JSONResponse(content, error.status, headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        found = error.errors()
        if any(one["type"] == "json_invalid" for one in found):
            _note(request, 400, "malformed_json")
            return problem(400, "malformed_json", "The body is not JSON.")
        _note(request, 422, "invalid_request")
        errors = tuple(dict.fromkeys(_field_error(one) for one in found))
        return of(InvalidInput("invalid_request", "Some fields are wrong.", errors=errors))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        code = CODES.get(error.status_code, "refused")
        _note(request, error.status_code, code)
        title = TITLES.get(error.status_code, "Error")
        return problem(error.status_code, code, title + ".", headers=error.headers)

    describe(app)


def describe(app: FastAPI) -> None:
    """Say in the OpenAPI document of `app` what a problem is."""
    without = app.openapi

    def openapi() -> dict[str, Any]:
        document = without()
        document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = SCHEMA
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def route_of(scope: Scope) -> str:
    """The route's template, never the path: a path holds ids."""
    return getattr(scope.get("route"), "path", "unmatched")


def _note(request: Request, status: int, code: str) -> None:
    log.info("request_refused", route=route_of(request.scope), status=status, code=code)


def _field_error(found: Mapping[str, Any]) -> FieldError:
    kind, location = found["type"], list(found["loc"])
    if location[:1] == ["body"]:
        location = location[1:]
    if kind == "extra_forbidden" and location and not _FIELD.fullmatch(str(location[-1])):
        # The name of a field that we don't know was written by the sender, and may be anything.
        location = location[:-1]
    # Pydantic names the branches of a union and its validators in brackets: no field of ours.
    parts = [str(part) for part in location if not {"[", "("} & set(str(part))]
    pointer = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)
    return FieldError(pointer, _words(kind, found["msg"]))


# What is wrong, without the value: the validator's own words may repeat it.
_WORDS = {
    "missing": "This is missing.",
    "extra_forbidden": "There is no such field.",
    "string_type": "Text is wanted here.",
    "string_unicode": "This holds characters that are not text.",
    "string_pattern_mismatch": "This is not of the form that is wanted here.",
    "value_error": "This is not of the form that is wanted here.",
}
_KINDS = (
    ("uuid_", "Not an id."),
    ("int_", "A whole number is wanted here."),
    ("float_", "A number is wanted here."),
    ("decimal_", "A number is wanted here."),
    ("bool_", "True or false is wanted here."),
    ("datetime_", "A time is wanted here, such as 2026-04-07T09:30:00Z."),
    ("timezone_", "A time with its zone is wanted here, such as 2026-04-07T09:30:00Z."),
    ("date_", "A date is wanted here, such as 2026-04-07."),
    ("model_", "An object is wanted here."),
    ("dict_", "An object is wanted here."),
    ("list_", "A list is wanted here."),
    ("tuple_", "A list is wanted here."),
    ("set_", "A list is wanted here."),
)
_SAFE_MESSAGES = frozenset(
    {
        "enum",
        "literal_error",
        "string_too_long",
        "string_too_short",
        "too_long",
        "too_short",
        "greater_than",
        "greater_than_equal",
        "less_than",
        "less_than_equal",
    }
)


def _words(kind: str, message: str) -> str:
    if kind in _WORDS:
        return _WORDS[kind]
    if kind in _SAFE_MESSAGES:
        return message + "."
    for start, words in _KINDS:
        if kind.startswith(start):
            return words
    return "This is not of the form that is wanted here."
