"""Links by which somebody without a system of their own does one thing: answers a request, goes on
with a form, asks how a referral stands. A link says nothing about anybody: an id, and a seal that
only this house can make (record 36)."""

import base64
import binascii
import hashlib
import hmac
from typing import Literal
from uuid import UUID

Purpose = Literal["reply", "disagree", "form", "receipt", "status", "advice", "useful", "helped"]
SEAL_BYTES = 20


class Links:
    """Makes and reads links. `key` is a key of the house."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, purpose: Purpose, subject_id: UUID) -> str:
        """The last part of a link: good for this purpose and this subject alone."""
        sealed = subject_id.bytes + self._seal(purpose, subject_id)
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def subject(self, purpose: Purpose, token: str) -> UUID | None:
        """What a link is about; None for one that this house did not make for this purpose."""
        try:
            sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            return None
        if len(sealed) != 16 + SEAL_BYTES:
            return None
        subject_id = UUID(bytes=sealed[:16])
        good = hmac.compare_digest(sealed[16:], self._seal(purpose, subject_id))
        return subject_id if good else None

    def _seal(self, purpose: Purpose, subject_id: UUID) -> bytes:
        words = f"link|{purpose}|{subject_id}".encode()
        return hmac.digest(self._key, words, hashlib.sha256)[:SEAL_BYTES]
