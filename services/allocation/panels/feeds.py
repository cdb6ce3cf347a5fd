"""Subscribing to a panel's calendar: an address with a secret part, for a calendar program that
cannot sign in. It tells days and how many items, no names (practice rule 25), and can be ended."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.errors import NotFound
from chassis.identity import Caller
from services.allocation.offers.desk import Desk
from services.allocation.panels import domain, store
from services.allocation.panels.api import READERS, Authority, Code, panel_of
from services.allocation.panels.calendar import feed
from services.allocation.panels.store import Feed

HOLDS: Final = timedelta(days=366)
"""After a year an address ends by itself: whoever still needs it makes another."""
MEETINGS: Final = 13
AGAIN_SECONDS: Final = 3_600
UNKNOWN: Final = "There is no such calendar, or it has ended."

Secret = Annotated[str, Path(max_length=80)]


def router(desk: Desk, public_url: str) -> APIRouter:
    """What staff call, and what their calendar programs read. `public_url` is where the house is
    reached."""
    routes = APIRouter(tags=["panels"])
    service = desk.kernel.service
    database = service.database

    @routes.post("/v1/panels/{authority}/{panel_code}/feeds", status_code=201)
    async def subscribe(
        caller: Annotated[Caller, Depends(READERS)],
        authority: Authority,
        panel_code: Code,
        response: Response,
    ) -> Mapping[str, Any]:
        """An address that a calendar program may read without signing in. It is told this once, and
        holds for a year."""
        panel_of(desk, caller, authority, panel_code)
        secret, now = secrets.token_urlsafe(32), service.clock()
        made = Feed(service.ids(), authority, panel_code, caller.id, now, now + HOLDS, None)
        async with database.transaction() as connection:
            await store.add_feed(connection, made, _digest(secret))
            entry = AuditEntry(
                "calendar_subscribed", caller, authority, None, {"panel": panel_code}
            )
            await append_audit(connection, [entry], now)
        response.headers["Cache-Control"] = "no-store"
        url = f"{public_url.rstrip('/')}/v1/panels/feeds/{secret}.ics"
        return {**_shown(made, caller), "url": url}

    @routes.get("/v1/panels/feeds")
    async def listed(caller: Annotated[Caller, Depends(READERS)]) -> Mapping[str, Any]:
        """Your subscriptions; for managers those of everybody in their authorities."""
        everybody = "manager" in caller.roles
        async with database.connection() as connection:
            found = await store.feeds(
                connection,
                sorted(caller.authorities),
                None if everybody else caller.id,
                service.clock(),
            )
        return {"items": [_shown(one, caller) for one in found], "next": None}

    @routes.delete("/v1/panels/feeds/{feed_id}", status_code=204)
    async def end(caller: Annotated[Caller, Depends(READERS)], feed_id: UUID) -> Response:
        """End a subscription: its address answers no more. One's own, or as a manager anybody's."""
        own = None if "manager" in caller.roles else caller.id
        now = service.clock()
        async with database.transaction() as connection:
            ended = await store.end_feed(connection, feed_id, sorted(caller.authorities), own, now)
            if ended is None:
                raise NotFound("feed_not_found", UNKNOWN)
            authority, panel = ended
            entry = AuditEntry("calendar_ended", caller, authority, None, {"panel": panel})
            await append_audit(connection, [entry], now)
        return Response(status_code=204)

    @routes.get("/v1/panels/feeds/{secret}.ics")
    async def read(secret: Secret) -> Response:
        """The panel's meetings of the next year as iCalendar, for whoever has the address."""
        now, today = service.clock(), desk.today()
        async with database.transaction() as connection:
            found = await store.read_feed(connection, _digest(secret), now, today)
            if found is None or found.authority not in service.policy.authorities:
                raise NotFound("feed_not_found", UNKNOWN)
            taken = (await store.taken(connection, found.authority, today)).get(found.panel, {})
        pack = service.policy.current(found.authority, today)
        panel = pack.allocation.panels.get(found.panel)
        if panel is None:
            raise NotFound("feed_not_found", UNKNOWN)
        days = domain.dates(panel, today - timedelta(days=1), pack.calendar, MEETINGS)
        body = feed(found.authority, found.panel, panel, days, taken, now)
        headers = {
            "Cache-Control": f"private, max-age={AGAIN_SECONDS}",
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex",
        }
        return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)

    return routes


def _digest(secret: str) -> bytes:
    """It has 256 random bits, so a slow hash adds nothing."""
    return hashlib.sha256(secret.encode()).digest()


def _shown(one: Feed, caller: Caller) -> Mapping[str, Any]:
    return {
        "id": one.feed_id,
        "authority": one.authority,
        "panel": one.panel,
        "mine": one.staff_id == caller.id,
        "made_at": one.made_at,
        "until": one.until,
        "read_on": one.read_on,
    }
