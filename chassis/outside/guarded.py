"""Connections to hosts that partners name, and that nobody here has chosen.

A name is looked up here, every address that it has is judged, and the connection goes to one that
was judged: there is no second look-up in between that could answer otherwise.
"""

import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import ip_address
from typing import Any

from httpcore2 import (
    SOCKET_OPTION,
    AnyIOBackend,
    AsyncNetworkBackend,
    AsyncNetworkStream,
    ConnectError,
)

LOOK_UP_SECONDS = 3.0

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""The IP addresses of a host. Raises NotFoundThere."""

Judge = Callable[[str], bool]
"""Whether a connection to an IP address may be made."""


class NotFoundThere(ConnectError):
    """The name has no address, or nobody who could say answers."""


class AddressRefused(ConnectError):
    """The name has an address to which no connection may be made from here."""


async def looked_up(host: str) -> Sequence[str]:
    """The addresses of a host, from the name servers of this machine and without a thread: many
    dead names at once must not keep others waiting. Raises NotFoundThere."""
    # Loaded with the first call-back: its parts are many, and a start waits for none of them.
    import dns.asyncresolver
    import dns.exception

    try:
        answers = await dns.asyncresolver.resolve_name(host, lifetime=LOOK_UP_SECONDS)
    except (dns.exception.DNSException, OSError) as fault:
        raise NotFoundThere from fault
    return list(answers.addresses())


class _Closing(AsyncNetworkStream):
    """A connection that is closed when TLS cannot be agreed on in time. The one inside stays open
    when whoever waits for it is cancelled, and a slow partner would cost a socket for each call."""

    def __init__(self, inner: AsyncNetworkStream) -> None:
        self._inner = inner

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own
    ) -> AsyncNetworkStream:
        try:
            return await self._inner.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:
            await self._inner.aclose()
            raise

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        return await self._inner.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class Guarded(AsyncNetworkBackend):
    """Connects to hosts of which every address passes `judge`."""

    def __init__(self, judge: Judge, resolve: Resolve = looked_up) -> None:
        self._judge = judge
        self._resolve = resolve
        self._inner = AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """A connection to one of the host's addresses. Raises NotFoundThere, AddressRefused."""
        addresses = await self._addresses(host)
        if not all(self._judge(address) for address in addresses):
            raise AddressRefused
        return _Closing(
            await self._inner.connect_tcp(
                addresses[0], port, timeout, local_address, socket_options
            )
        )

    async def _addresses(self, host: str) -> Sequence[str]:
        try:
            return [str(ip_address(host))]
        except ValueError:
            found = await self._resolve(host)
        if not found:
            raise NotFoundThere
        # One that most networks reach comes first.
        return sorted(found, key=lambda address: ip_address(address).version)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)
