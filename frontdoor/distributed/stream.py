"""What joins a service with the stream between services."""

from collections.abc import Mapping
from typing import Any, Protocol

from chassis.database import Database
from chassis.running import Loop
from chassis.stream.bell import Bell
from chassis.stream.port import EventSource


class Stream(Protocol):
    """The stream, as one service's process reaches it."""

    def source_of(
        self, database: Database, consumer: str, types: tuple[str, ...], bell: Bell
    ) -> EventSource:
        """The stream as a consumer of some event types reads it. `bell` is rung when there is
        something to read."""
        ...

    def relay(self, database: Database, service: str, bell: Bell) -> Loop:
        """Carries a service's log to the stream until cancelled. Cancelled, it gives back what it
        holds; what it sent and did not note is sent again, and everybody's marks know it."""
        ...

    async def state(self) -> Mapping[str, Any]:
        """Whether the stream is there: `ok`, and what an operator wants to know."""
        ...

    def silent_seconds(self) -> float:
        """How long nothing has listened to the stream; 0 before the first time. A broker that is
        away is listened for."""
        ...

    async def published(self, database: Database) -> bool:
        """Whether the stream has all of a service's log. Raises DatabaseAway."""
        ...

    async def close(self) -> None:
        """Give back the connections."""
        ...
