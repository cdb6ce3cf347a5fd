"""The rules and calendars by which the clocks of one case go."""

from dataclasses import dataclass
from datetime import date

from policy.clocks import ClockRule
from policy.loading import PackSet
from policy.pack import Pack
from policy.working_time import Calendar
from services.allocation.clocks.domain.clock import Clock


@dataclass(frozen=True, slots=True)
class Book:
    """`version` is the pack's version at receipt; `on` the day, in England, on which somebody
    asks. A version that isn't here raises UnknownVersion."""

    policy: PackSet
    authority: str
    version: str
    on: date

    @property
    def pack(self) -> Pack:
        """The pack at receipt: what starts and stops clocks, and who is told."""
        return self.policy.version(self.authority, self.version)

    @property
    def current(self) -> Pack:
        """The pack in force on the day; where none is, the one at receipt."""
        try:
            return self.policy.current(self.authority, self.on)
        except KeyError:
            return self.pack

    def rule(self, clock: Clock) -> ClockRule | None:
        """The rule in force for a clock: of the version that last set its times."""
        rules = self.policy.version(self.authority, clock.pack_version).clocks.rules
        return rules.get(clock.name)

    def calendar(self, version: str) -> Calendar:
        """The hours of a version, with every closed day that is known on the day."""
        return self.policy.calendar(self.authority, version, self.on)
