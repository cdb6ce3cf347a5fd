"""What a decision returns, and the shapes of decisions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from contracts.envelope import Event, EventData
from policy.loading import PackSet

S = TypeVar("S")

Ids = Callable[[], UUID]
"""Makes the next id, a UUIDv7. Handed in, so that a decision stays a pure function."""


@dataclass(frozen=True, slots=True)
class Change(Generic[S]):
    """The new state of one referral, and the events that say what changed, in order."""

    state: S
    events: tuple[EventData, ...] = ()


class Handler(Protocol[S]):
    """Answers one event. None: nothing to do. Raises DomainError to have the event parked."""

    def __call__(
        self, state: S | None, event: Event[Any], policy: PackSet, ids: Ids, now: datetime, /
    ) -> Change[S] | None: ...


class Decide(Protocol[S]):
    """Answers one command: the change, and what to tell the caller (JSON). Raises DomainError."""

    def __call__(
        self, state: S | None, policy: PackSet, ids: Ids, now: datetime, /
    ) -> tuple[Change[S], Mapping[str, Any]]: ...
