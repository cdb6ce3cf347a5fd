"""Requests for information, for other services: how to reach whoever is asked, and what the page
behind an emailed link shows and takes."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.errors import DomainError, NotFound
from chassis.identity import Caller, service
from services.triage.checks import store
from services.triage.checks.desk import Desk, Found, ReplyBody, SentBody, asked
from services.triage.checks.domain import still_open
from services.triage.checks.partners import note_read
from services.triage.checks.request import REFERRER, By, RequestState
from services.triage.written import store as written


class IdsBody(SentBody):
    ids: tuple[UUID, ...] = Field(max_length=500)
    purpose: str = Field(max_length=80)


class ReferralsBody(SentBody):
    referral_ids: tuple[UUID, ...] = Field(max_length=500)


class TokenBody(SentBody):
    token: str = Field(max_length=200)


class LinkReplyBody(TokenBody):
    reply: ReplyBody


class LinkEnded(DomainError):
    """The link was good, and its time has passed."""

    status = 410


def router(desk: Desk) -> APIRouter:
    """What notifications and the console ask. Never routed by a gateway."""
    routes = APIRouter(include_in_schema=False)
    database = desk.kernel.service.database

    @routes.post("/internal/v1/triage/requests:batch")
    async def batch(
        caller: Annotated[Caller, Depends(service())], body: IdsBody
    ) -> Mapping[str, Any]:
        """Where to send the link of each request, and whether it is still wanted."""
        async with database.transaction() as connection:
            places = await store.find(connection, body.ids)
            cases = await desk.store.load(
                connection, sorted({place["referral_id"] for place in places.values()})
            )
            words = await written.read(connection, desk.vault, list(places))
            await append_audit(
                connection,
                [
                    AuditEntry(
                        "request_address_read",
                        caller,
                        place["authority"],
                        place["referral_id"],
                        {"purpose": body.purpose},
                    )
                    for place in places.values()
                ],
                desk.kernel.service.clock(),
            )
        found = [
            Found(cases[place["referral_id"]], one, words.get(request_id, {}))
            for request_id, place in places.items()
            for one in cases[place["referral_id"]].requests
            if one.request_id == request_id
        ]
        return {
            "items": [
                {
                    "request_id": one.request.request_id,
                    "address": one.words.get("request/address"),
                    "token": desk.links.token("reply", one.request.request_id),
                    "due_at": one.request.due_at,
                    "link_until": one.request.link_until,
                    "wanted": one.request.state is RequestState.OPEN,
                }
                for one in found
            ]
        }

    @routes.post("/internal/v1/triage/requests:of-referrers")
    async def of_referrers(
        caller: Annotated[Caller, Depends(service())], body: ReferralsBody
    ) -> Mapping[str, Any]:
        """What those who sent some referrals are asked still, with the links that they answer by,
        and the link to disagree by. For people whom the console has seen signed in."""
        now = desk.kernel.service.clock()
        async with database.connection() as connection:
            cases = await desk.store.load(connection, sorted(set(body.referral_ids)))
        return {
            "items": [
                {
                    "referral_id": case.referral_id,
                    "disagree_token": desk.links.token("disagree", case.referral_id),
                    "asked": [
                        {
                            "token": desk.links.token("reply", one.request_id),
                            "due_at": one.due_at,
                        }
                        for one in case.requests
                        if one.of == REFERRER
                        and one.by is By.LINK
                        and one.state is RequestState.OPEN
                        and one.link_until > now
                    ],
                }
                for case in cases.values()
            ]
        }

    @routes.post("/internal/v1/triage/requests:opened")
    async def opened(
        caller: Annotated[Caller, Depends(service())], body: TokenBody
    ) -> Mapping[str, Any]:
        """What the page behind a link shows. Audited."""
        found = await _behind(desk, body.token)
        await note_read(desk, caller, found, how="link")
        return {**asked(found), "link_until": found.request.link_until}

    @routes.post("/internal/v1/triage/requests:answered", status_code=201)
    async def answered(
        caller: Annotated[Caller, Depends(service())], body: LinkReplyBody
    ) -> Response:
        """Keep what was written on the page behind a link."""
        found = await _behind(desk, body.token)
        answer = await desk.keep_reply(found, body.reply, caller, how="link")
        return Response(answer.body, answer.status, media_type="application/json")

    return routes


async def _behind(desk: Desk, token: str) -> Found:
    """The request behind a link that is still good. Raises NotFound, DomainError, LinkEnded."""
    request_id = desk.links.subject("reply", token)
    found = await desk.found(request_id) if request_id else None
    if found is None or found.request.by is not By.LINK:
        raise NotFound("link_unknown", "This link leads nowhere. Was it copied whole?")
    still_open(found.case, found.request.request_id)
    if found.request.link_until <= desk.kernel.service.clock():
        raise LinkEnded("link_ended", "The time of this link has passed. Ring the hub.")
    return found
