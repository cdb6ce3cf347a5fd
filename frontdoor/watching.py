"""What the watchdog asks of the services, and whom it tells. It asks all of them over HTTP, in the
process of one house or across the processes of many, and keeps what it found where the queue is."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx2

from chassis.clock import Clock
from chassis.database import Database
from chassis.settings import Settings
from chassis.telemetry import logs, traces
from chassis.watchdog import Accepted, Found, Watchdog, Watched
from frontdoor.catalogue import SERVICES
from services.console.store.attention import clear_attention, note_attention, noted

log = logs.get_logger(__name__)


def watchdog(
    settings: Settings, reads: httpx2.AsyncClient, console: Database, clock: Clock
) -> Watchdog:
    """The watchdog of an installation; `console` is the database of the queue."""
    return Watchdog(
        watched(reads, console, clock),
        clock,
        every=settings.watchdog_seconds,
        grace=settings.watchdog_grace_seconds,
    )


def watched(reads: httpx2.AsyncClient, console: Database, clock: Clock) -> Watched:
    """The questions."""
    last: dict[str, Sequence[Found]] = {}

    async def accepted(after: datetime, until: datetime) -> Sequence[Accepted]:
        items = await ask(
            "received:between", {"after": after.isoformat(), "until": until.isoformat()}
        )
        return [
            Accepted(
                UUID(item["referral_id"]),
                item["authority"],
                datetime.fromisoformat(item["received_at"]),
            )
            for item in items["items"]
        ]

    async def rated(ids: Sequence[UUID]) -> set[UUID]:
        return await known("triage/known:batch", ids)

    async def clocked(ids: Sequence[UUID]) -> set[UUID]:
        return await known("allocation/known:batch", ids)

    async def known(path: str, ids: Sequence[UUID]) -> set[UUID]:
        answer = await ask(path, {"ids": list(map(str, ids)), "purpose": "watchdog"})
        return {UUID(one) for one in answer["ids"]}

    async def stuck() -> Sequence[Found]:
        found = await asyncio.gather(
            stuck_in("allocation", "unfired", "clock_not_fired"),
            *(stuck_in(name, "parked", "parked") for name in SERVICES),
        )
        return [one for some in found for one in some]

    async def stuck_in(name: str, what: str, reason: str) -> Sequence[Found]:
        """A service that is away has what it had: nothing leaves the top of the queue because
        nobody could ask."""
        path = f"{name}/{what}"
        try:
            answer = await ask(path)
        except httpx2.HTTPError:
            log.warning("watchdog_cannot_ask", service=name)
            return last[path] if path in last else await noted_as(reason)
        last[path] = [
            (UUID(item["referral_id"]), item["authority"], reason) for item in answer["items"]
        ]
        return last[path]

    async def noted_as(wanted: str) -> Sequence[Found]:
        async with console.connection() as connection:
            return [
                (referral_id, authority, reason)
                for referral_id, (authority, reason) in (await noted(connection)).items()
                if reason == wanted
            ]

    async def settle(found: Sequence[Found]) -> Sequence[Found]:
        async with console.transaction() as connection:
            before = await noted(connection)
            now_wrong = {one[0] for one in found}
            gone = [one for one in before if one not in now_wrong]
            if gone:
                await clear_attention(connection, gone)
            if found:
                await note_attention(connection, found, clock())
        return [one for one in found if one[0] not in before]

    async def alert(found: Found) -> None:
        body = {"referral_id": str(found[0]), "authority": found[1], "reason": found[2]}
        try:
            await ask("alerts", body, traced=True)
        except httpx2.HTTPError:
            # The queue shows it all the same, and the log and the metrics say so.
            log.warning("alert_not_queued", referral_id=body["referral_id"])

    async def ask(
        path: str, body: Mapping[str, object] | None = None, *, traced: bool = False
    ) -> dict[str, Any]:
        answer = await reads.request(
            "GET" if body is None else "POST",
            f"/internal/v1/{path}",
            json=body,
            headers={} if traced else {"traceparent": traces.untraced()},
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    return Watched(
        accepted=accepted,
        knowers={"not_rated": rated, "not_clocked": clocked},
        stuck=stuck,
        settle=settle,
        alert=alert,
    )
