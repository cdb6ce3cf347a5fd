"""Where forms are read: here as a rule, and in a process beside this one while many are sent at once.

Reading is half of what a post costs, and is all of this process's own. While it reads, nobody else
is answered.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from chassis.beside import Beside
from chassis.errors import Unavailable
from chassis.gathering import Gathering
from chassis.telemetry import logs
from services.intake.preparing import Prepared, Preparing, Written

BUSY = 16
"""So many posts that are being taken at once are more than a moment's."""

log = logs.get_logger(__name__)

Asked = tuple[Written, datetime]


class Preparer:
    """Reads forms. `beside` is started once many are being taken, and ends when few were for a
    while; where it can't start, or dies, all are read here."""

    def __init__(self, preparing: Preparing, beside: Beside) -> None:
        self.preparing = preparing
        self._beside = beside
        self._gathering = Gathering(self._read_beside)
        self._taking = 0

    @contextmanager
    def taking(self) -> Iterator[None]:
        """While a form is being taken, from the first byte to the answer."""
        self._taking += 1
        try:
            yield
        finally:
            self._taking -= 1

    async def prepare(self, written: Written, now: datetime) -> Prepared:
        """As Preparing.prepare, and raises what that raises."""
        if self._taking >= BUSY and self._beside.is_ready(self.preparing):
            prepared = await self._gathering.ask((written, now))
            if prepared is not None:
                return prepared
        return self.preparing.prepare(written, now)

    async def _read_beside(self, asked: Sequence[Asked]) -> list[Prepared | None]:
        try:
            return await self._beside.run(read_each, self.preparing, asked, pieces=BUSY)
        except Unavailable:
            log.warning("reading_here", reason="process_died")
            return [None] * len(asked)


def read_each(preparing: Preparing, asked: Sequence[Asked]) -> list[Prepared | None]:
    """Each form as it was read. None for one that is refused: who sent it hears it from whoever
    reads it again."""
    return [_read(preparing, written, now) for written, now in asked]


def _read(preparing: Preparing, written: Written, now: datetime) -> Prepared | None:
    try:
        return preparing.prepare(written, now)
    except Exception:
        return None
