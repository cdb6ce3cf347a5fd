"""Recording discussions, reading them, and the day's list of domestic abuse notifications."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from chassis import audit
from chassis.errors import NotFound, TooLarge
from chassis.http import etags
from chassis.identity import Caller, staff
from chassis.restriction import seer_of
from chassis.stream.kernel import Kernel
from chassis.vault import Vault
from contracts.events import DiscussionKind, Enquiry
from contracts.form import CLEAN_LINE, CLEAN_WORDS
from policy.working_time import LONDON
from services.triage.discussions import store
from services.triage.domain import Attender, Case, ChildAgreed, discussing
from services.triage.domain.incidents import Notification, by_incident
from services.triage.orders import Orders, person

HUB = staff("practitioner", "manager", "duty")
DECIDERS = staff("practitioner", "manager")
MOST = 1_000
"""How many notifications one list holds: many times what a county has in a week."""

Words = Annotated[str, Field(max_length=20_000), CLEAN_WORDS]
Line = Annotated[str, Field(min_length=1, max_length=200), CLEAN_LINE]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class AttenderBody(Body):
    agency: Annotated[str, Field(max_length=60)]
    name: Line | None = None
    role: Line | None = None


class ChildBody(Body):
    """`enquiry`: an enquiry under section 47 is made, by social care alone (`single`) or with the
    police (`joint`)."""

    child_id: UUID
    agreed: Words
    enquiry: Enquiry | None = None


class DiscussionBody(Body):
    """A discussion that was held. A strategy discussion needs social care, police and health, and
    a safety plan; domestic abuse triage needs social care and police, `safe_contact` (how the
    parent who is harmed is reached safely, or that nobody knows) and `marac`."""

    kind: DiscussionKind
    held_at: AwareDatetime
    attended: Annotated[tuple[AttenderBody, ...], Field(max_length=40)]
    shared: Words
    children: Annotated[tuple[ChildBody, ...], Field(max_length=60)]
    safety_plan: Words | None = None
    next_on: date | None = None
    safe_contact: Words | None = None
    marac: bool | None = None


def router(kernel: Kernel[Case], vault: Vault, orders: Orders) -> APIRouter:
    """What staff of the hub call."""
    routes = APIRouter(tags=["discussions"])
    service = kernel.service

    @routes.post("/v1/triage/referrals/{referral_id}/discussions", status_code=201)
    async def record(
        caller: Annotated[Caller, Depends(DECIDERS)],
        referral_id: UUID,
        body: DiscussionBody,
        if_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Record a discussion that was held. It starts and stops clocks at the time at which it
        was held. A record is never changed: what was put wrongly is said in another. With
        `If-Match` the same record sent twice counts once."""
        said = {name: getattr(body, name) for name in DiscussionBody.model_fields}
        command = discussing.RecordDiscussion(
            **said
            | {
                "person": person(caller),
                "expected_version": etags.version(if_match),
                "attended": tuple(Attender(**dict(one)) for one in body.attended),
                "children": tuple(ChildAgreed(**dict(one)) for one in body.children),
            }
        )
        return await orders.obey(
            caller,
            referral_id,
            "discussion_recorded",
            lambda state, policy, ids, now: discussing.record_discussion(
                state, command, policy, ids, now
            ),
            details={"kind": body.kind},
        )

    @routes.get("/v1/triage/referrals/{referral_id}/discussions")
    async def listed(
        caller: Annotated[Caller, Depends(HUB)], referral_id: UUID
    ) -> Mapping[str, Any]:
        """A referral's discussions with their words, the latest first. Audited."""
        authority = await orders.openings.authority(caller, referral_id)
        if authority is None:
            raise NotFound("referral_not_found", "There is no such referral.")
        async with service.database.transaction() as connection:
            found = await store.read(connection, vault, referral_id, authority)
            entry = audit.AuditEntry("discussions_read", caller, authority, referral_id)
            await audit.append(connection, [entry], service.clock())
        return {"items": [_shown(one) for one in found], "next": None}

    @routes.get("/v1/triage/domestic-abuse")
    async def domestic_abuse(
        caller: Annotated[Caller, Depends(HUB)],
        on: Annotated[date | None, Query()] = None,
        days: Annotated[int, Query(ge=1, le=31)] = 1,
        undiscussed: Annotated[bool, Query()] = False,
    ) -> Mapping[str, Any]:
        """The list for a meeting: notifications of domestic abuse received on a day (today in
        England, unless you say which), or on it and the days before, grouped by incident, the most
        severe first. `undiscussed` leaves out incidents that were talked about. No names."""
        now = service.clock()
        day = on or now.astimezone(LONDON).date()
        since = _midnight(day - timedelta(days=days - 1))
        async with service.database.transaction() as connection:
            found = await store.notifications(
                connection,
                sorted(caller.authorities),
                since,
                _midnight(day + timedelta(days=1)),
                MOST + 1,
                seer_of(caller, now),
            )
            if len(found) > MOST:
                raise TooLarge("too_many", "Ask for fewer days: there are too many for one list.")
            for authority in sorted({one.authority for one in found}):
                ids = [one.referral_id for one in found if one.authority == authority]
                today = now.astimezone(LONDON).date()
                await audit.note_list_read(connection, caller, authority, ids, today, now)
        within = {
            authority: timedelta(days=service.policy.current(authority, day).matching.incident_days)
            for authority in {one.authority for one in found}
        }
        groups = by_incident(found, within)
        return {
            "on": day,
            "days": days,
            "items": [
                _incident(group)
                for group in groups
                if not undiscussed or any(one.discussed_at is None for one in group)
            ],
            "next": None,
        }

    return routes


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), LONDON)


def _shown(record: Mapping[str, Any]) -> Mapping[str, Any]:
    words = record["words"] or {}
    return {
        "id": record["discussion_id"],
        "kind": record["kind"],
        "held_at": record["held_at"],
        "recorded_at": record["recorded_at"],
        "by": record["staff_name"],
        "role": record["role"],
        "agencies": record["agencies"],
        "next_on": record["next_on"],
        "marac": record["marac"],
        "attended": words.get("attended", []),
        "shared": words.get("shared"),
        "children": words.get("children", []),
        "safety_plan": words.get("safety_plan"),
        "safe_contact": words.get("safe_contact"),
    }


def _incident(group: tuple[Notification, ...]) -> Mapping[str, Any]:
    return {
        "first_received_at": group[0].received_at,
        "agencies": sorted({one.source_agency for one in group}),
        "discussed": all(one.discussed_at is not None for one in group),
        "notifications": [
            {
                "id": one.referral_id,
                "reference": one.reference,
                "authority": one.authority,
                "received_at": one.received_at,
                "source_agency": one.source_agency,
                "state": one.status,
                "rag": one.rag,
                "children": one.children,
                "discussed_at": one.discussed_at,
            }
            for one in group
        ],
    }
