"""Ends the sessions of people whose account was ended after they had signed in."""

from typing import Any
from uuid import UUID

from chassis.clock import Clock
from chassis.database import Database
from chassis.rounds import go_round
from services.console.reads import Reads, Refusal
from services.console.store import sessions as store

LOOK_EVERY_SECONDS = 2.0
AT_ONCE = 1_000
"""So many people intake says it of in one answer."""


class Leaving:
    """Asks intake, which owns accounts, while anybody is signed in. Where intake is away nobody is
    put out: it is asked again."""

    def __init__(self, database: Database, reads: Reads, clock: Clock) -> None:
        self._database = database
        self._reads = reads
        self._clock = clock

    async def run(self) -> None:
        """Ask until cancelled."""
        await go_round(self.step, LOOK_EVERY_SECONDS)

    async def step(self) -> None:
        """Ask once of everybody who is signed in."""
        async with self._database.connection() as connection:
            there = await store.signed_in_staff(connection, self._clock())
        for place in range(0, len(there), AT_ONCE):
            asked: dict[str, Any] = {"ids": [str(one) for one in there[place : place + AT_ONCE]]}
            told = await self._reads.ask_house("/internal/v1/intake/staff:ended", asked)
            if isinstance(told, Refusal):
                return
            ended = [UUID(str(one)) for one in told.items]
            if ended:
                async with self._database.connection() as connection:
                    await store.end_sessions_of(connection, ended)
