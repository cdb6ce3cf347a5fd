"""Naming local services in a decision (practice rule 24): each becomes one of its actions, in words
that the referrer and the family can use."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import httpx2

from chassis.errors import FieldError, InvalidInput, Unavailable
from policy.local_services import OWNER, in_words
from services.triage.domain import Action

SECONDS: Final = 5.0


async def pointed_to(
    reads: httpx2.AsyncClient, authority: str, service_ids: Sequence[UUID]
) -> tuple[Action, ...]:
    """An action for each service of the authority's directory. Raises InvalidInput for one that it
    doesn't have or that has ended, Unavailable."""
    if not service_ids:
        return ()
    body = {"ids": [str(one) for one in service_ids], "purpose": "decision"}
    try:
        answer = await reads.post("/internal/v1/intake/services:batch", json=body, timeout=SECONDS)
        answer.raise_for_status()
    except httpx2.HTTPError as away:
        raise Unavailable(
            "directory_away", "The directory can't be read now. Decide without it, or try again."
        ) from away
    known = {
        one["id"]: one
        for one in answer.json()["items"]
        if one["authority"] == authority and one["open"]
    }
    errors = [
        FieldError(f"/services/{place}", "The directory has no such service, or it has ended.")
        for place, one in enumerate(service_ids)
        if str(one) not in known
    ]
    if errors:
        raise InvalidInput("unknown_service", "Some fields are wrong.", errors=errors)
    return tuple(
        Action(action=in_words(known[str(one)]), owner=OWNER, service_id=one) for one in service_ids
    )
