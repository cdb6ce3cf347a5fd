"""Accounts of people of partner organisations over HTTP, for operators: as `frontdoor user add --beside`
does. A password is in the one answer that makes it and is kept nowhere.

Their names are email addresses: they stand in bodies and never in an address.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from chassis.errors import NotFound
from chassis.identity import Caller
from contracts.form import CLEAN_LINE
from services.intake import answers
from services.intake.accounts import registering
from services.intake.accounts import store as accounts
from services.intake.accounts.clients import (
    OPERATORS,
    AtPath,
    ClientDesk,
    SentBody,
    note,
    refuse,
)
from services.intake.referrers import store

Username = Annotated[str, Field(min_length=3, max_length=254), CLEAN_LINE]


class PersonBody(SentBody):
    """Somebody who refers for the organisation, by their email address at work: a `referrer` sees
    what they sent, a `safeguarding_lead` all that the organisation sent."""

    username: Username
    role: Literal["referrer", "safeguarding_lead"]


class EndBody(SentBody):
    username: Username


class PersonRow(BaseModel):
    username: str
    roles: list[str]
    created_at: datetime
    disabled_at: datetime | None


class PeopleListed(BaseModel):
    items: list[PersonRow]


class PersonMade(BaseModel):
    """The only time that the password is told."""

    username: str
    password: str


class PersonDisabled(BaseModel):
    username: str
    disabled_at: datetime


def staff_router(desk: ClientDesk) -> APIRouter:
    """What operators call."""
    routes = APIRouter(tags=["clients"])
    service = desk.service

    @routes.get("/v1/intake/clients/{client_id}/people", **answers.described(PeopleListed))
    async def listed(
        caller: Annotated[Caller, Depends(OPERATORS)], client_id: AtPath
    ) -> Mapping[str, Any]:
        """Who of the client's organisation has an account, by name."""
        refuse(desk, caller)
        async with service.database.connection() as connection:
            return {"items": await store.people_beside(connection, client_id)}

    @routes.post(
        "/v1/intake/clients/{client_id}/people",
        status_code=201,
        **answers.described(PersonMade, 201),
    )
    async def add(
        caller: Annotated[Caller, Depends(OPERATORS)],
        client_id: AtPath,
        body: PersonBody,
        response: Response,
    ) -> Mapping[str, Any]:
        """Give somebody of the client's organisation an account. The password is told this once.
        409 where somebody has that name."""
        refuse(desk, caller)
        password = secrets.token_urlsafe(12)
        async with service.database.transaction() as connection:
            await registering.add_staff(
                connection,
                username=body.username,
                password=password,
                roles=[body.role],
                qualifications=[],
                authorities=[],
                ids=service.ids,
                now=service.clock(),
                beside=client_id,
            )
            await note(desk, connection, caller, "person_registered", client_id)
        response.headers["Cache-Control"] = "no-store"
        return {"username": body.username, "password": password}

    @routes.post(
        "/v1/intake/clients/{client_id}/people/disablement",
        **answers.described(PersonDisabled),
    )
    async def disable(
        caller: Annotated[Caller, Depends(OPERATORS)], client_id: AtPath, body: EndBody
    ) -> Mapping[str, Any]:
        """Let somebody of the client's organisation in no more. Who is signed in stays so until
        their session ends."""
        refuse(desk, caller)
        now = service.clock()
        async with service.database.transaction() as connection:
            theirs = await store.people_beside(connection, client_id)
            if body.username not in {one["username"] for one in theirs}:
                raise NotFound("staff_not_found", "There is no such account, or it is disabled.")
            await accounts.disable_staff(connection, body.username, now)
            await note(desk, connection, caller, "person_disabled", client_id)
        return {"username": body.username, "disabled_at": now}

    return routes
