"""The numbers over the queue: counted once for those who look at once, and right for each."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from chassis.database import Connection, Database
from chassis.restriction import Seer
from chassis.restriction import store as restrictions
from chassis.restriction.seeing import restriction
from services.console import counting
from services.console.counting import Counting
from services.console.store.numbers import Counted, counted, hidden_from
from tests.integration.console.test_store import HERE, NOON, STAFF, database, row, save

__all__ = ["database"]

OTHER, LOCKED_OUT = UUID(int=78), UUID(int=79)
PEOPLE = (STAFF, OTHER, STAFF, LOCKED_OUT)


def seer(staff_id: UUID) -> Seer:
    return Seer(staff_id, ("practitioner",), NOON)


async def test_those_who_see_the_same_at_once_share_one_counting(
    database: Database,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[UUID] = []
    looked: list[UUID] = []
    everybody, gate = asyncio.Event(), asyncio.Event()

    async def seen(
        connection: Connection, authorities: Sequence[str], locality: str | None, who: Seer
    ) -> Counted:
        asked.append(who.staff_id)
        await gate.wait()
        return await counted(connection, authorities, locality, who)

    async def unseen(
        connection: Connection, authorities: Sequence[str], who: Seer
    ) -> tuple[UUID, ...]:
        looked.append(who.staff_id)
        if len(looked) == len(PEOPLE):
            everybody.set()
        return await hidden_from(connection, authorities, who)

    monkeypatch.setattr(counting, "counted", seen)
    monkeypatch.setattr(counting, "hidden_from", unseen)
    await save(database, row(1), row(2, claimed_by=STAFF), row(3, claimed_by=OTHER))
    async with database.transaction() as connection:
        kept = restriction((), allowed=(STAFF, OTHER), denied=(LOCKED_OUT,))
        await restrictions.restrict(connection, UUID(int=1), "warwickshire", kept)
    numbers = Counting(database)

    looking = [asyncio.create_task(numbers.numbers(HERE, None, seer(one))) for one in PEOPLE]
    await everybody.wait()
    while len(asked) < 2:
        await asyncio.sleep(0)
    gate.set()
    found = await asyncio.gather(*looking)
    assert [(one.to_decide, one.mine) for one in found] == [(3, 1), (3, 1), (3, 1), (2, 0)]
    assert sorted(asked) in ([STAFF, LOCKED_OUT], [OTHER, LOCKED_OUT])

    await save(database, row(4))
    assert (await numbers.numbers(HERE, None, seer(STAFF))).to_decide == 4
    assert asked[2:] == [STAFF]
