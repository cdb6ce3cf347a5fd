"""Taking the rows of a file as referrals, a window at a time.

A window of rows shares its commits; how far the file came is written after each. A stopped import
goes on there: rows of the window that were taken already are known again by the hash of their
content, so that nothing is taken twice. A row that is refused goes to a file of errors, by its
number and by pointers, and never holds up the next.
"""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from chassis.errors import DomainError, FieldError, InvalidInput, Unavailable
from chassis.http.idempotency import Claim
from chassis.identity import Caller
from services.intake.callers import organisation_of
from services.intake.importing import store
from services.intake.importing.rows import Row
from services.intake.importing.store import Progress, Run
from services.intake.receiving import Receiving, Sent

WINDOW: Final = 200
MOST_LAG: Final = 2_000
WAIT_SECONDS: Final = 0.5

Refused = Callable[[Mapping[str, Any]], None]
"""Keeps what is said of a row that was refused."""
Done = Callable[[Progress], None]
"""Hears how far it came."""
Lag = Callable[[], Awaitable[int]]
"""How many events triage has yet to answer."""


async def no_lag() -> int:
    """For what triage never hears of."""
    return 0


@dataclass(frozen=True, slots=True)
class Source:
    """Who sends the rows, and as whom they refer where a row doesn't say."""

    caller: Caller
    agency: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Importer:
    """One import. `lag` holds a live one back while triage has much to answer; `waiting` hears how
    many events, each time that it begins to wait."""

    receiving: Receiving
    run: Run
    source: Source
    refused: Refused
    done: Done
    lag: Lag = no_lag
    waiting: Callable[[int], None] = lambda _: None

    async def take(self, rows: Iterator[Row]) -> Progress:
        """Take every row that was not looked at before. Raises DatabaseAway."""
        service = self.receiving.kernel.service
        async with service.database.connection() as connection:
            progress = await store.read(connection, self.run)
        self.done(progress)
        for _ in islice(rows, progress.rows):
            pass
        while window := list(islice(rows, WINDOW)):
            await self._wait()
            outcomes = await asyncio.gather(*(self._row(row) for row in window))
            for row, outcome in zip(window, outcomes, strict=True):
                if isinstance(outcome, DomainError):
                    self.refused(_said(row, outcome))
            refused = sum(isinstance(one, DomainError) for one in outcomes)
            taken = outcomes.count(True)
            progress = replace(
                progress,
                rows=progress.rows + len(window),
                taken=progress.taken + taken,
                refused=progress.refused + refused,
                repeated=progress.repeated + len(window) - taken - refused,
            )
            async with service.database.transaction() as connection:
                await store.save(connection, self.run, progress, service.clock())
            self.done(progress)
        return progress

    async def _wait(self) -> None:
        told = False
        while (behind := await self.lag()) > MOST_LAG:
            if not told:
                self.waiting(behind)
                told = True
            await asyncio.sleep(WAIT_SECONDS)

    async def _row(self, row: Row) -> bool | DomainError:
        """Whether a row was taken now, or is one that was taken before; or its refusal."""
        if row.wrong or row.form is None:
            return InvalidInput(row.wrong or "malformed_json", "The row cannot be read.")
        try:
            body, received_at = self._form(row.form)
            answer = await self.receiving.receive(
                Sent(
                    body=body,
                    caller=self.source.caller,
                    organisation_id=organisation_of(self.source.caller),
                    claim=self._claim(body, received_at),
                    lenient=True,
                    historic_at=received_at,
                )
            )
        except Unavailable:
            raise
        except DomainError as refusal:
            # The same row twice in one window.
            return False if refusal.code == "still_running" else refusal
        return not answer.replayed

    def _claim(self, body: bytes, received_at: datetime | None) -> Claim:
        said = f"{self.run.authority}|{received_at}|".encode() + body
        digest = hashlib.sha256(said)
        return Claim(self.source.caller.name, f"import {digest.hexdigest()}", digest.digest())

    def _form(self, given: Mapping[str, Any]) -> tuple[bytes, datetime | None]:
        form = dict(given)
        received_at = self._received_at(form.pop("received_at", None))
        if form.setdefault("authority", self.run.authority) != self.run.authority:
            raise _wrong("/authority", "is not the authority of this import")
        referrer = form.get("referrer")
        if referrer is None or isinstance(referrer, dict):
            form["referrer"] = {
                "agency": self.source.agency,
                "organisation": self.source.organisation,
                **(referrer or {}),
            }
        return json.dumps(form).encode(), received_at

    def _received_at(self, given: object) -> datetime | None:
        if not self.run.historic:
            return None
        try:
            at = datetime.fromisoformat(str(given))
        except ValueError:
            raise _wrong("/received_at", "is not a time like 2024-03-05T10:00:00Z") from None
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        if at > self.receiving.kernel.service.clock():
            raise _wrong("/received_at", "is in the future")
        return at


def _said(row: Row, refusal: DomainError) -> Mapping[str, Any]:
    return {
        "row": row.number,
        "code": refusal.code,
        "errors": [{"pointer": one.pointer, "detail": one.detail} for one in refusal.errors],
    }


def _wrong(pointer: str, detail: str) -> InvalidInput:
    return InvalidInput("invalid_row", "The row is wrong.", errors=(FieldError(pointer, detail),))
