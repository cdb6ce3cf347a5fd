"""Which service answers which path. No path is used by two, so a gateway and the services'
own reads need to know no more than this. deploy/gateway holds the same table for the gateway."""

from collections.abc import Mapping

import httpx2

# The longest that fits decides. What fits none is the console's: its pages.
PREFIXES: Mapping[str, str] = {
    "/oauth/": "intake",
    "/.well-known/": "intake",
    "/v1/referrals": "intake",
    "/v1/drafts": "intake",
    "/v1/consultations": "intake",
    "/v1/directory/": "intake",
    "/v1/intake/": "intake",
    "/internal/v1/intake/": "intake",
    "/internal/v1/referrals:batch": "intake",
    "/internal/v1/received:between": "intake",
    "/internal/v1/sign-ins": "intake",
    "/v1/triage/": "triage",
    "/v1/information-requests": "triage",
    "/v1/disagreements": "triage",
    "/internal/v1/triage/": "triage",
    "/internal/v1/decisions:batch": "triage",
    "/v1/clocks": "allocation",
    "/v1/allocations": "allocation",
    "/v1/workers": "allocation",
    "/v1/rota": "allocation",
    "/v1/waiting": "allocation",
    "/v1/work": "allocation",
    "/v1/panels": "allocation",
    "/v1/actions": "allocation",
    "/v1/transfers": "allocation",
    "/v1/loops": "allocation",
    "/v1/scorecard": "allocation",
    "/v1/case-system/": "allocation",
    "/internal/v1/allocation/": "allocation",
    "/v1/messages": "notifications",
    "/v1/callbacks": "notifications",
    "/v1/changes": "notifications",
    "/v1/receipts/": "notifications",
    "/internal/v1/notifications/": "notifications",
    "/internal/v1/alerts": "notifications",
}
PAGES = "console"


def service_of(path: str) -> str:
    """The service that answers `path`."""
    fitting = [prefix for prefix in PREFIXES if path.startswith(prefix)]
    return PREFIXES[max(fitting, key=len)] if fitting else PAGES


class ByPath(httpx2.AsyncBaseTransport):
    """Sends each request to the service that answers its path. `urls`: where each service is."""

    def __init__(self, urls: Mapping[str, str], inner: httpx2.AsyncBaseTransport) -> None:
        self._places = {name: httpx2.URL(url) for name, url in urls.items()}
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        place = self._places[service_of(request.url.path)]
        request.url = request.url.copy_with(scheme=place.scheme, host=place.host, port=place.port)
        request.headers["Host"] = place.netloc.decode("ascii")
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()
