"""Tokens of somebody else's identity provider, shown to us to be changed for one of ours: the JWT
bearer grant (RFC 7523, section 2.1).

Pure: who is registered, and with which keys the provider signs, is for others to say. Whoever
shows a token that no key of the provider signed learns no more than that.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from chassis.identity.assertions import ALGORITHMS, audiences_of
from chassis.identity.keys import PublicKey
from chassis.identity.oauth import OAuthRefusal

LEEWAY: Final = timedelta(seconds=60)
"""How far the provider's clock and ours may be apart."""

LONGEST_AGE: Final = timedelta(hours=2)
"""How old a token may be (`iat`), however long its provider lets it hold."""

TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
LONGEST_HEADER: Final = 4_096
LONGEST_NAME: Final = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """What a provider's token says, before anything of it is verified."""

    token: bytes
    key_name: str | None
    issuer: str
    subject: str
    claims: Mapping[str, Any]


def read_shown(token: str) -> Shown:
    """A provider's token, with nothing verified but its form. Raises OAuthRefusal."""
    try:
        read = jws.extract_compact(token.encode(), registry=_registry())
        header, claims = read.headers(), json.loads(read.payload or b"")
        issuer, subject = claims["iss"], claims["sub"]
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _refused("It is not a signed JWT with iss and sub.") from None
    if header.get("alg") not in ALGORITHMS:
        raise _refused(f"It has to be signed with one of {', '.join(ALGORITHMS)}.")
    if "crit" in header or str(header.get("typ", "JWT")).lower() not in TYPES:
        raise _refused("It is not an access token (typ), or asks for more than we know (crit).")
    if not (_is_a_name(issuer) and _is_a_name(subject)):
        raise _refused(f"Its iss and its sub are lines of 1 to {LONGEST_NAME} characters.")
    name = header.get("kid")
    return Shown(token.encode(), name if isinstance(name, str) else None, issuer, subject, claims)


def signed_by(shown: Shown, keys: Sequence[tuple[str | None, PublicKey]]) -> bool:
    """Whether one of a provider's keys, each with its name, signed the token: the key that it
    names, where it names one."""
    named = [key for name, key in keys if shown.key_name is None or name in (None, shown.key_name)]
    return any(_verifies(shown.token, key) for key in named)


def hold_to(shown: Shown, audience: str, now: datetime) -> None:
    """Raises OAuthRefusal where a token that its provider signed is not for `audience`, or does
    not hold `now`; it says which and by how much."""
    claims, leeway = shown.claims, LEEWAY.total_seconds()
    if audience not in audiences_of(claims.get("aud")):
        raise _refused("Its aud is not the one that is registered.")
    at = now.timestamp()
    expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
    if expires is None or issued is None:
        raise _refused("It has no exp or no iat.")
    if expires + leeway <= at:
        raise _refused(f"It expired {at - expires:.0f} seconds ago (exp). {_clock(now)}")
    for name in ("nbf", "iat"):
        begins = _seconds(claims, name)
        if begins is not None and begins - leeway > at:
            raise _refused(f"It holds only in {begins - at:.0f} seconds ({name}). {_clock(now)}")
    if issued + LONGEST_AGE.total_seconds() + leeway <= at:
        raise _refused(f"It is older than two hours (iat): ask for a new one. {_clock(now)}")


def narrowed(shown: Shown, claim: str | None, held: Collection[str]) -> frozenset[str]:
    """The scopes of a client that its provider leaves it: those that `claim` names, as a list or
    a string with spaces; all where no claim is registered. Never one that it does not have.
    Raises OAuthRefusal where none is left."""
    if claim is None:
        return frozenset(held)
    said = shown.claims.get(claim)
    named = said.split() if isinstance(said, str) else said if isinstance(said, list) else ()
    left = frozenset(held) & {one for one in named if isinstance(one, str)}
    if not left:
        raise OAuthRefusal(
            "invalid_scope", "The provider's token names none of the client's scopes."
        )
    return left


def not_vouched_for() -> OAuthRefusal:
    """The refusal of somebody who is not registered, which is that of a wrong key."""
    return _refused("Nobody is registered by its iss and sub, or no key of the provider signed it.")


def _registry() -> JWSRegistry:
    """Providers put more into a header than the standard names; nothing of it is acted on."""
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    registry.max_header_length = LONGEST_HEADER
    return registry


def _verifies(token: bytes, key: PublicKey) -> bool:
    try:
        jws.deserialize_compact(token, key, registry=_registry())
    except (JoseError, ValueError, TypeError):
        return False
    return True


def _is_a_name(said: object) -> bool:
    return isinstance(said, str) and said.isprintable() and 0 < len(said) <= LONGEST_NAME


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    said = claims.get(name)
    if said is None:
        return None
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said < 1e11:
        raise _refused(f"Its {name} is not a time in seconds.")
    return float(said)


def _clock(now: datetime) -> str:
    return (
        f"It is {now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ} here, and"
        f" {LEEWAY.total_seconds():.0f} seconds of difference are allowed."
    )


def _refused(description: str) -> OAuthRefusal:
    return OAuthRefusal("invalid_grant", f"The provider's token is refused. {description}")
