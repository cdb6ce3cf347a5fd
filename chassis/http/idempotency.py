"""`Idempotency-Key`: the same request sent twice is done once (draft-ietf-httpapi-idempotency-key).

A key is claimed in the transaction that does the work, and the answer is stored in it. A refused
request stores nothing, so that it can be mended and sent with the same key.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from chassis.database import Connection
from chassis.errors import BadRequest, DomainError, InvalidInput
from chassis.http import store
from chassis.http.claims import Claim

A = TypeVar("A")

# Quoted, as the draft says (a structured string), or not, as most clients send it.
_KEY = re.compile(r'"([\x20\x21\x23-\x7e]{1,255})"|([\x20\x21\x23-\x7e]{1,255})')


def claim_of(client: str, header: str | None, content: bytes, *, target: str = "") -> Claim:
    """The claim that a request makes. `target` is its path: the same words sent elsewhere are
    another request. Raises BadRequest without a usable key."""
    if header is None or not header.strip():
        raise BadRequest(
            "idempotency_key_missing",
            "Send an Idempotency-Key, new for each new request, so that a repeat is not a second.",
        )
    found = _KEY.fullmatch(header.strip())
    if not found:
        raise BadRequest(
            "idempotency_key_invalid", "An Idempotency-Key has 1 to 255 printable characters."
        )
    asked = hashlib.sha256(target.encode() + b"\n" + content).digest()
    return Claim(client, found.group(1) or found.group(2), asked)


def still_running() -> DomainError:
    """The same key is being worked on (409)."""
    return DomainError(
        "still_running", "A request with this Idempotency-Key is still being answered."
    )


def another_request() -> InvalidInput:
    """The same key came with another content before (422)."""
    return InvalidInput(
        "key_used_before", "This Idempotency-Key was used for a request with another content."
    )


async def claim(
    connection: Connection,
    claims: Mapping[int, Claim],
    now: datetime,
    answer: Callable[[int, bytes, bool], A],
) -> dict[int, A | Exception]:
    """Claim keys for the requests of a group, by their place in it. The places that need not be
    worked on come back with the stored answer, or with the refusal."""
    settled: dict[int, A | Exception] = {}
    first: dict[tuple[str, str], int] = {}
    for place, one in claims.items():
        if (one.client, one.key) in first:
            settled[place] = still_running()
        else:
            first[one.client, one.key] = place
    if not first:
        return settled
    won = await store.claim(connection, [claims[place] for place in first.values()], now)
    lost = [key for key in first if key not in won]
    if lost:
        known = await store.read(connection, lost)
        for key in lost:
            place, kept = first[key], known.get(key)
            if kept is None:
                settled[place] = still_running()
            elif kept.request_hash != claims[place].request_hash:
                settled[place] = another_request()
            elif kept.status is None or kept.body is None:
                settled[place] = still_running()
            else:
                settled[place] = answer(kept.status, kept.body, True)
    return settled


async def keep(
    connection: Connection, done: Sequence[tuple[Claim, int, bytes]], failed: Sequence[Claim]
) -> None:
    """Store the answers of what was done; let go of the keys of what was refused."""
    if done:
        await store.keep(connection, done)
    if failed:
        await store.release(connection, failed)
