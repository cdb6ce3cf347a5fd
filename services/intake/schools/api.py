"""Organisations over HTTP, for the hub: whom a call was from, and whom to ask."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from chassis.identity import Caller, staff
from chassis.stream.kernel import Service
from services.intake import answers
from services.intake.domain import Case
from services.intake.schools import store

SHORTEST = 3
MOST = 20


def router(service: Service[Case]) -> APIRouter:
    """What the hub calls."""
    routes = APIRouter(tags=["organisations"])

    @routes.get("/v1/intake/organisations", **answers.described(answers.OrganisationsFound))
    async def found(
        caller: Annotated[Caller, Depends(staff("practitioner", "manager", "duty", "coordinator"))],
        name: Annotated[str, Query(max_length=100)] = "",
    ) -> Mapping[str, Any]:
        """Organisations that are registered here, by three letters or more of their name: their ids
        are what a call and a request for information ask for. `open` is false for a school that has
        closed."""
        del caller
        words = " ".join(name.replace("\x00", "").split())
        if len(words) < SHORTEST:
            return {"items": []}
        async with service.database.connection() as connection:
            return {"items": await store.named(connection, words, MOST)}

    return routes
