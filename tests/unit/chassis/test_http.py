"""HTTP's manners: every error a problem that repeats nothing, limits, headers, probes."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
import httpx2
import pytest
from fastapi import APIRouter, Depends, Query, Request
from prometheus_client import REGISTRY
from pydantic import BaseModel, ConfigDict, Field, field_validator

from chassis.errors import DomainError, FieldError, InvalidInput, Unavailable
from chassis.http import create_app, documented, health
from chassis.identity import (
    Caller,
    OAuthRefusal,
    SigningKey,
    TooManyGuesses,
    Verifier,
    issue,
    partner,
    person_or_partner,
    service,
    service_token,
    staff,
)
from chassis.settings import Settings

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KEY = SigningKey.derived(b"an installation's secret, 32 byte")
SECRET = "Sam Sampleton"
LIMIT = 2_000


def token(kind: Literal["partner", "staff"], name: str = "one", **more: Any) -> dict[str, str]:
    caller = Caller(kind=kind, id=UUID(int=1), name=name, **more)
    return {"Authorization": f"Bearer {issue(KEY, caller, NOON, 600)}"}


class Child(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=50)
    born: date | None = None
    sex: Literal["F", "M"] = "F"
    age: int | str | None = None
    email: str = ""

    @field_validator("email")
    @classmethod
    def at(cls, value: str) -> str:
        if value and "@" not in value:
            raise ValueError(f"{value} is no address")
        return value


class Family(BaseModel):
    model_config = ConfigDict(extra="forbid")

    children: list[Child]
    ids: list[UUID] = []


def routes() -> APIRouter:
    made = APIRouter()

    @made.post("/v1/families")
    async def families(body: Family) -> Mapping[str, int]:
        return {"children": len(body.children)}

    @made.post("/v1/raw")
    async def raw(request: Request) -> Mapping[str, int]:
        return {"bytes": len(await request.body())}

    @made.get("/v1/things/{thing_id}")
    async def thing(thing_id: UUID, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> UUID:
        del limit
        return thing_id

    @made.get("/v1/refused/{kind}")
    async def refused(kind: str) -> None:
        faults: dict[str, Exception] = {
            "conflict": DomainError("decided_already", "It was decided already."),
            "invalid": InvalidInput(
                "no_clause", "Name one.", errors=[FieldError("/clauses", "Name one.")]
            ),
            "away": Unavailable("database_away", "Try again.", retry_after=7),
            "guesses": TooManyGuesses(),
            "oauth": OAuthRefusal("invalid_client", "No.", challenge=True),
            "fault": ValueError(SECRET),
            "lost": asyncpg.ConnectionDoesNotExistError(SECRET),
            "reset": ConnectionResetError(SECRET),
        }
        raise faults[kind]

    @made.get("/v1/staff")
    async def for_staff(caller: Annotated[Caller, Depends(staff("manager"))]) -> str:
        return caller.name

    @made.get("/v1/partners")
    async def for_partners(caller: Annotated[Caller, Depends(partner("referral.read"))]) -> str:
        return caller.name

    @made.get("/v1/both")
    async def for_both(
        caller: Annotated[Caller, Depends(person_or_partner("referral.read", "manager"))],
    ) -> str:
        return caller.kind

    @made.get("/internal/v1/ours")
    async def ours(caller: Annotated[Caller, Depends(service())]) -> str:
        return str(caller.on_behalf_of)

    return made


async def well() -> Mapping[str, Any]:
    return {"ok": True, "position": 7}


async def broken() -> Mapping[str, Any]:
    raise OSError(SECRET)


def client(
    checks: Mapping[str, health.Check] | None = None, per_minute: int = 1_000
) -> httpx2.AsyncClient:
    app = create_app(
        "test",
        [routes(), health.router(checks or {"database": well})],
        settings=Settings(body_limit=LIMIT, requests_per_minute=per_minute),
        verifier=Verifier(KEY.public(), lambda: NOON),
    )
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test")


async def answer(method: str, path: str, **more: Any) -> httpx2.Response:
    async with client() as http:
        return await http.request(method, path, **more)


def problem(response: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = response.json()
    assert found["status"] == status
    assert found["code"] == code
    assert found["type"].endswith(f"/{code}")
    assert found["title"]
    assert found["detail"]
    assert re.fullmatch("[0-9a-f]{32}", found["trace_id"])
    assert SECRET not in response.text
    return found


def pointers(found: Mapping[str, Any]) -> set[str]:
    return {one["pointer"] for one in found["errors"]}


async def test_what_is_right_is_answered() -> None:
    response = await answer("POST", "/v1/families", json={"children": [{"name": SECRET}]})
    assert response.status_code == 200
    assert response.json() == {"children": 1}


async def test_each_wrong_field_is_pointed_at_and_none_is_repeated() -> None:
    body = {
        "children": [
            {"name": [SECRET], "born": SECRET, "sex": SECRET},
            {"name": SECRET * 10, "email": SECRET},
            {"name": "x", "age": {"years": SECRET}},
            {},
        ],
        "ids": [SECRET],
    }
    found = problem(await answer("POST", "/v1/families", json=body), 422, "invalid_request")
    assert pointers(found) == {
        "/children/0/name",
        "/children/0/born",
        "/children/0/sex",
        "/children/1/name",
        "/children/1/email",
        "/children/2/age/int",
        "/children/2/age/str",
        "/children/3/name",
        "/ids/0",
    }


async def test_the_name_of_an_unknown_field_is_repeated_only_where_it_looks_like_one() -> None:
    body = {"children": [], "colour": 1, SECRET: 2}
    found = problem(await answer("POST", "/v1/families", json=body), 422, "invalid_request")
    assert pointers(found) == {"/colour", ""}


async def test_a_field_called_body_keeps_its_name() -> None:
    found = problem(
        await answer("POST", "/v1/families", json={"children": [], "body": 1}),
        422,
        "invalid_request",
    )
    assert pointers(found) == {"/body"}


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b'{"children": [}',
        b"\xff\xfe",
        b'{"children": "\xe9"}',
        b"[" * 1_900,
        b'{"children": 1' + b"0" * 1_000,
        SECRET.encode(),
    ],
)
async def test_malformed_json_is_refused(content: bytes) -> None:
    response = await answer(
        "POST", "/v1/families", content=content, headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 400
    problem(response, 400, response.json()["code"])


async def test_wrong_parameters_are_pointed_at() -> None:
    found = problem(await answer("GET", f"/v1/things/{SECRET}?limit=900"), 422, "invalid_request")
    assert pointers(found) == {"/path/thing_id", "/query/limit"}


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("conflict", 409, "decided_already"),
        ("invalid", 422, "no_clause"),
        ("away", 503, "database_away"),
        ("lost", 503, "database_away"),
        ("reset", 503, "database_away"),
        ("guesses", 429, "too_many_guesses"),
        ("fault", 500, "fault"),
    ],
)
async def test_every_error_is_a_problem(kind: str, status: int, code: str) -> None:
    response = await answer("GET", f"/v1/refused/{kind}")
    found = problem(response, status, code)
    if status in {429, 503}:
        assert int(response.headers["retry-after"]) > 0
    if kind == "invalid":
        assert pointers(found) == {"/clauses"}


async def test_a_refused_token_request_speaks_oauth() -> None:
    response = await answer("GET", "/v1/refused/oauth")
    assert response.status_code == 401
    assert response.json() == {"error": "invalid_client", "error_description": "No."}
    assert response.headers["www-authenticate"].startswith("Basic ")
    assert response.headers["cache-control"] == "no-store"


async def test_unknown_paths_and_methods_are_problems() -> None:
    problem(await answer("GET", f"/v1/{SECRET}"), 404, "not_found")
    response = await answer("DELETE", "/v1/families")
    problem(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "POST"


async def test_the_callers_trace_goes_on() -> None:
    response = await answer(
        "GET", "/nowhere", headers={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    )
    assert response.json()["trace_id"] == "a" * 32


@pytest.mark.parametrize("traceparent", ["", "x", f"00-{'0' * 32}-{'b' * 16}-01", SECRET])
async def test_a_bad_traceparent_starts_a_new_trace(traceparent: str) -> None:
    response = await answer("GET", "/nowhere", headers={"traceparent": traceparent})
    found = problem(response, 404, "not_found")
    assert found["trace_id"] != "0" * 32


# --- who ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}]
)
async def test_no_token_is_401(header: dict[str, str]) -> None:
    response = await answer("GET", "/v1/staff", headers=header)
    problem(response, 401, "token_missing")
    assert response.headers["www-authenticate"] == 'Bearer realm="frontdoor"'


async def test_a_bad_token_is_401_and_says_so() -> None:
    response = await answer("GET", "/v1/staff", headers={"Authorization": "Bearer x.y.z"})
    problem(response, 401, "invalid_token")
    assert 'error="invalid_token"' in response.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("path", "headers", "code"),
    [
        ("/v1/staff", token("partner"), "wrong_kind_of_caller"),
        ("/v1/staff", token("staff", roles=frozenset({"analyst"})), "role_needed"),
        ("/v1/partners", token("staff", roles=frozenset({"manager"})), "wrong_kind_of_caller"),
        ("/v1/partners", token("partner"), "scope_needed"),
        ("/v1/both", token("partner"), "scope_needed"),
        ("/v1/both", token("staff"), "role_needed"),
        ("/internal/v1/ours", token("staff"), "wrong_kind_of_caller"),
        ("/internal/v1/ours", token("partner"), "wrong_kind_of_caller"),
    ],
)
async def test_the_wrong_caller_is_403(path: str, headers: dict[str, str], code: str) -> None:
    problem(await answer("GET", path, headers=headers), 403, code)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/v1/staff", token("staff", roles=frozenset({"manager", "duty"}))),
        ("/v1/partners", token("partner", scopes=frozenset({"referral.read"}))),
        ("/v1/both", token("partner", scopes=frozenset({"referral.read"}))),
        ("/v1/both", token("staff", roles=frozenset({"manager"}))),
        ("/internal/v1/ours",
         {"Authorization": f"bearer {service_token(KEY, 'console', NOON, UUID(int=9))}"}),
    ],
)  # fmt: skip
async def test_the_right_caller_is_let_in(path: str, headers: dict[str, str]) -> None:
    assert (await answer("GET", path, headers=headers)).status_code == 200


# --- limits -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/families", "/v1/raw"])
async def test_a_body_over_the_limit_is_413(path: str) -> None:
    response = await answer("POST", path, content=b"x" * (LIMIT + 1))
    problem(response, 413, "body_too_large")


@pytest.mark.parametrize("path", ["/v1/families", "/v1/raw"])
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
async def test_a_body_that_hides_its_size_is_413(path: str, kind: str) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(LIMIT):
            yield b"[[[["

    response = await answer("POST", path, content=parts(), headers={"Content-Type": kind})
    problem(response, 413, "body_too_large")
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_a_body_at_the_limit_is_taken() -> None:
    response = await answer("POST", "/v1/raw", content=b"x" * LIMIT)
    assert response.json() == {"bytes": LIMIT}


async def test_who_asks_too_often_waits_and_others_do_not() -> None:
    one, two = (token("partner", name, scopes=frozenset({"referral.read"})) for name in "ab")
    async with client(per_minute=3) as http:
        for _ in range(3):
            assert (await http.get("/v1/partners", headers=one)).status_code == 200
        late = await http.get("/v1/partners", headers=one)
        problem(late, 429, "too_many_requests")
        assert 1 <= int(late.headers["retry-after"]) <= 60
        assert (await http.get("/v1/partners", headers=two)).status_code == 200


async def test_without_a_good_token_the_address_is_counted() -> None:
    async with client(per_minute=2) as http:
        for number in range(2):
            headers = {"Authorization": f"Bearer guess{number}"}
            assert (await http.get("/v1/staff", headers=headers)).status_code == 401
        assert (await http.get("/v1/staff")).status_code == 429
        assert (await http.get("/livez")).status_code == 200


async def test_the_houses_own_services_are_not_counted() -> None:
    ours = {"Authorization": f"Bearer {service_token(KEY, 'console', NOON)}"}
    async with client(per_minute=1) as http:
        for _ in range(5):
            assert (await http.get("/internal/v1/ours", headers=ours)).status_code == 200


# --- headers, probes, metrics, documentation ----------------------------------------------------


async def test_data_is_not_kept_by_browsers() -> None:
    for path in ("/v1/refused/conflict", f"/v1/things/{UUID(int=5)}", "/nowhere"):
        headers = (await answer("GET", path)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]


async def test_tls_is_asked_for_where_there_is_tls() -> None:
    assert "strict-transport-security" not in (await answer("GET", "/nowhere")).headers
    secure = await answer("GET", "https://test/nowhere")
    assert "strict-transport-security" in secure.headers


async def test_readiness_names_what_is_missing() -> None:
    async with client({"database": well, "mail": broken}) as http:
        ready = await http.get("/readyz")
        assert ready.status_code == 503
        assert ready.json() == {
            "ready": False,
            "checks": {
                "database": {"ok": True, "position": 7},
                "mail": {"ok": False, "reason": "OSError"},
            },
        }
        assert (await http.get("/livez")).status_code == 200


async def test_a_check_that_hangs_is_a_failed_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CHECK_SECONDS", 0.01)

    async def hangs() -> Mapping[str, Any]:
        await asyncio.Event().wait()
        return {"ok": True}

    async with client({"database": hangs}) as http:
        assert (await http.get("/readyz")).json()["checks"]["database"]["ok"] is False


async def test_metrics_know_routes_and_no_ids() -> None:
    labels = {"method": "GET", "route": "/v1/things/{thing_id}", "status": "200"}
    before = REGISTRY.get_sample_value("http_requests_total", labels) or 0
    async with client() as http:
        thing = UUID(int=77)
        await http.get(f"/v1/things/{thing}")
        await http.request("SAMPLETON", f"/v1/{SECRET}")
        text = (await http.get("/metrics")).text
    assert REGISTRY.get_sample_value("http_requests_total", labels) == before + 1
    assert 'method="other",route="unmatched"' in text
    assert str(thing) not in text
    assert "ampleton" not in text.lower()


def schemas(document: Mapping[str, Any]) -> Iterable[str]:
    return re.findall(r'"\$ref": "([^"]*)"', json.dumps(document))


def test_the_api_document_tells_of_problems_and_tokens() -> None:
    document = documented("test", [routes()]).openapi()
    refused = document["paths"]["/v1/families"]["post"]["responses"]["4XX"]
    assert "application/problem+json" in refused["content"]
    assert "HTTPValidationError" not in json.dumps(document)
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(schemas(document)) <= known


async def test_options_and_head_do_no_harm() -> None:
    assert (await answer("OPTIONS", "/v1/families")).status_code == 405
    assert (await answer("HEAD", "/nowhere")).status_code == 404
