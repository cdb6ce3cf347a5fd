"""What happens around every request, as plain ASGI: trace, metrics, size and rate limits, headers,
and an answer for faults that nobody foresaw."""

import math
import time
from collections.abc import Mapping
from time import perf_counter

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.errors import TooLarge, Unauthorised, Unavailable
from chassis.http import problems
from chassis.identity.dependencies import VERIFIED
from chassis.identity.tokens import Verifier
from chassis.telemetry import metrics, traces
from contracts.deprecations import Deprecated

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ATTACHMENTS = "/attachments"
Headers = tuple[tuple[bytes, bytes], ...]
SAFE_HEADERS: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
OVER_TLS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
# Data, and nothing to be kept or run by a browser. Pages and their files say for themselves.
OF_DATA: Headers = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
DATA = (b"application/json", b"application/problem+json", b"text/plain", b"text/csv")


class AroundRequest:
    """The outermost layer. Paths of probes are neither traced nor limited."""

    PROBES = frozenset({"/livez", "/readyz", "/metrics"})

    def __init__(
        self,
        app: ASGIApp,
        *,
        body_limit: int,
        per_minute: int,
        verifier: Verifier,
        file_limit: int = 0,
        deprecated: Mapping[tuple[str, str], Deprecated] | None = None,
    ) -> None:
        self._deprecated = deprecated or {}
        self._app = app
        self._body_limit = body_limit
        self._file_limit = max(file_limit, body_limit)
        self._verifier = verifier
        self._rate = RateLimitItemPerMinute(per_minute)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self.PROBES:
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        traceparent = headers.get(b"traceparent", b"").decode("latin-1") or None
        method = scope["method"] if scope["method"] in METHODS else "other"
        began = perf_counter()
        limit = self._limit(scope["path"])
        exchange = _Exchange(self._app, scope, receive, send, limit, self._deprecated)
        with traces.request(method, scope["scheme"], traceparent) as span:
            try:
                refusal = await self._refusal(scope, headers, limit)
                await exchange.run(refusal)
            finally:
                route = problems.route_of(scope)
                span.answered(route, exchange.status)
                metrics.HTTP_SECONDS.labels(method, route).observe(perf_counter() - began)
                metrics.HTTP_REQUESTS.labels(method, route, exchange.status).inc()

    def _limit(self, path: str) -> int:
        """The largest body that a path takes: only files are sent to attachments."""
        return self._file_limit if path.endswith(ATTACHMENTS) else self._body_limit

    async def _refusal(
        self, scope: Scope, headers: dict[bytes, bytes], limit: int
    ) -> ASGIApp | None:
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length) > limit:
            return problems.of(_too_large(limit))
        who = await self._who(scope, headers)
        if who is None or await self._limiter.hit(self._rate, who):
            return None
        window = await self._limiter.get_window_stats(self._rate, who)
        wait = max(1, math.ceil(window.reset_time - time.time()))
        return problems.problem(
            429,
            "too_many_requests",
            "You send more requests than agreed. Wait a moment.",
            headers={"Retry-After": str(wait)},
        )

    async def _who(self, scope: Scope, headers: dict[bytes, bytes]) -> str | None:
        """Whose requests are counted together: a client's, a person's, or those from an address.
        None for the house's own services, which nobody counts."""
        authorization = headers.get(b"authorization", b"").decode("latin-1")
        if authorization[:7].lower() == "bearer ":
            try:
                caller = await self._verifier.verified(authorization[7:].strip())
            except (Unauthorised, Unavailable):
                pass
            else:
                scope[VERIFIED] = caller
                return None if caller.kind == "service" else f"{caller.kind} {caller.name}"
        return scope["client"][0] if scope.get("client") else "unknown"


class _Exchange:
    """One request and its answer."""

    def __init__(
        self,
        app: ASGIApp,
        scope: Scope,
        receive: Receive,
        send: Send,
        body_limit: int,
        deprecated: Mapping[tuple[str, str], Deprecated],
    ) -> None:
        self.status = 500
        self._app = app
        self._scope = scope
        self._receive = receive
        self._send = send
        self._body_limit = body_limit
        self._deprecated = deprecated
        self._taken = 0
        self._started = False

    async def run(self, refusal: ASGIApp | None) -> None:
        """Let the application answer, or `refusal` in its place."""
        try:
            if refusal is None:
                await self._app(self._scope, self._counted, self._from_app)
            else:
                await refusal(self._scope, self._receive, self._out)
        except Exception as fault:
            if self._started:
                raise
            if not self._outgrown:
                await problems.of_fault(fault, problems.route_of(self._scope))(
                    self._scope, self._receive, self._out
                )
        if self._outgrown and not self._started:
            await self._answer_too_large()

    @property
    def _outgrown(self) -> bool:
        return self._taken > self._body_limit

    async def _counted(self) -> Message:
        """What comes in, refusing a body that outgrows the limit without having said so."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._taken += len(message.get("body", b""))
            if self._outgrown:
                raise _too_large(self._body_limit)
        return message

    async def _from_app(self, message: Message) -> None:
        """What the application answers. A framework that caught our refusal of a body would
        answer it in its own way: ours goes out in its place."""
        if self._outgrown and not self._started:
            return
        await self._out(message)

    async def _answer_too_large(self) -> None:
        await problems.of(_too_large(self._body_limit))(self._scope, self._receive, self._out)

    async def _out(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._started = True
            self.status = message["status"]
            message["headers"] = self._headers(message["headers"])
        await self._send(message)

    def _headers(self, given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        have = {name.lower(): value for name, value in given}
        wanted = SAFE_HEADERS
        if self._scope["scheme"] == "https":
            wanted = (*wanted, OVER_TLS)
        kind = have.get(b"content-type", b"").partition(b";")[0]
        if kind in DATA:
            wanted = (*wanted, *OF_DATA)
        going = self._deprecated.get((self._scope["method"], problems.route_of(self._scope)))
        # A page may have links of its own, so this one stands beside them.
        more = going.headers if going else ()
        return [*given, *(header for header in wanted if header[0] not in have), *more]


def _too_large(limit: int) -> TooLarge:
    return TooLarge("body_too_large", f"A body has {limit} bytes at most.")
