"""Client assertions: a client proves who it is with a signed JWT (RFC 7523, `private_key_jwt`).

Pure: whether an assertion was used before is for whoever keeps that to say.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError

from chassis.identity.keys import imported
from chassis.identity.oauth import OAuthRefusal

# None that needs a shared secret, and not `none`.
ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519",
)  # fmt: skip
LONGEST_LIFE: Final = timedelta(minutes=5)
# How far the clocks of two machines may be apart.
LEEWAY: Final = timedelta(seconds=30)
LONGEST_ID: Final = 255


@dataclass(frozen=True, slots=True)
class Claimed:
    """What an assertion says, before anything of it is verified."""

    token: bytes
    key_name: str | None
    claims: Mapping[str, Any]

    @property
    def client_id(self) -> str:
        """Which client it says that it is from."""
        return str(self.claims["sub"])


@dataclass(frozen=True, slots=True)
class Assertion:
    """One that holds. From `until` on (UTC) it does not, so that its `jti` need not be kept."""

    jti: str
    until: datetime


def read_assertion(token: str) -> Claimed:
    """An assertion, with nothing verified but its form. Raises OAuthRefusal."""
    try:
        read = jws.extract_compact(token.encode())
        header, claims = read.headers(), json.loads(read.payload or b"")
        algorithm, name, subject = header.get("alg"), header.get("kid"), claims["sub"]
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _refused("It is not a signed JWT that names its client (sub).") from None
    if algorithm not in ALGORITHMS:
        raise _refused(f"It has to be signed with one of {', '.join(ALGORITHMS)}.")
    if not (isinstance(subject, str) and subject.isprintable()) or claims.get("iss") != subject:
        raise _refused("Its iss and its sub are both the client's id.")
    return Claimed(token.encode(), name if isinstance(name, str) else None, claims)


def verified(
    claimed: Claimed, keys: Sequence[Mapping[str, Any]], audiences: Collection[str], now: datetime
) -> Assertion:
    """The assertion, where one of the client's registered `keys` signed it for one of
    `audiences` and it holds `now`. Raises OAuthRefusal. What is wrong is said only to whoever
    has the key."""
    if not any(_signed(claimed.token, key) for key in _named(keys, claimed.key_name)):
        raise unknown_client()
    claims = claimed.claims
    said = claims.get("aud")
    if audiences_of(said).isdisjoint(audiences):
        raise _refused("Its aud is not the token endpoint's address, nor the issuer's.")
    at, leeway = now.timestamp(), LEEWAY.total_seconds()
    expires = _seconds(claims, "exp")
    if expires is None:
        raise _refused("It has no exp.")
    if expires + leeway <= at:
        raise _refused("It has expired (exp).")
    if expires - leeway > at + LONGEST_LIFE.total_seconds():
        raise _refused("Its exp is more than five minutes away.")
    for name in ("nbf", "iat"):
        begins = _seconds(claims, name)
        if begins is not None and begins - leeway > at:
            raise _refused(f"It does not hold yet ({name}).")
    jti = claims.get("jti")
    if not (isinstance(jti, str) and jti.isprintable() and 0 < len(jti) <= LONGEST_ID):
        raise _refused(f"It has no jti of at most {LONGEST_ID} characters.")
    return Assertion(jti, datetime.fromtimestamp(expires, UTC) + LEEWAY)


def used_before() -> OAuthRefusal:
    """The refusal of an assertion that came before."""
    return _refused("It was used before (jti): make one for each request.")


def unknown_client() -> OAuthRefusal:
    """The refusal of an unknown client, which is that of a wrong key."""
    return OAuthRefusal("invalid_client", "No such client, or not signed with a key of its own.")


def audiences_of(said: object) -> frozenset[str]:
    """Whom a token is for: `aud` is one, or a list."""
    found = said if isinstance(said, list) else [said]
    return frozenset(one for one in found if isinstance(one, str))


def _named(keys: Sequence[Mapping[str, Any]], name: str | None) -> Sequence[Mapping[str, Any]]:
    """The key of that name, or all where the assertion names none."""
    return keys if name is None else [key for key in keys if key["kid"] == name]


def _signed(token: bytes, key: Mapping[str, Any]) -> bool:
    try:
        jws.deserialize_compact(token, imported(key), algorithms=list(ALGORITHMS))
    except (JoseError, ValueError):
        return False
    return True


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    said = claims.get(name)
    if said is None:
        return None
    if isinstance(said, bool) or not isinstance(said, int | float) or not _is_a_time(said):
        raise _refused(f"Its {name} is not a time in seconds.")
    return float(said)


def _is_a_time(said: float) -> bool:
    # Compared as it is: no number is too large for that, nor infinite.
    return 0 <= said < 1e11


def _refused(description: str) -> OAuthRefusal:
    return OAuthRefusal("invalid_client", f"The assertion is refused. {description}")
