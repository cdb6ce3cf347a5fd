"""Taking the rows of a file as referrals, a window at a time.

A window of rows shares its commits; how far the file came is written after each. A stopped import
goes on there: rows of the window that were taken already are known again by the hash of their
content, so that nothing is taken twice. A row that is refused goes to a file of errors, by its
number and by pointers, and never holds up the next. While a window is taken the next are read, and
the next of them is begun.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, Final

from chassis.errors import DomainError, Unavailable
from chassis.identity import Caller
from services.intake.callers import organisation_of
from services.intake.importing import store
from services.intake.importing.reading import Ready, Refusal
from services.intake.importing.rows import Row
from services.intake.importing.store import Progress, Run
from services.intake.receiving import Receiving, Sender

WINDOW: Final = 200
AHEAD: Final = 3
BEHIND: Final = 1
"""How many windows are still being stored while the next is begun: the database works as we do."""
MOST_LAG: Final = 2_000
WAIT_SECONDS: Final = 0.5
MOST_LOOKS: Final = 120
"""How often triage's lag is looked at, without its growing less, before the import gives up."""

Read = Callable[[Sequence[Row], datetime], Awaitable[Sequence[Ready | Refusal]]]
"""Reads rows, perhaps in another process."""
Refused = Callable[[Mapping[str, Any]], None]
"""Keeps what is said of a row that was refused."""
Done = Callable[[Progress], None]
"""Hears how far it came."""
Lag = Callable[[], Awaitable[int]]
"""How many events triage has yet to answer."""
Window = tuple[Sequence[Row], asyncio.Task[Sequence[Ready | Refusal]]]
Stored = tuple[Sequence[Row], asyncio.Task[Sequence[bool | Refusal]]]


class TriageStandsStill(Exception):
    """Triage has much to answer, and answers nothing. `behind` is how many events."""

    def __init__(self, behind: int) -> None:
        super().__init__(behind)
        self.behind = behind


async def no_lag() -> int:
    """For what triage never hears of."""
    return 0


async def _pause() -> None:
    await asyncio.sleep(WAIT_SECONDS)


@dataclass(frozen=True, slots=True)
class Importer:
    """One import. `lag` holds a live one back while triage has much to answer; `waiting` hears how
    many events, each time that it begins to wait."""

    receiving: Receiving
    run: Run
    caller: Caller
    read: Read
    refused: Refused
    done: Done
    lag: Lag = no_lag
    waiting: Callable[[int], None] = lambda _: None
    pause: Callable[[], Awaitable[None]] = _pause

    async def take(self, rows: Iterator[Row]) -> Progress:
        """Take every row that was not looked at before. Raises DatabaseAway, TriageStandsStill."""
        service = self.receiving.kernel.service
        async with service.database.connection() as connection:
            progress = await store.read(connection, self.run)
        self.done(progress)
        for _ in islice(rows, progress.rows):
            pass
        ahead: deque[Window] = deque()
        storing: deque[Stored] = deque()
        try:
            self._read_ahead(rows, ahead)
            while ahead or storing:
                if ahead:
                    window, reading = ahead.popleft()
                    await self._wait()
                    found = await reading
                    self._read_ahead(rows, ahead)
                    storing.append((window, asyncio.ensure_future(self._store(found))))
                if len(storing) > BEHIND or not ahead:
                    window, stored = storing.popleft()
                    progress = await self._taken(window, await stored, progress)
                    self.done(progress)
        finally:
            left = [one for _, one in (*ahead, *storing)]
            for one in left:
                one.cancel()
            await asyncio.gather(*left, return_exceptions=True)
        return progress

    def _read_ahead(self, rows: Iterator[Row], ahead: deque[Window]) -> None:
        """Have the next windows read; none of them is held longer than it waits."""
        now = self.receiving.kernel.service.clock()
        while len(ahead) < AHEAD and (window := list(islice(rows, WINDOW))):
            ahead.append((window, asyncio.ensure_future(self.read(window, now))))

    async def _store(self, found: Sequence[Ready | Refusal]) -> Sequence[bool | Refusal]:
        """What became of each row of a window."""
        return await asyncio.gather(*(self._row(one) for one in found))

    async def _taken(
        self, window: Sequence[Row], outcomes: Sequence[bool | Refusal], progress: Progress
    ) -> Progress:
        """Write how far it came. Windows are counted in their order: a row of a later one that is
        stored already is known again by its content."""
        refusals = [one for one in outcomes if isinstance(one, Refusal)]
        for refusal in refusals:
            self.refused(_said(refusal))
        taken = outcomes.count(True)
        progress = replace(
            progress,
            rows=progress.rows + len(window),
            taken=progress.taken + taken,
            refused=progress.refused + len(refusals),
            repeated=progress.repeated + len(window) - taken - len(refusals),
        )
        service = self.receiving.kernel.service
        async with service.database.transaction() as connection:
            await store.save(connection, self.run, progress, service.clock())
        return progress

    async def _wait(self) -> None:
        """Until triage has less to answer. Raises TriageStandsStill."""
        least, looks = await self.lag(), 0
        if least <= MOST_LAG:
            return
        self.waiting(least)
        while looks < MOST_LOOKS:
            await self.pause()
            behind = await self.lag()
            if behind <= MOST_LAG:
                return
            looks = 0 if behind < least else looks + 1
            least = min(least, behind)
        raise TriageStandsStill(least)

    async def _row(self, row: Ready | Refusal) -> bool | Refusal:
        """Whether a row was taken now, or is one that was taken before; or its refusal."""
        if isinstance(row, Refusal):
            return row
        sender = Sender(self.caller, organisation_of(self.caller), row.claim)
        try:
            answer = await self.receiving.take(row.prepared, sender)
        except Unavailable:
            raise
        except DomainError as refusal:
            # The same row twice in one window.
            return False if refusal.code == "still_running" else Refusal.of(row.number, refusal)
        return not answer.replayed


def _said(refusal: Refusal) -> Mapping[str, Any]:
    return {
        "row": refusal.number,
        "code": refusal.code,
        "errors": [{"pointer": pointer, "detail": detail} for pointer, detail in refusal.errors],
    }
