"""What one partition has given: fetched, read and settled."""

from collections import deque
from datetime import datetime
from itertools import islice

from chassis.stream.port import Received


class Partition:
    """The events that were fetched and aren't settled, and three positions: settled <= read <=
    fetched. Not `placed` until it is known where to go on."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.placed = False
        self.settled = self.read = self.fetched = 0
        self._given: deque[Received] = deque()
        self._waiting: deque[Received] = deque()

    @property
    def kept(self) -> int:
        """How many events are held in memory."""
        return len(self._given) + len(self._waiting)

    @property
    def waits(self) -> bool:
        """Whether there is something to read."""
        return self.placed and self.read < self.fetched

    @property
    def answered(self) -> bool:
        """Whether nothing is held that has still to be answered."""
        return self.settled == self.read == self.fetched

    @property
    def oldest(self) -> datetime | None:
        """When the first event happened that is not settled."""
        first = self._given or self._waiting
        return first[0].time if first else None

    def place(self, position: int) -> None:
        """Go on after `position`, with nothing fetched."""
        self.settled = self.read = self.fetched = position
        self._given.clear()
        self._waiting.clear()
        self.placed = True

    def add(self, position: int, event: Received | None) -> None:
        """The record up to `position` was fetched. None where nobody wants it."""
        self.fetched = position
        if event is not None:
            self._waiting.append(event)

    def take(self, limit: int) -> list[Received]:
        """The next events, at most `limit`; `read` passes them, and what nobody wants behind
        them."""
        taken = list(islice(self._waiting, limit))
        for _ in taken:
            self._given.append(self._waiting.popleft())
        self.read = taken[-1].position if self._waiting else self.fetched
        return taken

    def settle(self, after: int, position: int) -> None:
        """Everything from `after` up to `position` is handled. Ignored where this partition went on
        from elsewhere meanwhile."""
        if not self.settled == after <= position <= self.read:
            return
        self.settled = position
        while self._given and self._given[0].position <= position:
            self._given.popleft()

    def rewind(self, position: int) -> bool:
        """Go on after `position` with what is still held. False where it isn't held any more."""
        if not self.settled <= position <= self.fetched:
            return False
        self._waiting.extendleft(reversed(self._given))
        self._given.clear()
        while self._waiting and self._waiting[0].position <= position:
            self._waiting.popleft()
        self.settled = self.read = position
        return True
