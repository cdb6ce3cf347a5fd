"""Drafts over HTTP, for partners."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json

from chassis.errors import PreconditionRequired
from chassis.http import etags, idempotency
from chassis.identity import Caller, partner
from contracts.form import CLEAN_LINE
from services.intake import answers
from services.intake.callers import IdempotencyKey, organisation_of, response_of
from services.intake.drafts.drafting import Drafting, content_of
from services.intake.drafts.store import Draft
from services.intake.once import once
from services.intake.receiving import asks_leniency

IfMatch = Annotated[str | None, Header(alias="If-Match")]
FORM = {
    "type": "object",
    "description": "A referral form, as far as it is known: the body of `POST /v1/referrals`.",
    "required": ["authority"],
    "properties": {"authority": {"type": "string"}},
}
FORM_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": FORM}},
    }
}


class HandOverBody(BaseModel):
    """To whom: in your own words, and the client of their system if it is another one."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    to: Annotated[str, Field(min_length=1, max_length=200), CLEAN_LINE]
    client_id: Annotated[str, Field(max_length=200)] | None = None


def router(drafting: Drafting) -> APIRouter:
    """Save, come back, hand over, submit."""
    routes = APIRouter(tags=["drafts"])
    service = drafting.service
    may_write = partner("referral.create")

    @routes.post(
        "/v1/drafts",
        status_code=201,
        openapi_extra=FORM_BODY,
        **answers.described(answers.DraftSaved, 201),
    )
    async def begin(
        request: Request,
        caller: Annotated[Caller, Depends(may_write)],
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Save a form that is not complete yet. Only its authority is needed. It is forgotten at
        `expires_at`, which every change moves on."""
        body = await request.body()
        claim = idempotency.claim_of(caller.name, idempotency_key, body, target=request.url.path)
        content = content_of(body)
        now = service.clock()

        async def work(connection: Any) -> Mapping[str, Any]:
            return _told(drafting, await drafting.begin(connection, caller, content, now))

        return response_of(await once(service.database, claim, now, 201, work))

    @routes.get("/v1/drafts", **answers.described(answers.DraftPage))
    async def listed(
        caller: Annotated[Caller, Depends(partner("referral.create", people=True))],
    ) -> Mapping[str, Any]:
        """The drafts that your client holds, those changed last first; 200 at most."""
        async with service.database.connection() as connection:
            found = await drafting.store.held(connection, organisation_of(caller), caller.name)
        return {"items": [_row(one) for one in found], "next": None}

    @routes.get("/v1/drafts/{draft_id}", **answers.described(answers.DraftRead))
    async def read(
        caller: Annotated[Caller, Depends(may_write)], draft_id: UUID, response: Response
    ) -> Mapping[str, Any]:
        """A draft, with what it lacks."""
        draft = await drafting.read(caller, draft_id)
        response.headers["ETag"] = etags.etag(draft.version)
        return {**_told(drafting, draft), "form": from_json(draft.content)}

    @routes.put(
        "/v1/drafts/{draft_id}",
        openapi_extra=FORM_BODY,
        **answers.described(answers.DraftSaved),
    )
    async def replace(
        request: Request,
        caller: Annotated[Caller, Depends(may_write)],
        draft_id: UUID,
        response: Response,
        if_match: IfMatch = None,
    ) -> Mapping[str, Any]:
        """Replace what a draft says. `If-Match` has the ETag that you read."""
        await drafting.read(caller, draft_id)
        version = _seen(if_match)
        content = content_of(await request.body())
        draft = await drafting.change(
            caller,
            draft_id,
            version,
            lambda found: drafting.filled(found, content),
            "draft_changed",
        )
        response.headers["ETag"] = etags.etag(draft.version)
        return _told(drafting, draft)

    @routes.delete("/v1/drafts/{draft_id}", status_code=204)
    async def throw_away(caller: Annotated[Caller, Depends(may_write)], draft_id: UUID) -> None:
        """Throw a draft away. Nothing of it can be read any more."""
        await drafting.throw_away(caller, draft_id)

    @routes.post("/v1/drafts/{draft_id}/handover", **answers.described(answers.DraftSaved))
    async def hand_over(
        caller: Annotated[Caller, Depends(partner("referral.create", people=True))],
        draft_id: UUID,
        body: HandOverBody,
        if_match: IfMatch = None,
    ) -> Mapping[str, Any]:
        """Give a draft to a colleague of your organisation."""
        await drafting.read(caller, draft_id)
        draft = await drafting.hand_over(caller, draft_id, _seen(if_match), body.to, body.client_id)
        return _told(drafting, draft)

    @routes.post(
        "/v1/drafts/{draft_id}/submission",
        status_code=201,
        **answers.described(answers.Received, 201),
    )
    async def submit(
        request: Request,
        caller: Annotated[Caller, Depends(may_write)],
        draft_id: UUID,
        idempotency_key: IdempotencyKey = None,
        prefer: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Send a draft. It becomes the referral of the same id, in one transaction, and is
        answered like `POST /v1/referrals`. A draft that is refused stays a draft."""
        claim = idempotency.claim_of(
            caller.name, idempotency_key, await request.body(), target=request.url.path
        )
        return response_of(
            await drafting.submit(caller, draft_id, claim, lenient=asks_leniency(prefer))
        )

    return routes


def _seen(if_match: str | None) -> int:
    """The version that the caller saw. Raises PreconditionRequired where they don't say."""
    seen = etags.version(if_match)
    if seen is None:
        raise PreconditionRequired(
            "version_missing",
            "Send the ETag that you saw as If-Match, so that nobody's work is lost.",
        )
    return seen


def _row(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.draft_id,
        "authority": draft.authority,
        "version": draft.version,
        "held_by": draft.holder,
        "created_at": draft.created_at,
        "updated_at": draft.updated_at,
        "expires_at": draft.expires_at,
        "links": {
            "self": f"/v1/drafts/{draft.draft_id}",
            "submission": f"/v1/drafts/{draft.draft_id}/submission",
        },
    }


def _told(drafting: Drafting, draft: Draft) -> dict[str, Any]:
    return {**_row(draft), **drafting.look(draft)}
