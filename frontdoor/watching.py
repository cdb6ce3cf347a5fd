"""What the watchdog of a single machine asks, and whom it tells."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx2

from chassis.stream import store as stream_store
from chassis.telemetry import logs
from chassis.watchdog import Accepted, Found, Watched
from services.console.store.attention import clear_attention, note_attention, noted

if TYPE_CHECKING:
    from frontdoor.house import House

log = logs.get_logger(__name__)


def watched(house: "House") -> Watched:
    """The questions, asked in-process."""
    console = house.databases["console"]

    async def accepted(after: datetime, until: datetime) -> Sequence[Accepted]:
        items = await _ask(
            house, "received:between", {"after": after.isoformat(), "until": until.isoformat()}
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
        answer = await _ask(house, path, {"ids": list(map(str, ids)), "purpose": "watchdog"})
        return {UUID(one) for one in answer["ids"]}

    async def parked() -> Sequence[Found]:
        found: list[Found] = []
        for name, database in house.databases.items():
            async with database.connection() as connection:
                rows = await stream_store.list_parked(
                    connection, name, house.parts.policy.authorities
                )
            found += [(row["referral_id"], row["authority"], "parked") for row in rows]
        return found

    async def settle(found: Sequence[Found]) -> Sequence[Found]:
        async with console.transaction() as connection:
            before = await noted(connection)
            now_wrong = {one[0] for one in found}
            gone = [one for one in before if one not in now_wrong]
            if gone:
                await clear_attention(connection, gone)
            if found:
                await note_attention(connection, found, house.parts.clock())
        return [one for one in found if one[0] not in before]

    async def alert(found: Found) -> None:
        body = {"referral_id": str(found[0]), "authority": found[1], "reason": found[2]}
        try:
            await _ask(house, "alerts", body)
        except httpx2.HTTPError:
            # The queue shows it all the same, and the log and the metrics say so.
            log.warning("alert_not_queued", referral_id=body["referral_id"])

    return Watched(
        accepted=accepted,
        knowers={"not_rated": rated, "not_clocked": clocked},
        parked=parked,
        settle=settle,
        alert=alert,
    )


async def _ask(house: "House", path: str, body: Mapping[str, object]) -> dict[str, Any]:
    answer = await house.reads.post(f"/internal/v1/{path}", json=body)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found
