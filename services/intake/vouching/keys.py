"""The keys that partners' providers publish: asked for when a token needs them, kept for a while.

A key set is asked for again when it is `FRESH` no longer, or when a token names a key that it does
not have; never more often than each `ASK_AGAIN`, whatever tokens say. While a provider cannot be
asked, what it published last goes on for `KEPT`.
"""

import asyncio
import json
import ssl
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeAlias

from httpcore2 import (
    AsyncConnectionPool,
    LocalProtocolError,
    NetworkError,
    ProtocolError,
    TimeoutException,
    UnsupportedProtocol,
)

from chassis.clock import Clock
from chassis.errors import Unavailable
from chassis.identity.keys import BadKey, PublicKey, published_keys
from chassis.outside.addresses import Networks, reachable
from chassis.outside.guarded import Guarded, Resolve, looked_up
from chassis.telemetry import logs

FRESH: Final = timedelta(minutes=5)
KEPT: Final = timedelta(hours=1)
ASK_AGAIN: Final = timedelta(seconds=10)
SECONDS: Final = 3.0
LONGEST: Final = 131_072
MOST_SETS: Final = 500
CONNECTIONS: Final = 20

Keys: TypeAlias = Sequence[tuple[str | None, PublicKey]]

log = logs.get_logger(__name__)


class ProviderAway(Unavailable):
    """A partner's provider cannot be asked for its keys, and what it said before is too old."""

    def __init__(self) -> None:
        super().__init__(
            "partners_provider_away",
            "Your identity provider's keys cannot be read now. Try again shortly.",
            retry_after=int(ASK_AGAIN.total_seconds()),
        )


class _NoSet(Exception):
    """What came back is no key set. Its message is a code."""


@dataclass(slots=True)
class _Kept:
    """What one address published: `keys` at `read_at`; when it was asked last, with or without
    an answer."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    keys: Keys = ()
    read_at: datetime | None = None
    asked_at: datetime | None = None
    answered: bool = False


class PublishedKeys:
    """Fetches key sets. `allowed` are networks that providers may stand in beside the public
    internet; to these without TLS too. `resolve` and `trust` are for tests."""

    def __init__(
        self,
        clock: Clock,
        allowed: Networks,
        *,
        resolve: Resolve = looked_up,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._clock = clock
        tls = trust or ssl.create_default_context()
        self._sets: OrderedDict[str, _Kept] = OrderedDict()
        self._pools = {
            scheme: AsyncConnectionPool(
                ssl_context=tls,
                max_connections=CONNECTIONS,
                max_keepalive_connections=0,
                network_backend=Guarded(rule, resolve),
            )
            for scheme, rule in (
                ("https", partial(reachable, allowed=allowed)),
                ("http", partial(reachable, allowed=allowed, alone=True)),
            )
        }

    async def of(self, url: str, name: str | None) -> Keys:
        """The keys that are published at `url`, for a token that names the key `name`. Raises
        ProviderAway where that cannot be said."""
        kept = self._sets.setdefault(url, _Kept())
        self._sets.move_to_end(url)
        if len(self._sets) > MOST_SETS:
            self._sets.popitem(last=False)
        async with kept.turn:
            now = self._clock()
            if self._is_wanting(kept, name, now) and (
                kept.asked_at is None or now - kept.asked_at >= ASK_AGAIN
            ):
                kept.asked_at = now
                kept.answered = await self._ask(url, kept, now)
            too_old = kept.read_at is None or now - kept.read_at > KEPT
            if too_old or (not kept.answered and not _has(kept.keys, name)):
                raise ProviderAway
            return kept.keys

    async def close(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()

    def _is_wanting(self, kept: _Kept, name: str | None, now: datetime) -> bool:
        return kept.read_at is None or now - kept.read_at > FRESH or not _has(kept.keys, name)

    async def _ask(self, url: str, kept: _Kept, now: datetime) -> bool:
        try:
            async with asyncio.timeout(SECONDS):
                kept.keys = await self._read(url)
        except (
            BadKey, LocalProtocolError, NetworkError, ProtocolError, TimeoutError,
            TimeoutException, UnsupportedProtocol, ValueError, _NoSet,
        ) as fault:  # fmt: skip
            log.warning("provider_keys_not_read", fault=str(fault) or type(fault).__name__)
            return False
        kept.read_at = now
        return True

    async def _read(self, url: str) -> Keys:
        pool = self._pools[url.partition(":")[0].lower()]
        limits = dict.fromkeys(("connect", "read", "write", "pool"), SECONDS)
        asked = [("Accept", "application/jwk-set+json, application/json")]
        async with pool.stream("GET", url, headers=asked, extensions={"timeout": limits}) as answer:
            if answer.status != 200:  # A redirect too: the address that was judged is this one.
                raise _NoSet(f"http_{answer.status}")
            read = b""
            async for part in answer.aiter_stream():
                read += part
                if len(read) > LONGEST:
                    raise _NoSet("too_long")
        found = published_keys(json.loads(read))
        if not found:
            raise _NoSet("no_keys")
        return found


def _has(keys: Keys, name: str | None) -> bool:
    return bool(keys) and (name is None or any(one in (None, name) for one, _ in keys))
