"""Access tokens: JSON Web Tokens signed with Ed25519, and the key set that verifies them."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import NAMESPACE_URL, UUID, uuid5

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization, OKPKey

from chassis.clock import Clock
from chassis.errors import Unauthorised
from chassis.identity.callers import Caller
from chassis.ids import new_id

ALGORITHM = "Ed25519"
AUDIENCE = "frontdoor"
ISSUER = "frontdoor"
TYPE = "at+jwt"
SERVICE_SECONDS = 60
REMEMBERED = 10_000
LONGEST = 8_192

Signs = Callable[[Caller], bool]
"""Whose tokens a key signs."""


class UnknownKey(Unauthorised):
    """The access token is signed by a key that is not known here, or not known yet."""

    def __init__(self) -> None:
        super().__init__("invalid_token", "The access token is not one of ours.")


def anybody(caller: Caller) -> bool:
    """Of a key that signs for people, partners and services: an installation in one process."""
    return True


def outsiders(caller: Caller) -> bool:
    """Of intake's key where services have their own: people and partners."""
    return caller.kind != "service"


def only(name: str) -> Signs:
    """Of a service's own key: that service, and nobody else."""

    def signs(caller: Caller) -> bool:
        return (caller.kind, caller.name) == ("service", name)

    return signs


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """The key that signs tokens, and its public half as a key set (RFC 7517)."""

    key: OKPKey

    @classmethod
    def derived(cls, secret: bytes, use: str = "access tokens") -> "SigningKey":
        """The key that belongs to a secret and a use: the same in every process that has it."""
        seed = HKDF(hashes.SHA256(), 32, None, f"frontdoor {use}".encode()).derive(secret)
        private = Ed25519PrivateKey.from_private_bytes(seed)
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        key = OKPKey.import_key(pem)
        key.ensure_kid()
        return cls(key)

    def public(self) -> dict[str, Any]:
        """The key set to publish."""
        return {"keys": [{**self.key.as_dict(private=False), "use": "sig", "alg": ALGORITHM}]}


def issue(key: SigningKey, caller: Caller, now: datetime, seconds: int) -> str:
    """An access token for `caller` that holds for `seconds` from `now`."""
    issued = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(caller.id),
        "iat": issued,
        "exp": issued + seconds,
        "jti": str(new_id()),
        "kind": caller.kind,
        "name": caller.name,
        "org": str(caller.organisation_id) if caller.organisation_id else None,
        "authorities": sorted(caller.authorities),
        "roles": sorted(caller.roles),
        "qualifications": sorted(caller.qualifications),
        "scope": " ".join(sorted(caller.scopes)),
        "behalf": str(caller.on_behalf_of) if caller.on_behalf_of else None,
    }
    header = {"alg": ALGORITHM, "kid": key.key.kid, "typ": TYPE}
    return jwt.encode(header, claims, key.key, algorithms=[ALGORITHM])


def service_token(
    key: SigningKey, name: str, now: datetime, on_behalf_of: UUID | None = None
) -> str:
    """A token for one of the house's services, for reads between them."""
    caller = Caller("service", uuid5(NAMESPACE_URL, name), name, on_behalf_of=on_behalf_of)
    return issue(key, caller, now, SERVICE_SECONDS)


class Verifier:
    """Turns access tokens into callers. A token that was verified once is remembered until it
    expires, because checking a signature costs more than the rest of a request."""

    def __init__(self, public: Mapping[str, Any], clock: Clock, signs: Signs = anybody) -> None:
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, Caller]] = OrderedDict()
        self._keys = trusted(public, signs)

    async def verified(self, token: str) -> Caller:
        """As `caller`, where keys may have to be fetched first. Raises Unauthorised."""
        return self.caller(token)

    def caller(self, token: str) -> Caller:
        """The caller that `token` was issued to, and that has not expired. Raises Unauthorised."""
        now = self._clock().timestamp()
        known = self._known.get(token)
        if known is None:
            known = self._verified(token)
            self._known[token] = known
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        expires, caller = known
        if now >= expires:
            self._known.pop(token, None)
            raise Unauthorised("token_expired", "The access token has expired.")
        return caller

    def _verified(self, token: str) -> tuple[float, Caller]:
        if len(token) > LONGEST:
            raise _refused()
        try:
            # Only the one algorithm: a token must not choose how it is verified.
            read = jwt.decode(token, self._key_of, algorithms=[ALGORITHM])
            claims = read.claims
            kind = (read.header.get("typ"), claims["iss"], claims["aud"])
            if kind != (TYPE, ISSUER, AUDIENCE):
                raise _refused()
            expires, caller = (
                float(claims["exp"]),
                Caller(
                    kind=claims["kind"],
                    id=UUID(claims["sub"]),
                    name=claims["name"],
                    organisation_id=UUID(claims["org"]) if claims["org"] else None,
                    authorities=frozenset(claims["authorities"]),
                    roles=frozenset(claims["roles"]),
                    qualifications=frozenset(claims["qualifications"]),
                    scopes=frozenset(claims["scope"].split()),
                    on_behalf_of=UUID(claims["behalf"]) if claims["behalf"] else None,
                ),
            )
            if not self._keys[read.header["kid"]].signs(caller):
                raise _refused()
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as fault:
            raise _refused() from fault
        return expires, caller

    def _key_of(self, token: Any) -> OKPKey:
        name = token.headers().get("kid")
        if not isinstance(name, str) or name not in self._keys:
            raise UnknownKey
        return self._keys[name].key


@dataclass(frozen=True, slots=True)
class Trusted:
    """A key that verifies, and whose tokens it may sign."""

    key: OKPKey
    signs: Signs


def trusted(public: Mapping[str, Any], signs: Signs) -> dict[str, Trusted]:
    """The keys of a published set (RFC 7517), by their own thumbprints: a name that its
    publisher chose could be that of another's key."""
    found = KeySet.import_key_set(cast("KeySetSerialization", public))
    return {key.thumbprint(): Trusted(key, signs) for key in found.keys if isinstance(key, OKPKey)}


def _refused() -> Unauthorised:
    return Unauthorised("invalid_token", "The access token is not one of ours.")
