"""The loop that puts panels' work on the agenda of the next meeting with room."""

from datetime import date, datetime
from uuid import UUID

from chassis.change import Change, Ids
from chassis.rounds import go_round
from chassis.stream.kernel import Kernel
from policy.loading import PackSet
from policy.working_time import LONDON
from services.allocation.domain import Case
from services.allocation.domain.timing import then
from services.allocation.offers.store import take_turn
from services.allocation.panels import domain, store

MOST = 200
EVERY_SECONDS = 2.0


class Listing:
    """Fills agendas in one process until cancelled; one at a time for an authority."""

    def __init__(self, kernel: Kernel[Case]) -> None:
        self._kernel = kernel

    async def run(self) -> None:
        """Look for work to list every two seconds."""
        await go_round(self.step, EVERY_SECONDS)

    async def step(self) -> int:
        """List what is to be listed now. Returns how many cases were looked at."""
        service = self._kernel.service
        now = service.clock()
        async with service.database.connection() as connection:
            due = await store.due(connection, now, MOST)
        looked = 0
        for authority, referrals in sorted(due.items()):
            if authority in service.policy.authorities:
                looked += await self._list(authority, referrals, now.astimezone(LONDON).date())
        return looked

    async def _list(self, authority: str, referrals: list[UUID], today: date) -> int:
        service = self._kernel.service
        async with service.database.transaction() as turn:
            if not await take_turn(turn, authority):
                return 0
            taken = await store.taken(turn, authority, today)
            pack = service.policy.current(authority, today)

            def look(case: Case, policy: PackSet, ids: Ids, now: datetime) -> Change[Case] | None:
                change = Change(case)
                for one in domain.to_list(case, now):
                    panel = pack.allocation.panels.get(one.assignee)
                    theirs = taken.setdefault(one.assignee, {})
                    day = domain.room(panel, today, pack.calendar, theirs) if panel else None
                    listed = domain.put_on_agenda(change.state, one, day, policy, ids, now)
                    change = then(change, listed)
                    if day:
                        theirs[day] = theirs.get(day, 0) + 1
                return change if change.state is not case else None

            return await self._kernel.sweep(dict.fromkeys(sorted(set(referrals)), authority), look)
