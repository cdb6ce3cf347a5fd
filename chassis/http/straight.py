"""Routes that are asked most: called without the framework's work on each request."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from chassis.identity.dependencies import Check


class Straight(APIRoute):
    """A route whose endpoint takes the request, the caller that a `Check` lets in, and headers as
    text or None; it answers a Response. What it takes is worked out once; its description is that
    of any route. Raises TypeError for an endpoint that takes anything else."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        takes = self.dependant
        checks = [
            (one.name, one.call)
            for one in takes.dependencies
            if one.name and isinstance(one.call, Check)
        ]
        headers = [(one.name, one.alias, one.field_info) for one in takes.header_params]
        if (
            takes.path_params or takes.query_params or takes.cookie_params or takes.body_params
            or takes.response_param_name or takes.background_tasks_param_name
            or len(checks) < len(takes.dependencies)
            or any(info.annotation != str | None or info.metadata for _, _, info in headers)
        ):  # fmt: skip
            raise TypeError(f"{self.path} takes more than a request, a caller and headers")
        endpoint, wanted = self.endpoint, takes.request_param_name
        named = [(name, alias) for name, alias, _ in headers]

        async def answer(request: Request) -> Response:
            given: dict[str, Any] = {name: await check(request) for name, check in checks}
            sent = request.headers
            given.update((name, sent.get(alias)) for name, alias in named)
            if wanted:
                given[wanted] = request
            response: Response = await endpoint(**given)
            return response

        return answer
