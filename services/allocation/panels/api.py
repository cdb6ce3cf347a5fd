"""Panels over HTTP: meetings, agendas, attendance, outcomes, actions and the calendar feed."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response
from pydantic_core import from_json

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.errors import DomainError, NotFound
from chassis.identity import Caller, staff
from chassis.restriction import seer_of
from contracts.events import AgreementStatus
from policy.allocation import Panel
from policy.pack import Pack
from services.allocation.actions.api import asked_of
from services.allocation.domain import Answerer
from services.allocation.offers.desk import Desk, told
from services.allocation.panels import domain, store
from services.allocation.panels.bodies import AttendanceBody, MoveBody, OutcomeBody
from services.allocation.panels.calendar import feed
from services.allocation.panels.domain import Asked, Conclude, Meeting
from services.allocation.store import Found

PAGE: Final = 100
AHEAD: Final = 3
IN_FEED: Final = 13
FIRST: Final = ("", UUID(int=0))
READERS = staff("practitioner", "manager", "coordinator", "panel_chair")
CHAIRS = staff("manager", "coordinator", "panel_chair")
Authority = Annotated[str, Path(max_length=80)]
Code = Annotated[str, Path(max_length=60)]


def panel_of(desk: Desk, caller: Caller, authority: str, code: str) -> tuple[Pack, Panel]:
    """A panel of the caller's authorities, with the pack in force today. Raises NotFound."""
    policy = desk.kernel.service.policy
    if authority in caller.authorities and authority in policy.authorities:
        pack = policy.current(authority, desk.today())
        if code in pack.allocation.panels:
            return pack, pack.allocation.panels[code]
    raise NotFound("panel_not_found", "There is no such panel.")


