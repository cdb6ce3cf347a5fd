"""Public keys that a client registers, so that it can prove who it is without a shared secret."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

MOST_KEYS: Final = 10
MOST_PUBLISHED: Final = 50
SHORTEST_RSA_BITS: Final = 2048
LONGEST_RSA_BITS: Final = 8192
PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
CURVES: Final = frozenset({"P-256", "P-384", "P-521"})
KEPT: Final = ("kty", "crv", "x", "y", "n", "e")
LONGEST_NAME: Final = 200

PublicKey = RSAKey | ECKey | OKPKey


class BadKey(ValueError):
    """A key that cannot be registered. The message says why, and repeats nothing of it."""


def read_keys(text: str) -> list[dict[str, Any]]:
    """The keys of a key set (RFC 7517), of one key of such a set, or of a public key in PEM.
    Raises BadKey."""
    if text.lstrip().startswith("{"):
        try:
            said = json.loads(text)
        except ValueError:
            raise BadKey("This is not JSON.") from None
        found = said.get("keys", [said])
        return public_keys(found if isinstance(found, list) else [found])
    if "PRIVATE KEY" in text:
        raise _private()
    try:
        read = load_pem_public_key(text.strip().encode())
    except ValueError:
        raise BadKey("This is neither a key set nor a public key in PEM.") from None
    kinds: Mapping[type, type[PublicKey]] = {
        RSAPublicKey: RSAKey, EllipticCurvePublicKey: ECKey, Ed25519PublicKey: OKPKey,
    }  # fmt: skip
    for kind, made in kinds.items():
        if isinstance(read, kind):
            return public_keys([dict(made.import_key(text.strip()).as_dict(private=False))])
    raise BadKey("Keys are RSA, elliptic curve (P-256, P-384, P-521) or Ed25519.")


def public_keys(sent: Sequence[object]) -> list[dict[str, Any]]:
    """Keys as they are kept: only what verifies, each with a name. Raises BadKey."""
    if len(sent) > MOST_KEYS:
        raise BadKey(f"A client has at most {MOST_KEYS} keys.")
    kept = [_kept(one) for one in sent]
    if len({one["kid"] for one in kept}) < len(kept):
        raise BadKey("Two keys have one name (kid).")
    return kept


def published_keys(said: object) -> list[tuple[str | None, PublicKey]]:
    """The keys of a set that somebody publishes (RFC 7517), each with its name (`kid`), to verify
    with. What cannot be used for that is left out: a set may hold keys for other ends. Raises
    BadKey where it is no set."""
    keys = said.get("keys") if isinstance(said, dict) else None
    if not isinstance(keys, list):
        raise BadKey("This is no key set.")
    found: list[tuple[str | None, PublicKey]] = []
    for one in keys[:MOST_PUBLISHED]:
        try:
            key = imported(_kept({**one, "kid": one.get("kid") or "none"}))
        except (BadKey, TypeError, AttributeError):
            continue
        name = one.get("kid")
        found.append((name if isinstance(name, str) else None, key))
    return found


def imported(kept: Mapping[str, Any]) -> PublicKey:
    """A key that was registered, ready to verify."""
    return _judged({name: kept[name] for name in KEPT if name in kept})


def _kept(sent: object) -> dict[str, Any]:
    if not isinstance(sent, dict):
        raise BadKey("A key is an object.")
    if not PRIVATE.isdisjoint(sent):
        raise _private()
    if sent.get("use", "sig") != "sig":
        raise BadKey("The key is not for signing (use).")
    parts = {name: sent[name] for name in KEPT if name in sent}
    key = _judged(parts)
    name = sent.get("kid") or key.thumbprint()
    if not isinstance(name, str) or not name.isprintable() or len(name) > LONGEST_NAME:
        raise BadKey("A key's name (kid) is a short line of text.")
    return {**parts, "kid": name, "use": "sig"}


def _judged(parts: Mapping[str, Any]) -> PublicKey:
    try:
        if parts["kty"] == "RSA" and not _is_long_enough(parts["n"]):
            raise BadKey(f"An RSA key has {SHORTEST_RSA_BITS} to {LONGEST_RSA_BITS} bits.")
        key = import_key(dict(parts))
        if isinstance(key, RSAKey):
            _ = key.raw_value
            return key
        if isinstance(key, ECKey) and parts.get("crv") in CURVES:
            # Only a point on its curve can be loaded.
            _ = key.raw_value
            return key
        if isinstance(key, OKPKey) and parts.get("crv") == "Ed25519":
            _ = key.raw_value
            return key
    except BadKey:
        raise
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):
        raise BadKey("A key of the set cannot be read.") from None
    raise BadKey("Keys are RSA, elliptic curve (P-256, P-384, P-521) or Ed25519.")


def _is_long_enough(modulus: str) -> bool:
    number = int.from_bytes(urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4)))
    return SHORTEST_RSA_BITS <= number.bit_length() <= LONGEST_RSA_BITS


def _private() -> BadKey:
    return BadKey("This is a private key, and now somebody else has it. Make another.")
