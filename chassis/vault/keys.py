"""Keys and what is done with them: AES-256-GCM, wrapped by a ring of keys held in memory.

A sealed text names in its associated data the service, the referral and the field it belongs to,
so that one can't be put in another's place. Destroying a referral's key destroys its texts.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
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


@dataclass(frozen=True, slots=True, repr=False)
class KeyRing:
    """The keys that wrap data keys, by name, and the one in use for new ones. `index_key` is for
    digests, `token_key` for what is derived from secrets."""

    active: str
    keys: dict[str, bytes]
    index_key: bytes
    token_key: bytes
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

    @classmethod
    def load_or_create(cls, path: Path) -> "KeyRing":
        """The ring in `path`, made there (for its owner alone) when there is none.

        Whoever loses this file loses every text; whoever copies it can read them.
        """
        if not path.exists():
            _keep(cls.new(), path)
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> "KeyRing":
        """The ring in `path`. Raises FileNotFoundError: a new ring beside a database that has
        texts would read none of them, so only a first start makes one."""
        text = json.loads(path.read_text())
        return cls(
            active=text["active"],
            keys={name: base64.b64decode(key) for name, key in text["keys"].items()},
            index_key=base64.b64decode(text["index_key"]),
            token_key=base64.b64decode(text["token_key"]),
        )

    def wrap(self, key: bytes, context: bytes) -> tuple[str, bytes]:
        """`key` wrapped by the active key, whose name comes with it."""
        return self.active, _seal(self._ciphers[self.active], key, context)

    def unwrap(self, name: str, wrapped: bytes, context: bytes) -> bytes:
        """The key that was wrapped by the key called `name`. Raises SealBroken."""
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


def _keep(ring: KeyRing, path: Path) -> None:
    """Write a ring to `path`, whole or not at all; one that came first is left alone."""

    def text(key: bytes) -> str:
        return base64.b64encode(key).decode()

    content = {
        "active": ring.active,
        "keys": {name: text(key) for name, key in ring.keys.items()},
        "index_key": text(ring.index_key),
        "token_key": text(ring.token_key),
    }
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


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
