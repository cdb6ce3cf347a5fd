"""What the watchdog says when a service cannot be asked."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import httpx2

from chassis.watchdog import Accepted, Found, Watchdog, Watched
from tests.clocks import SetClock

MINUTE = timedelta(minutes=1)


class House:
    """Intake, one service that rates, and what was noted."""

    def __init__(self, clock: SetClock) -> None:
        self.clock = clock
        self.received: list[Accepted] = []
        self.rated: set[UUID] = set()
        self.away: set[str] = set()
        self.set_aside: list[Found] = []
        self.noted: Sequence[Found] = ()
        self.watchdog = Watchdog(
            Watched(
                accepted=self.accepted,
                knowers={"not_rated": self.knows},
                stuck=self.stuck,
                settle=self.settle,
                alert=self.alert,
            ),
            clock,
            every=300,
            grace=60,
        )

    def post(self) -> UUID:
        identity = UUID(int=len(self.received) + 1)
        self.received.append(Accepted(identity, "walsall", self.clock()))
        return identity

    async def accepted(self, after, until) -> Sequence[Accepted]:
        self.reach("intake")
        return [one for one in self.received if after < one.received_at <= until]

    async def knows(self, ids: Sequence[UUID]) -> set[UUID]:
        self.reach("triage")
        return self.rated & set(ids)

    async def stuck(self) -> Sequence[Found]:
        return self.set_aside

    async def settle(self, found: Sequence[Found]) -> Sequence[Found]:
        self.noted = found
        return ()

    async def alert(self, found: Found) -> None: ...

    def reach(self, name: str) -> None:
        if name in self.away:
            raise httpx2.ConnectError("away")

    async def look(self, later: timedelta) -> set[UUID]:
        self.clock.forward(later)
        await self.watchdog.step()
        return {one[0] for one in self.noted}


async def test_of_a_service_that_is_away_only_what_came_since_is_in_doubt(clock: SetClock) -> None:
    house = House(clock)
    rated = house.post()
    house.rated.add(rated)
    assert await house.look(2 * MINUTE) == set()
    house.away = {"triage"}
    came = house.post()
    assert await house.look(6 * MINUTE) == {came}
    house.away = set()
    house.rated.add(came)
    assert await house.look(MINUTE) == set()


async def test_a_watchdog_that_starts_while_a_service_is_away_doubts_nothing_older(
    clock: SetClock,
) -> None:
    house = House(clock)
    house.post()
    house.away = {"triage"}
    assert await house.look(2 * MINUTE) == set()
    clock.forward(MINUTE)
    came = house.post()
    assert await house.look(6 * MINUTE) == {came}


async def test_what_was_not_known_stays_so_while_nobody_can_be_asked(clock: SetClock) -> None:
    house = House(clock)
    stuck = house.post()
    assert await house.look(2 * MINUTE) == {stuck}
    house.away = {"triage"}
    assert await house.look(6 * MINUTE) == {stuck}


async def test_what_is_parked_is_seen_while_nothing_can_be_reconciled(clock: SetClock) -> None:
    house = House(clock)
    house.away = {"intake"}
    house.set_aside = [(UUID(int=9), "walsall", "parked")]
    assert await house.look(MINUTE) == {UUID(int=9)}
