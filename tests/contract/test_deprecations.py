"""What will go says so, in time, in every answer."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from chassis.clock import system_clock
from chassis.http.middleware import AroundRequest
from chassis.identity import SigningKey, Verifier
from contracts.deprecations import deprecated, read

OPENAPI = Path(__file__).parents[2] / "contracts" / "openapi"
GOING: dict[str, Any] = {
    "method": "GET",
    "path": "/v1/old/{number}",
    "since": "2027-01-04T00:00:00Z",
    "until": "2027-09-01T01:00:00+01:00",
    "read": "https://frontdoor.example/partners#old",
}


def listed(*operations: dict[str, Any]) -> str:
    return yaml.safe_dump({"operations": list(operations)})


def answer(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("here", headers={"Link": '</next>; rel="next"'})


def client() -> TestClient:
    app = Starlette(routes=[Route("/v1/old/{number}", answer), Route("/v1/new/{number}", answer)])
    verifier = Verifier(SigningKey.derived(b"a secret of a test").public(), system_clock)
    around = AroundRequest(
        app, body_limit=1000, per_minute=100, verifier=verifier, deprecated=read(listed(GOING))
    )
    return TestClient(around)


def test_an_operation_that_will_go_says_so_and_no_other_does() -> None:
    with client() as http:
        old, new = http.get("/v1/old/7"), http.get("/v1/new/7")
    assert old.headers["deprecation"] == "@1799020800"
    assert old.headers["sunset"] == "Wed, 01 Sep 2027 00:00:00 GMT"
    links = old.headers.get_list("link")
    assert links[0] == '</next>; rel="next"'
    assert '<https://frontdoor.example/partners#old>; rel="deprecation"' in links[1]
    assert '<https://frontdoor.example/partners#old>; rel="sunset"' in links[1]
    assert not {"deprecation", "sunset"} & new.headers.keys()


def test_without_a_date_there_is_no_sunset() -> None:
    (one,) = read(listed({key: value for key, value in GOING.items() if key != "until"})).values()
    assert [name for name, _ in one.headers] == [b"deprecation", b"link"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"until": "2027-05-01T00:00:00Z"},
        {"since": "2027-01-04T00:00:00"},
        {"read": 'https://frontdoor.example/"> <b'},
        {"read": "http://frontdoor.example/"},
        {"method": "TRACE"},
        {"path": "v1/old"},
        {"reason": "old"},
    ],
)
def test_an_entry_gives_half_a_years_notice_and_says_what_it_must(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        read(listed({**GOING, **wrong}))


def test_an_operation_stands_there_once() -> None:
    with pytest.raises(ValidationError):
        read(listed(GOING, GOING))


def test_what_is_deprecated_is_an_operation_that_there_is() -> None:
    known = {
        (method.upper(), path)
        for file in OPENAPI.glob("*.yaml")
        for path, methods in yaml.safe_load(file.read_text("utf-8"))["paths"].items()
        for method in methods
    }
    assert deprecated().keys() <= known
