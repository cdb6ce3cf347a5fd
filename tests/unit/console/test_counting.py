"""The numbers over the queue: counted once for those who look at once, and right for each."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from chassis.database import Connection, Database
from chassis.restriction import Seer
from services.console import counting
from services.console.counting import FRESH, Counting, Elsewhere
from services.console.reads import Part, Reads
from services.console.rooms import rooms_of
from services.console.sessions import Session
from services.console.store.numbers import Counted, Counts

HERE = ["warwickshire"]
STAFF, OTHER, LOCKED_OUT = UUID(int=77), UUID(int=78), UUID(int=79)
NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)


def seer(staff_id: UUID) -> Seer:
    return Seer(staff_id, ("practitioner",), datetime(2026, 3, 3, 12, tzinfo=UTC))


class Told:
    """A database that answers at once, but counts only when it may."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.revision = 1
        self.counted: list[UUID] = []
        self.gate = asyncio.Event()
        self.broken = False
        monkeypatch.setattr(counting, "queue", SimpleNamespace(revisions=self._revisions))
        monkeypatch.setattr(counting, "hidden_from", self._hidden_from)
        monkeypatch.setattr(counting, "counted", self._counted)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        yield None

    async def _revisions(self, connection: Connection) -> dict[str, int]:
        del connection
        return {"warwickshire": self.revision, "walsall": 9}

    async def _hidden_from(
        self, connection: Connection, authorities: Sequence[str], who: Seer
    ) -> tuple[UUID, ...]:
        del connection, authorities
        return (UUID(int=1),) if who.staff_id == LOCKED_OUT else ()

    async def _counted(
        self, connection: Connection, authorities: Sequence[str], locality: str | None, who: Seer
    ) -> Counted:
        del connection, authorities, locality
        self.counted.append(who.staff_id)
        await self.gate.wait()
        if self.broken:
            raise OSError
        seen = 2 if who.staff_id == LOCKED_OUT else 3
        return Counted(Counts(0, 0, 0, 0, 0, to_decide=seen), {STAFF: 2, OTHER: 1})


async def test_those_who_see_the_same_at_once_share_one_counting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = Told(monkeypatch)
    numbers = Counting(cast("Database", told))
    looking = [
        asyncio.create_task(numbers.numbers(HERE, None, seer(one)))
        for one in (STAFF, OTHER, STAFF, LOCKED_OUT)
    ]
    await asyncio.sleep(0)
    # Whoever looked first goes away.
    gone = asyncio.create_task(numbers.numbers(HERE, "rugby", seer(STAFF)))
    after = asyncio.create_task(numbers.numbers(HERE, "rugby", seer(OTHER)))
    await asyncio.sleep(0)
    gone.cancel()
    told.gate.set()
    found = await asyncio.gather(*looking, after)
    assert [(one.to_decide, one.mine) for one in found] == [(3, 2), (3, 1), (3, 2), (2, 0), (3, 1)]
    assert told.counted == [STAFF, LOCKED_OUT, STAFF]


async def test_what_changed_meanwhile_or_failed_is_counted_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = Told(monkeypatch)
    numbers = Counting(cast("Database", told))
    first = asyncio.create_task(numbers.numbers(HERE, None, seer(STAFF)))
    await asyncio.sleep(0)
    told.revision = 2
    second = asyncio.create_task(numbers.numbers(HERE, None, seer(OTHER)))
    await asyncio.sleep(0)
    told.broken = True
    told.gate.set()
    outcomes = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(one) for one in outcomes] == [OSError, OSError]
    told.broken = False
    assert (await numbers.numbers(HERE, None, seer(OTHER))).mine == 1
    assert told.counted == [STAFF, OTHER, OTHER]


def looking(*roles: str) -> Session:
    who = SimpleNamespace(id=STAFF, roles=frozenset(roles))
    session = SimpleNamespace(
        authorities=tuple(HERE), caller=who, rooms=rooms_of(roles), token="theirs"
    )
    return cast("Session", session)


class Rooms:
    """What other services say of their lists, once they may."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.items: list[Any] = [{}, {}]
        self.away = ""

    async def part(self, token: str, path: str) -> Part:
        del token
        self.asked.append(path)
        await self.gate.wait()
        if path == "/v1/panels":
            meetings = [{"items": 3}, {"items": 0}]
            return Part({"items": [{"meetings": meetings, "to_conclude": [{"items": 1}]}]})
        return Part({"items": self.items, "next": "more"}, away=path == self.away)


async def test_other_rooms_are_asked_now_and_then_and_no_queue_waits_for_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counting, "PATIENCE", 0)
    told, rooms = Told(monkeypatch), Rooms()
    numbers = Elsewhere(cast("Database", told), cast("Reads", rooms))
    manager = looking("manager")
    assert await numbers.numbers(manager, NOON) == {}
    assert await numbers.numbers(manager, NOON) == {}
    rooms.gate.set()
    monkeypatch.setattr(counting, "PATIENCE", 1)
    there = {"Disagreements": "2+", "To telephone": "2+", "Panels": "4"}
    assert await numbers.numbers(manager, NOON) == there
    assert len(rooms.asked) == 3, "asked once for all who look"
    assert await numbers.numbers(looking("practitioner"), NOON) == {
        "Disagreements": "2+", "To telephone": "2+",
    }  # fmt: skip
    rooms.items, rooms.away = [{}], "/v1/messages/undelivered"
    late = NOON + FRESH + timedelta(seconds=1)
    assert await numbers.numbers(manager, late) == there, "as it was, while somebody asks"
    await asyncio.gather(*numbers._asking.values())
    assert await numbers.numbers(manager, late) == {"Disagreements": "1+", "Panels": "4"}
