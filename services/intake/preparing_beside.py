"""Where forms are read: here as a rule, and in a process beside this one while many are sent at once.

Reading is half of what a post costs, and is all of this process's own. While it reads, nobody else
is answered.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import cycle
from math import inf
from time import monotonic

from chassis.beside import Beside
from chassis.errors import Unavailable
from chassis.gathering import Gathering
from chassis.telemetry import logs
from services.intake.preparing import Prepared, Preparing, Written

BUSY = 16
"""So many posts that are being taken at once are many."""
LASTING_SECONDS = 1.0
"""So long they have to be many: starting a process in a moment's jam would make it longer."""

MOMENT_SECONDS = 0.5

log = logs.get_logger(__name__)

Asked = tuple[Written, datetime]


class Preparer:
    """Reads forms. `beside` is started once many were being taken for `lasting` seconds, and ends
    when few were for a while; where it can't start, or dies, all are read here."""

    def __init__(
        self, preparing: Preparing, beside: Beside, lasting: float = LASTING_SECONDS
    ) -> None:
        self.preparing = preparing
        self._lasting = lasting
        self._beside = beside
        # Two, so that the next forms are there when the process has read the last.
        self._lanes = cycle((Gathering(self._read_beside), Gathering(self._read_beside)))
        self._taking = 0
        self._many_since = self._many_until = -inf

    @contextmanager
    def taking(self) -> Iterator[None]:
        """While a form is being taken, from the first byte to the answer."""
        self._taking += 1
        if self._taking >= BUSY:
            now = monotonic()
            if now > self._many_until:
                self._many_since = now
            # Many are answered together: for a moment few are left.
            self._many_until = now + MOMENT_SECONDS
        try:
            yield
        finally:
            self._taking -= 1

    async def prepare(self, written: Written, now: datetime) -> Prepared:
        """As Preparing.prepare, and raises what that raises."""
        if self._many and self._beside.is_ready(self.preparing):
            prepared = await next(self._lanes).ask((written, now))
            if prepared is not None:
                return prepared
        return self.preparing.prepare(written, now)

    @property
    def _many(self) -> bool:
        return self._many_since + self._lasting <= monotonic() <= self._many_until

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
