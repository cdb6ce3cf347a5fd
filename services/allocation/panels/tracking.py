"""The tracker over HTTP: what agencies were asked to do by a panel, and what became of it."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from chassis.errors import NotFound
from chassis.http import paging
from chassis.identity import Caller, staff
from services.allocation.offers.desk import Desk, told
from services.allocation.panels import domain, store
from services.allocation.panels.bodies import AnswerBody
from services.allocation.store import Found

PAGE: Final = 100
AHEAD: Final = 3
IN_FEED: Final = 13
FIRST: Final = ("", UUID(int=0))
READERS = staff("practitioner", "manager", "coordinator", "panel_chair")
CHAIRS = staff("manager", "coordinator", "panel_chair")
Authority = Annotated[str, Path(max_length=80)]
Code = Annotated[str, Path(max_length=60)]


def router(desk: Desk) -> APIRouter:
    """What is followed between meetings."""
    routes = APIRouter(tags=["panels"])
    database = desk.kernel.service.database

    @routes.get("/v1/actions")
    async def actions(
        caller: Annotated[Caller, Depends(CHAIRS)],
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> Mapping[str, Any]:
        """The tracker: actions that nobody has done yet, the first due first."""
        day, action = paging.decode(cursor, (str, UUID)) if cursor else FIRST
        after = (_day(day), action)
        async with database.connection() as connection:
            rows = await store.actions(connection, sorted(caller.authorities), after, PAGE + 1)
        items = [
            {
                "id": row["action_id"],
                **{name: value for name, value in row.items() if name != "action_id"},
                "overdue": row["by_day"] < desk.today(),
            }
            for row in rows[:PAGE]
        ]
        last = rows[PAGE - 1] if len(rows) > PAGE else None
        following = paging.encode((last["by_day"].isoformat(), last["action_id"])) if last else None
        return {"items": items, "next": following}

    @routes.post("/v1/actions/{action_id}/answer")
    async def answered(
        caller: Annotated[Caller, Depends(CHAIRS)], action_id: UUID, body: AnswerBody
    ) -> Response:
        """Note what became of an action: accepted, declined or done."""
        async with database.connection() as connection:
            where = await store.find_action(connection, action_id)
        if where is None or where[1] not in caller.authorities:
            raise NotFound("action_not_found", "There is no such action.")
        answer = await desk.do(
            "action_answered",
            caller,
            Found(*where, None, None, None),
            partial(domain.answer, action_id, body.state),
            details={"action_id": str(action_id), "state": body.state},
        )
        return told(answer)

    return routes


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min
