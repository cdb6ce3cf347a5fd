"""Keys and what is done with them: AES-256-GCM, wrapped by a ring of keys held in memory.

A sealed text names in its associated data the service, the referral and the field it belongs to,
so that one can't be put in another's place. Destroying a referral's key destroys its texts.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
NONCE_BYTES = 12
KEY_BYTES = 32
TAG_BYTES = 16
SHORTEST = len(VERSION) + NONCE_BYTES + TAG_BYTES


class SealBroken(Exception):
    """A sealed text, or a wrapped key, is not what was sealed."""


@dataclass(frozen=True, slots=True, repr=False)
class DataKey:
    """The key of one referral in one service."""

    _cipher: AESGCM
    _context: bytes

    def seal(self, text: str, field: str) -> bytes:
        """`text` encrypted for `field`."""
        return _seal(self._cipher, text.encode(), self._context + field.encode())

    def open(self, sealed: bytes, field: str) -> str:
        """The text that was sealed for `field`. Raises SealBroken."""
        return _open(self._cipher, sealed, self._context + field.encode()).decode()

    def seal_bytes(self, content: bytes, field: str) -> bytes:
        """A file's `content` encrypted for `field`."""
        return _seal(self._cipher, content, self._context + field.encode())

    def open_bytes(self, sealed: bytes, field: str) -> bytes:
        """The content that was sealed for `field`. Raises SealBroken."""
        return _open(self._cipher, sealed, self._context + field.encode())


@dataclass(slots=True, repr=False)
class KeyRing:
    """The keys that wrap data keys, by name, and the one in use for new ones. `index_key` is for
    digests, `token_key` for what is derived from secrets; neither is rotated. `again` reads the
    ring anew, for a key that another process made meanwhile."""

    active: str
    keys: dict[str, bytes]
    index_key: bytes
    token_key: bytes
    again: "Callable[[], KeyRing] | None" = field(default=None, compare=False)
    _ciphers: dict[str, AESGCM] = field(init=False, default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        self._ciphers.update({name: AESGCM(key) for name, key in self.keys.items()})

    @classmethod
    def new(cls) -> "KeyRing":
        """A ring with one new key."""
        return cls(
            active="k1",
            keys={"k1": secrets.token_bytes(KEY_BYTES)},
            index_key=secrets.token_bytes(KEY_BYTES),
            token_key=secrets.token_bytes(KEY_BYTES),
        )

    def adopt(self, other: "KeyRing") -> None:
        """Be `other` from now on: a ring that was changed while it is in use. Keys that it had stay
        until the process ends, for what another process wraps with them meanwhile."""
        self.keys = {**self.keys, **other.keys}
        self._ciphers.update({name: AESGCM(key) for name, key in other.keys.items()})
        self.active = other.active

    def wrap(self, key: bytes, context: bytes) -> tuple[str, bytes]:
        """`key` wrapped by the active key, whose name comes with it."""
        return self.active, _seal(self._ciphers[self.active], key, context)

    def unwrap(self, name: str, wrapped: bytes, context: bytes) -> bytes:
        """The key that was wrapped by the key called `name`. Raises SealBroken."""
        if name not in self._ciphers and self.again:
            self.adopt(self.again())
        if name not in self._ciphers:
            raise SealBroken
        return _open(self._ciphers[name], wrapped, context)


@dataclass(frozen=True, slots=True, repr=False)
class BlindIndex:
    """Keyed digests by which sealed values are found again without being opened."""

    key: bytes

    def of(self, *parts: str) -> bytes:
        """The digest of `parts`, which the caller has normalised."""
        return hmac.digest(self.key, "\x1f".join(parts).encode(), hashlib.sha256)


def context_of(service: str, referral_id: UUID) -> bytes:
    """What ties a key or a text to its service and referral."""
    return f"{service}|{referral_id}|".encode()


def _seal(cipher: AESGCM, content: bytes, context: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return VERSION + nonce + cipher.encrypt(nonce, content, context)


def _open(cipher: AESGCM, sealed: bytes, context: bytes) -> bytes:
    if sealed[:1] != VERSION or len(sealed) < SHORTEST:
        raise SealBroken
    try:
        return cipher.decrypt(sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :], context)
    except InvalidTag as broken:
        raise SealBroken from broken
