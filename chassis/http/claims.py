"""What a client claims with an idempotency key."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """A client's key for one request, whose content is known by its hash."""

    client: str
    key: str
    request_hash: bytes
