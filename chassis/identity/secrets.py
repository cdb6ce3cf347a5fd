"""Secrets of clients and passwords of staff: made, kept and compared."""

import asyncio
import hashlib
import hmac
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

CLIENT_SECRET_PREFIX = "fds_"  # noqa: S105  (lets scanners find a secret that leaked)


def new_client_secret() -> str:
    """A client secret: 256 random bits behind a prefix that secret scanners can look for."""
    return CLIENT_SECRET_PREFIX + secrets.token_urlsafe(32)


def secret_digest(pepper: bytes, secret: str) -> bytes:
    """How a generated secret is kept. It has 256 random bits, so a slow hash adds nothing."""
    return hmac.digest(pepper, secret.encode(), hashlib.sha256)


def same_secret(pepper: bytes, secret: str, digest: bytes) -> bool:
    """Whether `secret` has this digest, in constant time."""
    return hmac.compare_digest(secret_digest(pepper, secret), digest)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def nobodys_hash() -> str:
    """A hash to check against when there is no such person, so that it takes as long."""
    return _hasher().hash(secrets.token_urlsafe(16))


def slow_hash(password: str) -> str:
    """An Argon2id hash. It takes tens of milliseconds by design, without the interpreter's lock."""
    return _hasher().hash(password)


async def hash_password(password: str) -> str:
    """An Argon2id hash, made in a thread."""
    return await asyncio.to_thread(slow_hash, password)


async def same_password(hashed: str, password: str) -> bool:
    """Whether `password` has this hash."""

    def check() -> bool:
        try:
            return _hasher().verify(hashed, password)
        except (Argon2Error, InvalidHashError):
            return False

    return await asyncio.to_thread(check)
