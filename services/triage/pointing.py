"""Naming local services in a decision (practice rule 24): each becomes one of its actions, in words
that the referrer and the family can use."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import httpx2

from chassis.errors import FieldError, InvalidInput, Unavailable
from services.triage.domain import Action

SECONDS: Final = 5.0
OWNER: Final = "The family, with whoever referred"
MOST: Final = 480


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


def in_words(service: Mapping[str, Any]) -> str:
    """`Get in touch with Talking Place (Mock Trust), for ages 8 to 17, in Invented ward. Telephone
    01632 960333.`"""
    whose = f" ({service['organisation']})" if service["organisation"] else ""
    area = f", in {service['area']}" if service.get("area") else ""
    said = [f"Get in touch with {service['name']}{whose}{_ages(service)}{area}."]
    if service["how_to_join"]:
        said.append(service["how_to_join"])
    ways = (("Telephone", "telephone"), ("Email", "email"), ("See", "url"))
    reached = next((f"{word} {service[name]}." for word, name in ways if service[name]), None)
    room = MOST - len(" ".join(said)) - len(reached or "") - 1
    if room < 0:
        said[-1] = said[-1][: room - 1] + "…"
    return " ".join(filter(None, (*said, reached)))


def _ages(service: Mapping[str, Any]) -> str:
    youngest, oldest = service["minimum_age"], service["maximum_age"]
    if youngest is not None and oldest is not None:
        return f", for ages {youngest} to {oldest}"
    if youngest is not None:
        return f", from age {youngest}"
    return f", up to age {oldest}" if oldest is not None else ""
