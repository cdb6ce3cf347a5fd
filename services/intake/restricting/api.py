"""Restricting a referral, taking that back, and breaking the glass, over HTTP."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.database import Connection
from chassis.errors import FieldError, InvalidInput, NotFound
from chassis.identity import Caller, staff
from chassis.restriction import Restriction
from chassis.restriction import store as restrictions
from chassis.stream.kernel import Command, Kernel
from chassis.telemetry import traces
from contracts.codes import RESTRICTED_TO, GlassBrokenBecause, RestrictedBecause
from contracts.form import CLEAN_LINE, CLEAN_WORDS
from services.intake.accounts import store as accounts
from services.intake.callers import response_of
from services.intake.domain import Case
from services.intake.restricting import domain
from services.intake.store import IntakeStore

Why = Annotated[str, Field(min_length=10, max_length=5_000), CLEAN_WORDS]
Named = Annotated[str, Field(min_length=1, max_length=200), CLEAN_LINE]
Role = Literal["practitioner", "manager", "duty", "coordinator"]
Lists = Annotated[tuple[Named, ...], Field(max_length=200)]


class SentBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class RestrictionBody(SentBody):
    """Who may see it: everybody with one of `roles`, and `allow`; never one of `deny`. People are
    named by user name or id."""

    because: RestrictedBecause
    why: Why
    roles: Annotated[tuple[Role, ...], Field(max_length=10)] = RESTRICTED_TO
    allow: Lists = ()
    deny: Lists = ()


class EndBody(SentBody):
    why: Why


class GlassBody(SentBody):
    because: GlassBrokenBecause
    why: Why


def router(kernel: Kernel[Case], store: IntakeStore) -> APIRouter:
    """What managers, and the hub in need, call."""
    routes = APIRouter(tags=["restriction"])
    service = kernel.service
    manager = staff("manager")

    async def case_of(connection: Connection, caller: Caller, referral_id: UUID) -> Case:
        case = await store.read_for_staff(connection, referral_id, sorted(caller.authorities))
        if case is None:
            raise NotFound("referral_not_found", "There is no such referral.")
        return case

    async def obey(
        caller: Caller, case: Case, action: str, decide: Any, status: int, **details: Any
    ) -> Response:
        return response_of(
            await kernel.submit(
                Command(
                    referral_id=case.referral_id,
                    authority=case.authority,
                    decide=decide,
                    audit=AuditEntry(action, caller, case.authority, case.referral_id, details),
                    status=status,
                    traceparent=traces.current_traceparent(),
                )
            )
        )

    @routes.get("/v1/intake/referrals/{referral_id}/restriction")
    async def read(
        caller: Annotated[Caller, Depends(manager)], referral_id: UUID
    ) -> Mapping[str, Any]:
        """Who may see a referral, who opened it with a reason, and what was said of it. Audited."""
        async with service.database.transaction() as connection:
            case = await case_of(connection, caller, referral_id)
            kept = (await restrictions.read(connection, [referral_id])).get(referral_id)
            words = await store.words(connection, [referral_id], [domain.KIND])
            entry = AuditEntry("restriction_read", caller, case.authority, referral_id)
            await append_audit(connection, [entry], service.clock())
        return {"id": referral_id, **_shown(kept.restriction if kept else None, words)}

    @routes.put("/v1/intake/referrals/{referral_id}/restriction")
    async def restrict(
        caller: Annotated[Caller, Depends(manager)],
        referral_id: UUID,
        body: Annotated[RestrictionBody, Body()],
    ) -> Response:
        """Show a referral to few, or change to whom. Everybody else in the hub is told that a
        restricted record bears on the child and whom to ring; those who are denied by name, and
        all others, that there is no such referral."""
        async with service.database.connection() as connection:
            case = await case_of(connection, caller, referral_id)
            allowed = await _people(connection, body.allow, "/allow")
            denied = await _people(connection, body.deny, "/deny")
        lists = Restriction(frozenset(body.roles), frozenset(allowed), frozenset(denied))
        command = domain.Restrict(body.because, body.why, lists, caller.id)
        return await obey(
            caller,
            case,
            "restricted",
            partial(_restrict, command),
            200,
            because=body.because,
            roles=sorted(body.roles),
            allowed=sorted(map(str, allowed)),
            denied=sorted(map(str, denied)),
        )

    @routes.post("/v1/intake/referrals/{referral_id}/restriction-end")
    async def unrestrict(
        caller: Annotated[Caller, Depends(manager)],
        referral_id: UUID,
        body: Annotated[EndBody, Body()],
    ) -> Response:
        """Take a restriction back."""
        async with service.database.connection() as connection:
            case = await case_of(connection, caller, referral_id)
        command = domain.Unrestrict(body.why, caller.id)
        return await obey(caller, case, "unrestricted", partial(_unrestrict, command), 200)

    @routes.post("/v1/intake/referrals/{referral_id}/break-glass", status_code=201)
    async def break_glass(
        caller: Annotated[Caller, Depends(staff("practitioner", "manager", "duty", guarded=False))],
        referral_id: UUID,
        body: Annotated[GlassBody, Body()],
    ) -> Response:
        """Open a restricted referral that you may not see, because it cannot wait. It stays open
        to you for the time in the answer. The manager is told at once, and your reason is kept."""
        async with service.database.connection() as connection:
            case = await case_of(connection, caller, referral_id)
            kept = (await restrictions.read(connection, [referral_id])).get(referral_id)
        command = domain.BreakGlass(
            body.because, body.why, caller.id, kept.restriction if kept else None
        )
        return await obey(
            caller,
            case,
            "glass_broken",
            partial(_break_glass, command),
            201,
            because=body.because,
        )

    return routes


def _restrict(command: domain.Restrict, *given: Any) -> Any:
    return domain.restrict(given[0], command, *given[1:])


def _unrestrict(command: domain.Unrestrict, *given: Any) -> Any:
    return domain.unrestrict(given[0], command, *given[1:])


def _break_glass(command: domain.BreakGlass, *given: Any) -> Any:
    return domain.break_glass(given[0], command, *given[1:])


async def _people(connection: Connection, named: Sequence[str], at: str) -> list[UUID]:
    """The ids of people who are named by id or user name. Raises InvalidInput."""
    found, wrong = [], []
    for place, name in enumerate(named):
        try:
            found.append(UUID(name))
            continue
        except ValueError:
            known = await accounts.staff(connection, name)
        if known:
            found.append(known.staff_id)
        else:
            wrong.append(FieldError(f"{at}/{place}", "Nobody signs in by this name."))
    if wrong:
        raise InvalidInput("unknown_person", "Some fields are wrong.", errors=tuple(wrong))
    return found


def _shown(
    restriction: Restriction | None, words: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any]:
    return {
        "restricted": restriction is not None,
        "roles": sorted(restriction.roles) if restriction else [],
        "allowed": sorted(restriction.allowed) if restriction else [],
        "denied": sorted(restriction.denied) if restriction else [],
        "opened": [
            {"staff_id": who, "until": until}
            for who, until in (restriction.opened if restriction else ())
        ],
        "said": [{"at": one["received_at"], "why": one["content"]} for one in words],
    }
