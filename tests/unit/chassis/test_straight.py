"""Routes that are called without the framework's work on each request."""

from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, Header, Response

from chassis.http.straight import Straight
from chassis.identity import Caller, partner


def test_an_endpoint_may_take_a_caller_and_headers() -> None:
    async def endpoint(
        caller: Annotated[Caller, Depends(partner("referral.create"))],
        prefer: Annotated[str | None, Header()] = None,
    ) -> Response:
        del caller, prefer
        return Response()

    APIRouter(route_class=Straight).add_api_route("/", endpoint)


async def _asks(page: int) -> Response:
    return Response(str(page))


async def _numbers(number: Annotated[int | None, Header()] = None) -> Response:
    return Response(str(number))


async def _limited(prefer: Annotated[str | None, Header(max_length=5)] = None) -> Response:
    return Response(prefer)


async def _depends(other: Annotated[Response, Depends(_numbers)]) -> Response:
    return other


@pytest.mark.parametrize("endpoint", [_asks, _numbers, _limited, _depends])
def test_what_it_would_pass_over_is_refused(endpoint: object) -> None:
    with pytest.raises(TypeError, match="takes more than"):
        APIRouter(route_class=Straight).add_api_route("/", endpoint)  # type: ignore[arg-type]
