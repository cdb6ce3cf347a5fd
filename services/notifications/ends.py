"""What a mail server or a provider says of a message after it took it, written down."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import NotFound
from chassis.stream.kernel import Command, Kernel
from policy.loading import PackSet
from services.notifications.bounces import store
from services.notifications.domain import Case
from services.notifications.domain.returning import arrived, given_back, returned


class Ends:
    """Writes down how messages ended."""

    def __init__(self, kernel: Kernel[Case]) -> None:
        self._kernel = kernel

    async def told(
        self, message_id: UUID, failed: str | None, *, for_now: bool = False, turn: int = 0
    ) -> None:
        """A message arrived, or (`failed`, a code) came back, for good or `for_now`. `turn`: it had
        come back so often before. Raises NotFound, DatabaseAway."""
        async with self._kernel.service.database.connection() as connection:
            of = await store.of(connection, message_id)
        if of is None:
            raise NotFound("message_not_found", "There is no such message.")

        def decide(
            state: Case | None, policy: PackSet, ids: Ids, now: datetime
        ) -> tuple[Change[Case], Mapping[str, Any]]:
            if failed is None:
                return arrived(state, message_id, now), {}
            if for_now:
                return given_back(state, message_id, turn, failed, policy, now), {}
            return returned(state, message_id, failed, policy, now), {}

        await self._kernel.submit(Command(*of, decide))