def router(desk: Desk) -> APIRouter:
    """What panels' chairs and coordinators do."""
    routes = APIRouter(tags=["panels"])
    service = desk.kernel.service
    database = service.database

    @routes.get("/v1/panels")
    async def listed(caller: Annotated[Caller, Depends(READERS)]) -> Mapping[str, Any]:
        """The panels, each with its next meetings and how much room they have, and with meetings
        that were held of which something has yet to be recorded (`to_conclude`)."""
        items = []
        yesterday = desk.today() - timedelta(days=1)
        seer = seer_of(caller, service.clock())
        for authority in sorted(caller.authorities & set(service.policy.authorities)):
            pack = service.policy.current(authority, desk.today())
            async with database.connection() as connection:
                taken = await store.taken(connection, authority, desk.today())
                owed = await store.to_conclude(connection, authority, desk.today(), seer)
            items += [
                {
                    "authority": authority,
                    "panel": code,
                    "name": panel.name,
                    "purpose": panel.purpose,
                    "members": panel.members,
                    "quorum": panel.quorum,
                    "capacity": panel.capacity,
                    "meetings": [
                        {"held_on": day, "items": taken.get(code, {}).get(day, 0)}
                        for day in domain.dates(panel, yesterday, pack.calendar, AHEAD)
                    ],
                    "to_conclude": [
                        {"held_on": day, "items": count} for day, count in owed.get(code, [])
                    ],
                }
                for code, panel in pack.allocation.panels.items()
            ]
        return {"items": items, "next": None}

    @routes.get("/v1/panels/{authority}/{panel_code}/meetings/{held_on}")
    async def agenda(
        caller: Annotated[Caller, Depends(CHAIRS)],
        authority: Authority,
        panel_code: Code,
        held_on: date,
    ) -> Mapping[str, Any]:
        """The agenda of a meeting, and who was there. Where a family has not agreed, the item is a
        theme: no child, no reference. Reading it is written to the audit trail."""
        _, panel = panel_of(desk, caller, authority, panel_code)
        async with database.transaction() as connection:
            seer = seer_of(caller, service.clock())
            rows = await store.agenda(connection, authority, panel_code, held_on, seer)
            held = await store.meeting(connection, authority, panel_code, held_on)
            entry = AuditEntry(
                "agenda_read",
                caller,
                authority,
                None,
                {"panel": panel_code, "referrals": [str(row["referral_id"]) for row in rows]},
            )
            await append_audit(connection, [entry], service.clock())
        return {
            "panel": panel_code,
            "name": panel.name,
            "held_on": held_on,
            "capacity": panel.capacity,
            "attended": held.attended if held else None,
            "quorate": domain.quorate(panel, held.attended) if held else None,
            "items": [_item(row) for row in rows],
        }

    @routes.put("/v1/panels/{authority}/{panel_code}/meetings/{held_on}/attendance")
    async def attendance(
        caller: Annotated[Caller, Depends(CHAIRS)],
        authority: Authority,
        panel_code: Code,
        held_on: date,
        body: AttendanceBody,
    ) -> Mapping[str, Any]:
        """Record which agencies were at a meeting. It may be corrected."""
        pack, panel = panel_of(desk, caller, authority, panel_code)
        if domain.dates(panel, held_on - timedelta(days=1), pack.calendar, 1) != (held_on,):
            raise NotFound("meeting_not_found", "The panel does not meet on this day.")
        if held_on > desk.today():
            raise DomainError("meeting_to_come", "This meeting has not been held yet.")
        now = service.clock()
        attended = tuple(sorted(set(body.attended)))
        meeting = Meeting(authority, panel_code, held_on, attended, caller.id, now)
        async with database.transaction() as connection:
            await store.save_meeting(connection, meeting)
            entry = AuditEntry(
                "attendance_recorded", caller, authority, None, {"panel": panel_code}
            )
            await append_audit(connection, [entry], now)
        return {
            "panel": panel_code,
            "held_on": held_on,
            "attended": attended,
            "quorate": domain.quorate(panel, attended),
        }

    @routes.post("/v1/panels/items/{item_id}/move")
    async def move(
        caller: Annotated[Caller, Depends(CHAIRS)], item_id: UUID, body: MoveBody
    ) -> Response:
        """Move an item to another meeting. 422 for a day in the past or on which the panel does not
        meet, 409 where the meeting is full."""
        async with database.connection() as connection:
            found, code, _ = await _find_item(connection, caller, item_id)
            pack, panel = panel_of(desk, caller, found.authority, code)
            taken = (await store.taken(connection, found.authority, desk.today())).get(code, {})
        days = domain.dates(
            panel, desk.today() - timedelta(days=1), pack.calendar, domain.MEETINGS_AHEAD
        )
        answer = await desk.do(
            "item_moved",
            caller,
            found,
            partial(domain.move, item_id, body.meeting_on, days, taken, panel.capacity),
        )
        return told(answer)

    @routes.post("/v1/panels/items/{item_id}/outcome", status_code=201)
    async def conclude(
        caller: Annotated[Caller, Depends(CHAIRS)], item_id: UUID, body: OutcomeBody
    ) -> Response:
        """Record what the panel agreed on an item, with actions for agencies. 409 before the
        meeting, without quorum, and for more than a theme without the family's agreement; 422 for
        an action that is not within the agency's role: a statutory task cannot be asked for."""
        async with database.connection() as connection:
            found, code, held_on = await _find_item(connection, caller, item_id)
            pack, panel = panel_of(desk, caller, found.authority, code)
            held = await store.meeting(connection, found.authority, code, held_on)
            taken = (await store.taken(connection, found.authority, desk.today())).get(code, {})
            for place, one in enumerate(body.actions):
                if one.worker_id is not None:
                    at = f"/actions/{place}/worker_id"
                    await asked_of(connection, found.authority, one.worker_id, at, one.owner)
        command = Conclude(
            item_id,
            body.outcome,
            Answerer(caller.id, caller.roles),
            desk.today(),
            held is not None and domain.quorate(panel, held.attended),
            domain.room(panel, max(desk.today(), held_on), pack.calendar, taken),
            body.note,
            tuple(
                Asked(one.owner, one.kind, one.by, one.text, one.worker_id) for one in body.actions
            ),
        )
        answer = await desk.do(
            "panel_concluded",
            caller,
            found,
            partial(domain.conclude, command),
            status=201,
            details={"outcome": body.outcome},
        )
        return told(answer)

    @routes.get("/v1/panels/{authority}/{panel_code}/calendar.ics")
    async def calendar(
        caller: Annotated[Caller, Depends(READERS)], authority: Authority, panel_code: Code
    ) -> Response:
        """The panel's meetings of the next year as iCalendar: no names, no references."""
        pack, panel = panel_of(desk, caller, authority, panel_code)
        async with database.connection() as connection:
            taken = (await store.taken(connection, authority, desk.today())).get(panel_code, {})
        days = domain.dates(panel, desk.today() - timedelta(days=1), pack.calendar, IN_FEED)
        body = feed(authority, panel_code, panel, days, taken, service.clock())
        return Response(body, media_type="text/calendar; charset=utf-8")

    return routes


async def _find_item(connection: Any, caller: Caller, item_id: UUID) -> tuple[Found, str, date]:
    found = await store.find_item(connection, item_id)
    if found is None or found[1] not in caller.authorities:
        raise NotFound("item_not_found", "There is no such item.")
    referral_id, authority, panel, held_on = found
    return Found(referral_id, authority, None, None, None), panel, held_on


def _item(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """An item as the panel sees it. Agreement is looked at when the agenda is read: one that was
    taken back since then counts. A theme is what the referrer was worried by, as codes."""
    thematic = row["agreement"] != AgreementStatus.GIVEN
    shown = {
        "id": row["item_id"],
        "state": row["state"],
        "outcome": row["outcome"],
        "thematic": thematic,
        "rag": row["rag"],
        "how_many_children": len(row["children"]),
    }
    if thematic:
        return {**shown, "concerns": from_json(row["concerns"] or "[]")}
    return {
        **shown,
        "referral_id": row["referral_id"],
        "reference": row["reference"],
        "children": row["children"],
    }
