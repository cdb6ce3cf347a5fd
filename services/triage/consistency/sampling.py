"""The quarterly audit sample over HTTP: drawn at random, rated a second time by somebody who sees
neither the suggestion nor the first decision (practice rule 26), and how far the two agree."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.errors import DomainError, FieldError, Forbidden, InvalidInput, NotFound
from chassis.identity import SOCIAL_WORKER, Caller, staff
from chassis.restriction import seer_of, visible
from contracts.events import Rag
from contracts.form import CLEAN_WORDS
from services.triage.checks.desk import Desk, SentBody
from services.triage.consistency import domain, store
from services.triage.consistency.domain import QUARTER, last_quarter, quarter_of
from services.triage.consistency.drawing import Drawing
from services.triage.domain import Case
from services.triage.written import Written
from services.triage.written import store as written

DRAWERS = staff("manager")
REASONS = "second_reasons"
RATERS = staff("practitioner", "manager")
READERS = staff("manager", "analyst")
Quarter = Annotated[str, Field(pattern=QUARTER)]


class DrawBody(SentBody):
    """A quarter that is over, such as 2026Q1, and how many to rate again."""

    authority: str = Field(max_length=80)
    quarter: Quarter
    size: Annotated[int, Field(ge=5, le=200)] = 20


class RateBody(SentBody):
    """The colour and level that you would give, from what the referrer sent alone, and why."""

    rag: Rag
    level: Annotated[int, Field(ge=1, le=4)] | None = None
    reasons: Annotated[str, Field(min_length=1, max_length=4_000), CLEAN_WORDS] | None = None


def router(desk: Desk, drawing: Drawing) -> APIRouter:
    """What managers draw and practitioners rate."""
    routes = APIRouter(tags=["consistency"])
    service = desk.kernel.service

    @routes.post("/v1/triage/audit-samples", status_code=201)
    async def drawn(
        caller: Annotated[Caller, Depends(DRAWERS)], body: DrawBody
    ) -> Mapping[str, Any]:
        """Draw a quarter's sample, once. Fewer are drawn where fewer were decided. A quarter of which
        nobody draws one gets one of 20 by itself within the hour after it ends."""
        if body.authority not in caller.authorities:
            raise NotFound("authority_not_found", "You don't work for this authority.")
        _, until = quarter_of(body.quarter)
        if until > service.clock():
            wrong = FieldError("/quarter", "This quarter is not over yet.")
            raise InvalidInput("invalid_request", "Some fields are wrong.", errors=(wrong,))
        async with service.database.transaction() as connection:
            found = await drawing.draw(connection, caller, body.authority, body.quarter, body.size)
            if found is None:
                raise DomainError("already_drawn", "The sample of this quarter was drawn before.")
        return {"quarter": body.quarter, "drawn": found.drawn, "of": found.of}

    @routes.get("/v1/triage/audit-samples")
    async def listed(
        caller: Annotated[Caller, Depends(RATERS)], quarter: Quarter | None = None
    ) -> Mapping[str, Any]:
        """A quarter's sample (by default the last that is over) and what is still to be rated. No
        colours: open one, and rate it. `by_you`: you decided or rated it first, so that somebody
        else rates it. What you may not see is left out."""
        wanted, now = quarter or last_quarter(service.clock()), service.clock()
        async with service.database.connection() as connection:
            rows = await store.sample(connection, sorted(caller.authorities), wanted, caller.id)
            ids = [row["referral_id"] for row in rows]
            seen = await visible(connection, ids, seer_of(caller, now))
        items = [
            {
                "sample_id": row["sample_id"],
                "authority": row["authority"],
                "quarter": row["quarter"],
                "rated": row["second_rag"] is not None,
                "by_you": row["decided_by"],
            }
            for row in rows
            if row["referral_id"] in seen
        ]
        return {"items": items, "next": None}

    @routes.get("/v1/triage/audit-samples/agreement")
    async def agreement(
        caller: Annotated[Caller, Depends(READERS)], quarter: Quarter | None = None
    ) -> Mapping[str, Any]:
        """How far first and second ratings of a quarter agree."""
        wanted = quarter or last_quarter(service.clock())
        async with service.database.connection() as connection:
            rows = await store.sample(connection, sorted(caller.authorities), wanted, caller.id)
        pairs = [(row["first_rag"], row["second_rag"]) for row in rows if row["second_rag"]]
        same = sum(first == second for first, second in pairs)
        return {
            "quarter": wanted,
            "definition": domain.DEFINITIONS["audit"],
            "drawn": len(rows),
            "rated": len(pairs),
            "agreement": same / len(pairs) if pairs else None,
            "kappa": domain.kappa(pairs),
            "items": [
                {"first": first, "second": second, "referrals": pairs.count((first, second))}
                for first, second in sorted(set(pairs))
            ],
        }

    @routes.get("/v1/triage/audit-samples/{sample_id}")
    async def opened(
        caller: Annotated[Caller, Depends(RATERS)], sample_id: UUID
    ) -> Mapping[str, Any]:
        """What the referrer said, in codes, without the suggestion and the decision. The words are
        read where they are kept (`form`). Whoever decided or rated it does not rate it again. Once
        it has its second rating, `both` holds the two, with the reasons of the second."""
        async with service.database.transaction() as connection:
            row = await store.locked(connection, sample_id, sorted(caller.authorities))
            if row is None:
                raise NotFound("sample_not_found", "There is no such sample.")
            case = await _case(desk, connection, caller, row)
            words = await written.read(connection, desk.vault, [sample_id])
            entry = AuditEntry("audit_sample_opened", caller, case.authority, case.referral_id)
            await append_audit(connection, [entry], service.clock())
        facts = case.facts
        return {
            "sample_id": sample_id,
            "authority": case.authority,
            "quarter": row["quarter"],
            "received_at": facts.received_at,
            "form": f"/v1/intake/referrals/{case.referral_id}",
            "children": [
                {"child_id": one.child_id, "age_band": one.age_band, "non_mobile": one.non_mobile}
                for one in facts.children
            ],
            "concerns": facts.concerns,
            "request": facts.request,
            "immediate_danger": facts.immediate_danger,
            "agreement": facts.agreement,
            "rated": row["second_rag"] is not None,
            "both": _both(row, words.get(sample_id, {})),
        }

    @routes.post("/v1/triage/audit-samples/{sample_id}/rating", status_code=201)
    async def rate(
        caller: Annotated[Caller, Depends(RATERS)], sample_id: UUID, body: RateBody
    ) -> Mapping[str, Any]:
        """Rate one a second time, once. Only now are you told what was decided first."""
        if SOCIAL_WORKER not in caller.qualifications:
            raise Forbidden("not_qualified", "A qualified social worker of the hub rates.")
        now = service.clock()
        async with service.database.transaction() as connection:
            row = await store.locked(connection, sample_id, sorted(caller.authorities))
            if row is None:
                raise NotFound("sample_not_found", "There is no such sample.")
            if row["second_rag"] is not None:
                raise DomainError("already_rated", "This one has its second rating.")
            case = await _case(desk, connection, caller, row)
            await store.rate(connection, sample_id, (body.rag, body.level), caller.id, now)
            if body.reasons:
                said = Written(sample_id, REASONS, body.reasons)
                await written.keep(connection, desk.vault, [(case.referral_id, said)])
            entry = AuditEntry("audit_sample_rated", caller, case.authority, case.referral_id)
            await append_audit(connection, [entry], now)
        return {"sample_id": sample_id, "first": row["first_rag"], "second": body.rag}

    return routes


async def _case(desk: Desk, connection: Any, caller: Caller, row: Mapping[str, Any]) -> Case:
    """What a sample is of, for somebody who may see it. Raises NotFound, and Forbidden for whoever
    decided what is still to be rated blind."""
    referral_id = row["referral_id"]
    if not await visible(connection, [referral_id], seer_of(caller, desk.kernel.service.clock())):
        raise NotFound("sample_not_found", "There is no such sample.")
    case = (await desk.store.load(connection, [referral_id]))[referral_id]
    # Only what is still to be rated has to be blind.
    if row["second_rag"] is not None:
        return case
    decisions = await desk.store.decisions(connection, [referral_id])
    if caller.id in {one["staff_id"] for one in decisions}:
        raise Forbidden("own_decision", "You decided or rated this one: somebody else rates it.")
    return case


def _both(row: Mapping[str, Any], words: Mapping[str, str]) -> Mapping[str, Any] | None:
    """The two ratings, once there are two."""
    if row["second_rag"] is None:
        return None
    return {
        "first": row["first_rag"],
        "second": row["second_rag"],
        "level": row["second_level"],
        "reasons": words.get(REASONS),
        "rated_at": row["rated_at"],
    }
