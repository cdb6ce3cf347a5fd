"""How long a loop that reads events lets them come together before it reads again.

A batch of few events costs hardly less than one of many. So the longer a loop has been busy without
a rest, the longer it waits between its batches, up to a limit; the first event after a rest is
answered at once.
"""

SHORTEST_SECONDS = 0.02


class Lull:
    """The pauses of one loop, none above `longest` seconds."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._seconds = 0.0

    def after(self, took: float) -> float:
        """For how many seconds to wait after a batch that took so many and left nothing waiting:
        as long as it took, twice as long as the last time, up to the longest."""
        self._seconds = min(max(took, SHORTEST_SECONDS, 2 * self._seconds), self._longest)
        return self._seconds

    def rested(self) -> None:
        """There was nothing to read."""
        self._seconds = 0.0
