"""A list for each team when its hub opens: what is due today, and what is overdue."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from chassis.errors import Unavailable
from chassis.rounds import go_round
from chassis.stream.kernel import Service
from chassis.telemetry import logs
from policy.pack import Pack
from policy.working_time import LONDON, closes_next, is_open
from services.notifications.digests import store
from services.notifications.domain import About, Case, Nudge
from services.notifications.reads import DueClock, Reads, Unreadable

EVERY_SECONDS = 30.0
LATEST = timedelta(hours=2)
"""So long after the hub has opened its list is not a morning list any more."""

log = logs.get_logger(__name__)


class Mornings:
    """Looks until cancelled whether a hub has opened."""

    def __init__(self, service: Service[Case], reads: Reads) -> None:
        self._service = service
        self._reads = reads

    async def run(self) -> None:
        """Look twice a minute. While something that it needs is away, wait."""
        await go_round(
            self.step,
            EVERY_SECONDS,
            away=(Unavailable, Unreadable),
            waits=lambda _: log.warning("morning_list_waits"),
        )

    async def step(self) -> int:
        """Make the lists of every hub that has opened and has none yet; how many hubs. Raises
        Unavailable, Unreadable."""
        service = self._service
        made = 0
        for pack in service.policy.in_force(service.clock().astimezone(LONDON).date()):
            authority, now = pack.authority, service.clock()
            day = now.astimezone(LONDON).date()
            if not is_open(pack.calendar, now) or is_open(pack.calendar, now - LATEST):
                continue
            async with service.database.connection() as connection:
                if await store.is_marked(connection, authority, day):
                    continue
            until = closes_next(pack.calendar, now) or now
            clocks = await self._reads.due_clocks(authority, until)
            cause = uuid5(NAMESPACE_URL, f"{authority}/{day.isoformat()}")
            async with service.database.transaction() as connection:
                lines = _lines(clocks, pack, cause, now)
                made += await store.list_day(connection, authority, day, lines)
        return made


def _lines(
    clocks: list[DueClock], pack: Pack, cause: UUID, now: datetime
) -> Mapping[UUID, list[Nudge]]:
    """A line for each clock, by referral. What a team holds that the pack does not know, or
    nobody holds, is the hub's own team's."""
    section = pack.allocation
    known = section.teams.keys() | section.panels.keys()
    found: dict[UUID, list[Nudge]] = {}
    for clock in clocks:
        team = clock.team if clock.team in known else section.otherwise
        line = Nudge(
            cause,
            clock.clock_id,
            clock.name,
            About.TODAY,
            f"team:{team}",
            clock.due_at,
            clock.rag,
            now.astimezone(UTC),
        )
        found.setdefault(clock.referral_id, []).append(line)
    return found
