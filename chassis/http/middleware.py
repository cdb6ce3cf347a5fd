"""What happens around every request, as plain ASGI: trace, metrics, size and rate limits, headers,
and an answer for faults that nobody foresaw."""

from time import perf_counter

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.errors import TooLarge, Unauthorised
from chassis.http import problems
from chassis.identity.tokens import Verifier
from chassis.telemetry import metrics, traces

SAFE_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


class AroundRequest:
    """The outermost layer. Paths of probes are neither traced nor limited."""

    PROBES = frozenset({"/livez", "/readyz", "/metrics"})

    def __init__(self, app: ASGIApp, *, body_limit: int, per_minute: int, verifier: Verifier) -> None:
        self._app = app
        self._body_limit = body_limit
        self._verifier = verifier
        self._rate = RateLimitItemPerMinute(per_minute)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self.PROBES:
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        traceparent = headers.get(b"traceparent", b"").decode("latin-1") or None
        began = perf_counter()
        status = 500
        started = False

        async def sent(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                started = True
                status = message["status"]
                have = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(header for header in SAFE_HEADERS if header[0] not in have),
                ]
            await send(message)

        with traces.request(scope["method"], traceparent):
            try:
                refusal = await self._refusal(scope, headers)
                if refusal is None:
                    await self._app(scope, self._counted(receive), sent)
                else:
                    await refusal(scope, receive, sent)
            except TooLarge as error:
                if started:
                    raise
                await problems.of(error)(scope, receive, sent)
            except Exception as fault:
                if started:
                    raise
                await problems.of_fault(fault, _route(scope))(scope, receive, sent)
            finally:
                route = _route(scope)
                metrics.HTTP_SECONDS.labels(scope["method"], route).observe(perf_counter() - began)
                metrics.HTTP_REQUESTS.labels(scope["method"], route, status).inc()

    async def _refusal(self, scope: Scope, headers: dict[bytes, bytes]) -> ASGIApp | None:
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length) > self._body_limit:
            return problems.of(self._too_large())
        if not await self._limiter.hit(self._rate, self._who(scope, headers)):
            reset, _ = await self._limiter.get_window_stats(
                self._rate, self._who(scope, headers)
            )
            del reset
            return problems.problem(
                429,
                "too_many_requests",
                "You send more requests than agreed. Wait a minute.",
                headers={"Retry-After": "60"},
            )
        return None

    def _who(self, scope: Scope, headers: dict[bytes, bytes]) -> str:
        authorization = headers.get(b"authorization", b"").decode("latin-1")
        if authorization[:7].lower() == "bearer ":
            try:
                return self._verifier.caller(authorization[7:].strip()).name
            except Unauthorised:
                pass
        return scope["client"][0] if scope.get("client") else "unknown"

    def _counted(self, receive: Receive) -> Receive:
        """`receive`, refusing a body that outgrows the limit without saying so beforehand."""
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > self._body_limit:
                    raise self._too_large()
            return message

        return counted

    def _too_large(self) -> TooLarge:
        return TooLarge("body_too_large", f"A body has {self._body_limit} bytes at most.")


def _route(scope: Scope) -> str:
    """The route's template, never the path: a path holds ids."""
    route = scope.get("route")
    return getattr(route, "path", "unmatched")
