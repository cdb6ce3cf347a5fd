"""Where a bundle's words come from: the services that own them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2

from chassis.errors import Unavailable

SECONDS = 5.0
PURPOSE = "case_system"


@dataclass(frozen=True, slots=True)
class Words:
    """What intake and triage say of one referral."""

    referral: Mapping[str, Any]
    decided: Mapping[str, Any]


async def words(
    reads: httpx2.AsyncClient, referral_id: UUID, purpose: str = PURPOSE
) -> Words | None:
    """Both at once; None where one of them has no such referral. Raises Unavailable."""
    body = {"ids": [str(referral_id)], "purpose": purpose}
    paths = ("/internal/v1/intake/bundles:batch", "/internal/v1/triage/bundles:batch")
    referral, decided = await asyncio.gather(*(first(reads, path, body) for path in paths))
    if referral is None or decided is None:
        return None
    return Words(referral, decided)


async def first(
    reads: httpx2.AsyncClient, path: str, body: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """What one of them says of one referral, None where it has none such. Raises Unavailable."""
    try:
        answer = await reads.post(path, json=body, timeout=SECONDS)
        answer.raise_for_status()
    except httpx2.HTTPError as fault:
        raise Unavailable("words_away", "What the referral says cannot be read now.") from fault
    return next(iter(answer.json()["items"]), None)
