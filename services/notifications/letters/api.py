"""The letter for the family over HTTP, for the hub's staff."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends

from chassis.errors import DomainError, Unavailable
from chassis.identity import Caller, staff
from chassis.stream.kernel import Kernel
from chassis.telemetry import logs
from policy.working_time import LONDON
from services.notifications.domain import Case
from services.notifications.letters.domain import Offer, offer
from services.notifications.letters.view import view
from services.notifications.opening import opened
from services.notifications.reads import Reads, Unreadable
from services.notifications.rendering.templates import FAMILY_LETTER, Templates
from services.notifications.store import NotificationsStore

READERS = staff("practitioner", "manager", "duty")

log = logs.get_logger(__name__)


def router(
    kernel: Kernel[Case], store: NotificationsStore, reads: Reads, templates: Templates
) -> APIRouter:
    """What the hub's staff call."""
    routes = APIRouter(tags=["messages"])
    database = kernel.service.database

    @routes.get("/v1/messages/letters/{referral_id}")
    async def letter(
        caller: Annotated[Caller, Depends(READERS)], referral_id: UUID
    ) -> Mapping[str, Any]:
        """The letter that tells the family what was decided, or why there is none. Audited."""
        now = kernel.service.clock()
        case = await opened(database, store, caller, referral_id, "family_letter_read", now)
        try:
            decisions = await reads.decisions([referral_id])
            made = offer(case, list(decisions.values()))
            names = await reads.names([referral_id]) if made.decision else {}
        except Unreadable:
            raise Unavailable("words_away", "The letter cannot be written now.") from None
        return {
            "referral_id": referral_id,
            "reference": case.reference,
            "offered": made.decision is not None,
            "because": made.because,
            "reason": made.reason,
            "cautions": made.cautions,
            **written(case, made, names),
        }

    def written(case: Case, made: Offer, names: Mapping[UUID, str]) -> Mapping[str, str | None]:
        if made.decision is None:
            return {"html": None, "text": None}
        now = kernel.service.clock()
        contacts = kernel.service.policy.current(case.authority, now.astimezone(LONDON).date())
        values = view(case, made.decision, names, contacts, now)
        try:
            own = templates.of(contacts)
            return {
                "html": own.html(FAMILY_LETTER, values),
                "text": own.text(FAMILY_LETTER, values),
            }
        except Exception as fault:
            # An authority's own template may raise anything; nothing of it is to be told on.
            log.exception("template_failed", kind=FAMILY_LETTER, authority=case.authority)
            raise DomainError(
                "template_failed", "The authority's own template of the letter fails."
            ) from fault

    return routes
