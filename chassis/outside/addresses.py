"""Where a connection may go that somebody else asks for, such as a partner's call-back or the keys of
its provider. Pure; `chassis.outside.guarded` connects."""

from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias
from urllib.parse import urlsplit

Networks: TypeAlias = tuple[IPv4Network | IPv6Network, ...]

_NAT64: Final = IPv6Network("64:ff9b::/96")


def fault_of(url: str, allowed: Networks, longest: int) -> str | None:
    """What is wrong with an address to go to, as far as can be told without looking it up; None
    where nothing is. Plain http is for the networks that the operator allows (`allowed`) alone."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "This is not a URL."
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > longest:
        return f"A URL has up to {longest} ASCII characters and no spaces."
    if not host:
        return "A URL names a host."
    if parts.username is not None or parts.password is not None:
        return "A URL holds no user name or password."
    if parts.fragment:
        return "The URL has no fragment."
    if parts.scheme != "https" and not (parts.scheme == "http" and allowed):
        return "The URL begins with https://."
    try:
        address = ip_address(host)
    except ValueError:
        return None
    if not reachable(str(address), allowed):
        return "This address is not one that can be called from here."
    return None


def reachable(address: str, allowed: Networks, *, alone: bool = False) -> bool:
    """Whether a connection may go to an IP address: one of the public internet, or of a network
    that the operator allows; `alone` says that it has to be one of those networks. Not loopback,
    private, link-local, shared, multicast or reserved ones, nor an address of one kind that hides
    one of the other."""
    found = ip_address(address)
    if found.version == 6 and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if any(found.version == network.version and found in network for network in allowed):
        return True
    if alone or (found.version == 6 and _hides(found)):
        return False
    return found.is_global and not (
        found.is_multicast or found.is_reserved or found.is_unspecified or found.is_loopback
    )


def _hides(address: IPv6Address) -> bool:
    """Whether an IPv6 address stands for an IPv4 one that nobody has judged."""
    return bool(address.sixtofour or address.teredo) or address in _NAT64
