"""A clock that a test sets."""

from datetime import UTC, datetime, timedelta

# A Thursday in term time: nothing about it is special.
START = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)


class SetClock:
    """Stands still until moved. Called, it gives its time (a Clock)."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> datetime:
        """Move on, and give the new time."""
        self.now += by
        return self.now
