"""Calls over HTTPS to partners' systems, wherever those say that they are.

One POST, no redirects, a little of the answer read and thrown away. Only 2xx is taken. Every
endpoint is a provider of its own: that one is away says nothing of the others.
"""

import asyncio
import ssl
from contextlib import suppress
from datetime import timedelta

from httpcore2 import (
    AsyncConnectionPool,
    ConnectError,
    ConnectTimeout,
    LocalProtocolError,
    NetworkError,
    ProtocolError,
    Response,
    TimeoutException,
    UnsupportedProtocol,
)

from chassis.outside.guarded import (
    AddressRefused,
    Guarded,
    Judge,
    NotFoundThere,
    Resolve,
    looked_up,
)
from services.notifications.channels.port import Away, Cut, Delivery, Letter, NotTaken, Taken

GONE = 410
CALM_DOWN = frozenset({429, 503})
LONGEST_PAUSE = timedelta(hours=8)
MOST_READ = 4096
SHARES = 32
"""Pools for each scheme, an address always in the same one. A pool looks through all its connections
at the begin and at the end of each call: with one pool that was nearly half of what hundreds of
calls cost."""

KEPT_CONNECTIONS = 2
"""In each pool, between calls."""


class WebhookChannel:
    """Makes up to `lanes` calls at the same time. `judge` says which addresses may be called,
    `judge_plain` which of them without TLS."""

    def __init__(
        self,
        lanes: int,
        seconds: float,
        judge: Judge,
        judge_plain: Judge,
        *,
        resolve: Resolve = looked_up,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self.lanes = lanes
        self._seconds = seconds
        tls = trust or ssl.create_default_context()
        self._pools = {
            scheme: [
                AsyncConnectionPool(
                    ssl_context=tls,
                    max_connections=lanes,
                    max_keepalive_connections=KEPT_CONNECTIONS,
                    keepalive_expiry=seconds,
                    network_backend=Guarded(rule, resolve),
                )
                for _ in range(SHARES)
            ]
            for scheme, rule in (("https", judge), ("http", judge_plain))
        }

    async def reachable(self) -> bool:
        """There is no one provider that could be away."""
        return True

    async def hand_over(self, letter: Letter) -> Delivery:
        """Call once, within the time limit. Raises nothing."""
        scheme = letter.recipient.partition(":")[0].lower()
        try:
            async with asyncio.timeout(self._seconds):
                share = hash(letter.recipient) % SHARES
                return await self._call(self._pools[scheme][share], letter)
        except AddressRefused:
            return NotTaken("address_refused", permanent=False)
        except NotFoundThere:
            return Away("name_not_found")
        except ConnectTimeout:
            return Away("connect_timeout")
        except ConnectError as fault:
            return Away(
                "tls_failed" if isinstance(fault.__cause__, ssl.SSLError) else "no_connection"
            )
        except (TimeoutError, TimeoutException):
            return Cut("timeout")
        except (NetworkError, ProtocolError):
            return Cut("broken_off")
        except (KeyError, ValueError, LocalProtocolError, UnsupportedProtocol):
            return NotTaken("address_unusable", permanent=False)

    async def _call(self, pool: AsyncConnectionPool, letter: Letter) -> Delivery:
        async with pool.stream(
            "POST",
            letter.recipient,
            headers=list(letter.headers.items()),
            content=letter.content,
            extensions={
                "timeout": dict.fromkeys(("connect", "read", "write", "pool"), self._seconds)
            },
        ) as response:
            # What is left unread closes the connection; a short answer lets it be used again.
            read = 0
            async for part in response.aiter_stream():
                read += len(part)
                if read > MOST_READ:
                    break
            return _delivery(response)

    async def close(self) -> None:
        for pools in self._pools.values():
            for pool in pools:
                await pool.aclose()


def _delivery(response: Response) -> Delivery:
    status = response.status
    if 200 <= status < 300:
        return Taken()
    if 300 <= status < 400:
        return NotTaken("redirected", permanent=False)
    after = _retry_after(response) if status in CALM_DOWN else None
    return NotTaken(f"http_{status}", permanent=status == GONE, after=after)


def _retry_after(response: Response) -> timedelta | None:
    """The pause that an answer asks for, in seconds as most say it; no longer than we wait."""
    for name, value in response.headers:
        if name.lower() == b"retry-after":
            with suppress(ValueError, OverflowError):
                return min(LONGEST_PAUSE, timedelta(seconds=max(0, int(value))))
    return None
