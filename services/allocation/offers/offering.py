"""The loop that offers what teams hold to their workers.

One at a time offers an authority's work, under an advisory lock: what each worker carries is read
once and counted on, so that nobody is given more than they have room for. A crash between two
commits leaves work with its team, to be looked at again. Where nobody can take something it waits,
and is looked at every five minutes, or as soon as the register changes.
"""

from datetime import datetime
from uuid import UUID

from chassis.change import Change, Ids
from chassis.rounds import go_round
from chassis.stream.kernel import Kernel
from policy.allocation import Candidate, Load, choose
from policy.loading import PackSet
from policy.working_time import LONDON
from services.allocation.domain import Case
from services.allocation.domain.timing import then
from services.allocation.offers import domain, store
from services.allocation.offers.domain import Before

MOST = 200
EVERY_SECONDS = 0.5
NOTHING = Before()


class Offering:
    """Offers work in one process until cancelled."""

    def __init__(self, kernel: Kernel[Case]) -> None:
        self._kernel = kernel

    async def run(self) -> None:
        """Look for work to offer twice a second; at once again where there is much."""
        await go_round(self.step, EVERY_SECONDS, most=MOST)

    async def step(self) -> int:
        """Offer what is to be offered now, up to a batch for each authority. Returns how many cases
        were looked at, of the authority with the most."""
        service = self._kernel.service
        async with service.database.connection() as connection:
            teams = await store.teams(connection)
        looked = 0
        for authority, of in sorted(teams.items()):
            if authority in service.policy.authorities:
                looked = max(looked, await self._offer(authority, of))
        return looked

    async def _offer(self, authority: str, teams: list[str]) -> int:
        service = self._kernel.service
        now = service.clock()
        today = now.astimezone(LONDON).date()
        async with service.database.transaction() as turn:
            due = await store.due(turn, authority, teams, now, MOST)
            stranded = await store.stranded(turn, authority, MOST)
            if not due and not stranded:
                return 0
            if not await store.take_turn(turn, authority):
                return 0
            section = service.policy.current(authority, today).allocation
            candidates, loads = await store.roster(turn, authority, section, now, today)
            before = await store.before(turn, due)
            looking = _Looking(candidates, loads, before, stranded)
            await self._kernel.sweep(
                dict.fromkeys(sorted({*due, *stranded}), authority), looking.at
            )
        return len(due) + len(stranded)


class _Looking:
    """Looks at one case after the other, and remembers what each worker was given meanwhile."""

    def __init__(
        self,
        candidates: dict[UUID, Candidate],
        loads: dict[UUID, Load],
        before: dict[UUID, Before],
        stranded: dict[UUID, list[tuple[UUID, str]]],
    ) -> None:
        self._candidates = candidates
        self._loads = loads
        self._before = before
        self._stranded = stranded
        self._of_team: dict[str, list[Candidate]] = {}
        for one in candidates.values():
            self._of_team.setdefault(one.team, []).append(one)

    def at(self, case: Case, policy: PackSet, ids: Ids, now: datetime) -> Change[Case] | None:
        change = Change(case)
        for allocation_id, team in self._stranded.get(case.referral_id, ()):
            back = domain.put_back(
                change.state, allocation_id, team, "worker_left", policy, ids, now
            )
            change = then(change, back)
        before = self._before.get(case.referral_id, NOTHING)
        for one in domain.waiting(change.state, now):
            colleagues = self._of_team.get(one.assignee)
            if colleagues is None:
                continue
            task = domain.task_of(change.state, one, one.assignee, before)
            known = [
                self._candidates[worker]
                for worker in (task.preferred, *task.known_to)
                if worker in self._candidates
            ]
            choice = choose(task, (*colleagues, *known), self._loads)
            change = then(change, domain.offer(change.state, one, choice, policy, ids, now))
            if choice.worker_id is not None:
                load = self._loads[choice.worker_id]
                load.open += one.points
                load.given += one.points
        return change if change.state is not case else None
