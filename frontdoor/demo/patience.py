"""A way to the house that waits, as a good partner's does, where it says that it is busy or away."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx2

LATER = frozenset({429, 503})
LONGEST_SECONDS = 60.0
PAUSE_SECONDS = 1.0


class Patient(httpx2.AsyncBaseTransport):
    """Asks by `way` again after what `Retry-After` says (in seconds), for a minute at most: of a
    request that was answered so nothing was kept."""

    def __init__(
        self,
        way: httpx2.AsyncBaseTransport | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._way = way or httpx2.AsyncHTTPTransport()
        self._pause = pause

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        waited = 0.0
        while True:
            answer = await self._way.handle_async_request(request)
            if answer.status_code not in LATER or waited >= LONGEST_SECONDS:
                return answer
            said = answer.headers.get("Retry-After", "")
            wait = float(said) if said.isdigit() else PAUSE_SECONDS
            wait = min(wait or PAUSE_SECONDS, LONGEST_SECONDS - waited)
            await answer.aclose()
            waited += wait
            await self._pause(wait)

    async def aclose(self) -> None:
        await self._way.aclose()
