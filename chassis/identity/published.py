"""Keys that other services publish: fetched when a token names one that is not known, and again
every few minutes, so that a new key is found at once and a withdrawn one is forgotten."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
from joserfc.errors import JoseError

from chassis.clock import Clock
from chassis.errors import Unavailable
from chassis.identity.callers import Caller
from chassis.identity.tokens import Signs, Trusted, UnknownKey, Verifier, trusted
from chassis.telemetry import logs

FETCH_SECONDS = 2.0
# A token can name any key: how often, at most, that makes us ask.
ASK_AGAIN_SECONDS = 5.0
ASK_AGAIN_AFTER_FAILURE_SECONDS = 0.2
REFRESH_SECONDS = 300.0

log = logs.get_logger(__name__)


class KeysAway(Unavailable):
    """A token cannot be judged, because not everybody's keys were ever fetched."""

    def __init__(self) -> None:
        super().__init__("keys_away", "Access tokens cannot be verified now. Try again shortly.")


@dataclass(frozen=True, slots=True)
class Publisher:
    """Where a key set is published, and whose tokens its keys may sign."""

    name: str
    url: str
    signs: Signs


class FetchingVerifier(Verifier):
    """A verifier that has its own service's key sets, each with whose tokens it signs, and
    fetches those of others."""

    def __init__(
        self,
        own: Sequence[tuple[Mapping[str, Any], Signs]],
        publishers: Sequence[Publisher],
        http: httpx2.AsyncClient,
        clock: Clock,
    ) -> None:
        super().__init__(own[0][0], clock, own[0][1])
        self._own = {
            name: key for public, signs in own for name, key in trusted(public, signs).items()
        }
        self._keys = self._own
        self._publishers = tuple(publishers)
        self._http = http
        self._sets: dict[str, dict[str, Trusted]] = {}
        self._not_before: dict[str, float] = {}
        self._turn = asyncio.Lock()

    async def verified(self, token: str) -> Caller:
        """Raises KeysAway where the key is unknown and a publisher was never reached."""
        try:
            return self.caller(token)
        except UnknownKey:
            await self._fetch()
        try:
            return self.caller(token)
        except UnknownKey:
            if len(self._sets) < len(self._publishers):
                raise KeysAway from None
            raise

    async def run(self) -> None:
        """Fetch every set again from time to time, until cancelled."""
        while True:
            await self._fetch()
            await asyncio.sleep(REFRESH_SECONDS)

    async def _fetch(self) -> None:
        """Ask those publishers that were not asked just now. Whoever comes meanwhile waits."""
        async with self._turn:
            now = asyncio.get_running_loop().time()
            due = [one for one in self._publishers if self._not_before.get(one.name, now) <= now]
            if due:
                await asyncio.gather(*(self._fetch_from(one) for one in due))
                self._put_together()

    async def _fetch_from(self, publisher: Publisher) -> None:
        wait = ASK_AGAIN_SECONDS
        try:
            answer = await self._http.get(publisher.url, timeout=FETCH_SECONDS)
            answer.raise_for_status()
            self._sets[publisher.name] = trusted(answer.json(), publisher.signs)
        except (httpx2.HTTPError, JoseError, ValueError, TypeError, KeyError):
            log.warning("keys_not_fetched", service=publisher.name)
            wait = ASK_AGAIN_AFTER_FAILURE_SECONDS
        self._not_before[publisher.name] = asyncio.get_running_loop().time() + wait

    def _put_together(self) -> None:
        """The keys of all. Who comes first keeps a key that another publishes too: nobody widens
        or narrows what somebody else's key may sign."""
        found: dict[str, Trusted] = {}
        for keys in (self._own, *(self._sets.get(one.name, {}) for one in self._publishers)):
            found = {**keys, **found}
        if not self._keys.keys() <= found.keys():
            self._known.clear()
        self._keys = found
