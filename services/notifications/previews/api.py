"""What a referrer would be told, over HTTP, for whoever is about to record it."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from chassis.errors import Unavailable
from chassis.identity import Caller, staff
from chassis.stream.kernel import Kernel
from contracts.events import Rag
from policy.working_time import LONDON
from services.notifications.domain import Case
from services.notifications.opening import opened
from services.notifications.previews.domain import Draft, What, decision_of, message_of
from services.notifications.reads import Action, DecidedChild, Reads, Unreadable
from services.notifications.rendering import Email, Renderer
from services.notifications.rendering.view import detail_for
from services.notifications.store import NotificationsStore

READERS = staff("practitioner", "manager", "duty")
NOT_TOLD = "not_told"

Words = Annotated[str, Field(max_length=20_000)]


class PreviewBody(BaseModel):
    """What is about to be recorded, as triage takes it; `what` says which. What the referrer is not
    told may be left in. `rag`: the colour of the whole referral once it is recorded."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    what: What
    rationale: Words
    rag: Rag | None = None
    close: bool = False
    children: tuple[DecidedChild, ...] = Field(default=(), max_length=60)
    clauses: tuple[str, ...] = Field(default=(), max_length=40)
    no_clause_because: Words | None = None
    actions: tuple[Action, ...] = Field(default=(), max_length=40)

    def draft(self) -> Draft:
        """As the domain takes it."""
        return Draft(**dict(self))


def router(
    kernel: Kernel[Case],
    store: NotificationsStore,
    reads: Reads,
    renderer: Renderer,
    *,
    plain: bool = False,
) -> APIRouter:
    """What the hub's staff call. `plain`: emails go through GOV.UK Notify, as their text alone."""
    routes = APIRouter(tags=["messages"])
    database = kernel.service.database

    @routes.post("/v1/messages/previews/{referral_id}")
    async def preview(
        caller: Annotated[Caller, Depends(READERS)], referral_id: UUID, body: PreviewBody
    ) -> Mapping[str, Any]:
        """The email by which the referrer would be told, as it would go out to them, or why there
        is none. Nothing is recorded or sent; that somebody looked is written to the audit trail."""
        now = kernel.service.clock()
        case = await opened(database, store, caller, referral_id, "message_previewed", now)
        try:
            referrals = await reads.referrals([referral_id])
            earlier = list((await reads.decisions([referral_id])).values())
        except Unreadable:
            raise Unavailable("words_away", "The email cannot be written now.") from None
        pack = kernel.service.policy.current(case.authority, now.astimezone(LONDON).date())
        referral, draft = referrals.get(referral_id), body.draft()
        message = message_of(case, draft, earlier, now)
        said = (
            renderer.email(case, message, referral, decision_of(case, draft, pack, now), now)
            if message
            else None
        )
        return {
            "referral_id": referral_id,
            "kind": message.kind if message else None,
            "detail": detail_for(case, referral, pack),
            "email": {
                "to": said.recipient,
                "subject": said.subject,
                "text": said.text,
                "html": "" if plain else said.html,
            }
            if isinstance(said, Email)
            else None,
            "because": None if isinstance(said, Email) else said.reason if said else NOT_TOLD,
        }

    return routes
