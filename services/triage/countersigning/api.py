"""What managers countersign."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from chassis import audit
from chassis.http import etags, paging
from chassis.identity import Caller, staff
from chassis.stream.kernel import Kernel
from contracts.form import CLEAN_WORDS
from policy.working_time import LONDON
from services.triage.countersigning import store
from services.triage.domain import Case, countersigning
from services.triage.orders import Orders, person

PAGE = 50
FIRST = (datetime(1900, 1, 1, tzinfo=UTC), UUID(int=0))
HUB = staff("practitioner", "manager", "duty")
MANAGERS = staff("manager")


class SignatureBody(BaseModel):
    """`note` is the hub's own; without agreement it says what has to be looked at again."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    decision_id: UUID
    agree: bool
    note: Annotated[str, Field(max_length=20_000), CLEAN_WORDS] | None = None


def router(kernel: Kernel[Case], orders: Orders) -> APIRouter:
    """What staff of the hub call."""
    routes = APIRouter(tags=["triage"])
    service = kernel.service

    @routes.get("/v1/triage/countersignatures")
    async def waiting(
        caller: Annotated[Caller, Depends(HUB)],
        cursor: Annotated[str | None, Query(max_length=500)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
    ) -> Mapping[str, Any]:
        """Decisions that wait for a manager, the longest first. No names."""
        after = paging.decode(cursor, (datetime, UUID)) if cursor else FIRST
        async with service.database.transaction() as connection:
            rows = await store.waiting(connection, sorted(caller.authorities), after, limit + 1)
            page, more = rows[:limit], len(rows) > limit
            now = service.clock()
            for authority in sorted({row["authority"] for row in page}):
                ids = [row["referral_id"] for row in page if row["authority"] == authority]
                day = now.astimezone(LONDON).date()
                await audit.note_list_read(connection, caller, authority, ids, day, now)
        following = (
            paging.encode((page[-1]["awaiting_since"], page[-1]["referral_id"])) if more else None
        )
        return {"items": [_shown(row) for row in page], "next": following}

    @routes.post("/v1/triage/referrals/{referral_id}/countersignature", status_code=201)
    async def countersign(
        caller: Annotated[Caller, Depends(MANAGERS)],
        referral_id: UUID,
        body: SignatureBody,
        if_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Agree with a decision of Red or of no further action: its referrer is told now. Or send
        it back, with a note: it is decided again. 412 says that it was decided again meanwhile."""
        command = countersigning.Countersign(
            person=person(caller),
            expected_version=etags.version(if_match),
            decision_id=body.decision_id,
            agree=body.agree,
            note=body.note,
        )
        return await orders.obey(
            caller,
            referral_id,
            "countersigned",
            lambda state, policy, ids, now: countersigning.countersign(
                state, command, policy, ids, now
            ),
            details={"decision_id": str(body.decision_id), "agree": body.agree},
        )

    return routes


def _shown(row: Mapping[str, Any]) -> Mapping[str, Any]:
    awaiting = row["awaiting"]
    return {
        "id": row["referral_id"],
        "reference": row["reference"],
        "authority": row["authority"],
        "rag": row["rag"],
        "suggested_rag": row["suggested"],
        "version": row["version"],
        "since": row["awaiting_since"],
        "decision_id": awaiting["decision_id"],
        "decided_by": awaiting["staff_id"],
        "because": awaiting["because"],
    }
