"""Who is signed in. The cookie holds a secret; the database holds its hash, and the access token
sealed with a key that only the secret yields. Whoever reads the database can act for nobody.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.identity import Caller
from services.console.rooms import Room, rooms_of

IDLE = timedelta(minutes=60)
LONGEST = timedelta(hours=8)
NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Session:
    """A person who is signed in, for the length of a request. `form_key` stands in every form
    and proves that the page was ours.
    """

    secret: str
    token: str
    caller: Caller
    expires_at: datetime

    @property
    def staff_id(self) -> UUID:
        """The person's id."""
        return self.caller.id

    @property
    def name(self) -> str:
        """The name that the person signs in with."""
        return self.caller.name

    @property
    def authorities(self) -> tuple[str, ...]:
        """The authorities whose referrals the person may see, in order."""
        return tuple(sorted(self.caller.authorities))

    @property
    def person(self) -> Mapping[str, Any]:
        """Who it is, where the console asks for them in its own name."""
        return {
            "staff_id": str(self.staff_id),
            "name": self.name,
            "roles": sorted(self.caller.roles),
            "authorities": list(self.authorities),
        }

    @property
    def form_key(self) -> str:
        """See `form_key`; it says beside that whose form it is."""
        return f"{form_key(self.secret)}.{self.staff_id.hex}"

    @property
    def may_decide(self) -> bool:
        """Whether triage would take a decision from this person (practice rule 5)."""
        decides = not self.caller.roles.isdisjoint({"practitioner", "manager"})
        return decides and "social_worker" in self.caller.qualifications

    @property
    def rooms(self) -> tuple[Room, ...]:
        """The rooms that the person is shown."""
        return rooms_of(self.caller.roles)

    @property
    def is_manager(self) -> bool:
        """Whether the person may go below what a hard rule suggests."""
        return "manager" in self.caller.roles


@dataclass(frozen=True, slots=True, repr=False)
class Attempt:
    """Somebody on their way to the provider and back. Only the browser holds the `secret`; what
    the provider is told, and what has to come back, is derived from it. `following` is the page
    that they wanted."""

    secret: str
    following: str

    @classmethod
    def of_cookie(cls, value: str) -> "Attempt":
        """What a browser brought back."""
        secret, _, following = value.partition(".")
        return cls(secret, unquote(following))

    @property
    def cookie(self) -> str:
        """What the browser keeps meanwhile."""
        return f"{self.secret}.{quote(self.following, safe='')}"

    @property
    def state(self) -> str:
        """Shows that whoever comes back is the browser that went."""
        return self._value(b"state")

    @property
    def nonce(self) -> str:
        """Shows that the ID token was made for this attempt."""
        return self._value(b"nonce")

    @property
    def verifier(self) -> str:
        """What the code alone is worth nothing without (RFC 7636): 43 characters."""
        return self._value(b"verifier")

    def is_state(self, offered: str) -> bool:
        """Whether `offered` is the state; takes the same time either way."""
        return hmac.compare_digest(self.state.encode(), offered.encode())

    def _value(self, purpose: bytes) -> str:
        derived = _derived(self.secret, b"openid " + purpose)
        return base64.urlsafe_b64encode(derived).decode().rstrip("=")


def new_secret() -> str:
    """A secret for a cookie: 256 bits."""
    return secrets.token_urlsafe(32)


def name_of(secret: str) -> bytes:
    """What the database knows a session by."""
    return hashlib.sha256(secret.encode()).digest()


def form_key(secret: str) -> str:
    """What a form carries to show that it came from a page of this cookie's holder."""
    return base64.urlsafe_b64encode(_derived(secret, b"form")).decode().rstrip("=")


def is_form_key(secret: str, offered: str) -> bool:
    """Whether `offered` is the form key of `secret`; takes the same time either way."""
    return hmac.compare_digest(form_key(secret).encode(), offered.partition(".")[0].encode())


def is_theirs(offered: str, staff_id: UUID) -> bool:
    """Whether a form key says that it is of a form of somebody's, of whichever session of theirs.
    Anybody can say so: what was typed may be shown to them again for it, and no more."""
    return offered.partition(".")[2] == staff_id.hex


def seal(secret: str, token: str) -> bytes:
    """The access token as it is stored."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(_derived(secret, b"token")).encrypt(nonce, token.encode(), name_of(secret))
    return nonce + sealed


def unseal(secret: str, sealed: bytes) -> str | None:
    """The access token, or None where it was not sealed for this secret."""
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return AESGCM(_derived(secret, b"token")).decrypt(nonce, rest, name_of(secret)).decode()
    except InvalidTag:
        return None


def _derived(secret: str, purpose: bytes) -> bytes:
    return hmac.digest(secret.encode(), b"frontdoor console " + purpose, "sha256")
