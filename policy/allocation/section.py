"""The `allocation` section of a pack: places, teams, panels, duty ladders and rules."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.events import AgeBand, AgreementStatus, AssigneeKind, Outcome, Rag
from policy.allocation.places import Locality, SchoolCluster, claims_twice
from policy.working_time.hours import WEEKDAYS, Weekday

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Words = Annotated[str, Field(min_length=1, max_length=160)]
Role = Literal["practitioner", "manager", "duty", "coordinator", "panel_chair"]
Channel = Literal["text_message", "page", "telephone"]
FROZEN = ConfigDict(extra="forbid", frozen=True)


class Team(BaseModel):
    """A team, or a pool of lead professionals. No `localities` means all of them. `roles`: which
    staff may accept its work. `leads_up_to`: the level of need above which nobody in it is asked
    to lead."""

    model_config = FROZEN

    name: Words
    kind: Literal[AssigneeKind.DUTY, AssigneeKind.TEAM, AssigneeKind.LEAD_PROFESSIONAL]
    localities: tuple[Code, ...] = ()
    skills: tuple[Code, ...] = ()
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    leads_up_to: Annotated[int, Field(ge=1, le=4)] = 4


class Panel(BaseModel):
    """A series of meetings: every so many weeks from the first, on the same weekday."""

    model_config = FROZEN

    name: Words
    purpose: Literal["locality_panel", "allocation_meeting"]
    localities: tuple[Code, ...] = ()
    weekday: Weekday
    first_meeting: date
    every_weeks: Annotated[int, Field(ge=1, le=26)]
    capacity: Annotated[int, Field(ge=1, le=100)]
    members: Annotated[tuple[Code, ...], Field(min_length=1)]
    quorum: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _can_meet(self) -> "Panel":
        if WEEKDAYS[self.first_meeting.weekday()] != self.weekday:
            raise ValueError(f"the first meeting, {self.first_meeting}, isn't on a {self.weekday}")
        if self.quorum > len(self.members):
            raise ValueError("can never be quorate: it has fewer members")
        return self


class Step(BaseModel):
    """A rung of a ladder: whom to reach, how, and how many minutes after the first alert."""

    model_config = FROZEN

    after_minutes: Annotated[int, Field(ge=0, le=24 * 60)]
    tell: Words
    by: Channel


def _climbs(steps: tuple[Step, ...]) -> Iterator[str]:
    minutes = [step.after_minutes for step in steps]
    if minutes[:1] != [0]:
        yield "the first step of a ladder comes at once: after_minutes 0"
    if minutes != sorted(set(minutes)):
        yield "each step of a ladder comes later than the one before"


class Duty(BaseModel):
    """Who takes urgent work now, and who when the hub is closed. The last step of a ladder is
    repeated every `repeat_minutes` until a person accepts."""

    model_config = FROZEN

    team: Code
    out_of_hours: Code
    ladder: Annotated[tuple[Step, ...], Field(min_length=2)]
    out_of_hours_ladder: Annotated[tuple[Step, ...], Field(min_length=2)]
    repeat_minutes: Annotated[int, Field(ge=1, le=60)]

    @model_validator(mode="after")
    def _ladders_climb(self) -> "Duty":
        problems = [*_climbs(self.ladder), *_climbs(self.out_of_hours_ladder)]
        if problems:
            raise ValueError("; ".join(dict.fromkeys(problems)))
        return self


class When(BaseModel):
    """What a rule asks of a piece of work. Whatever is left out fits everything. `ages` fit if any
    child is of one of them; `needs` fit if all are needed; `open` asks whether the hub is open."""

    model_config = FROZEN

    rags: tuple[Rag, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    ages: tuple[AgeBand, ...] = ()
    localities: tuple[Code, ...] = ()
    agencies: tuple[Code, ...] = ()
    agreement: tuple[AgreementStatus, ...] = ()
    needs: tuple[Code, ...] = ()
    open: bool | None = None


class Target(BaseModel):
    """Where a rule sends work: a team by its code, or the team, pool or panel of a kind that
    serves the locality, for teams with these skills."""

    model_config = FROZEN

    team: Code | None = None
    kind: Literal[AssigneeKind.TEAM, AssigneeKind.LEAD_PROFESSIONAL, AssigneeKind.PANEL] | None = (
        None
    )
    skills: tuple[Code, ...] = ()

    @model_validator(mode="after")
    def _one_of_them(self) -> "Target":
        if (self.team is None) == (self.kind is None):
            raise ValueError("name a team, or a kind to look for in the locality: one of them")
        if self.skills and self.kind in {None, AssigneeKind.PANEL}:
            raise ValueError("skills are looked for among teams of a kind")
        return self


class Rule(BaseModel):
    """One allocation rule. `because` says in words why it sends work there."""

    model_config = FROZEN

    rule: Code
    when: When = Field(default_factory=When)
    to: Target
    because: Words


class Caseload(BaseModel):
    """How much somebody can carry, in points: a piece of work weighs by its colour, and more for
    each child after the first."""

    model_config = FROZEN

    full_time_hours: Annotated[float, Field(gt=0, le=60)] = 37
    full_time_points: Annotated[int, Field(ge=1, le=1000)] = 30
    points: dict[Rag, Annotated[int, Field(ge=1, le=20)]] = Field(
        default_factory=lambda: {Rag.RED: 4, Rag.AMBER: 3, Rag.GREEN: 2, Rag.NONE: 1}
    )
    each_further_child: Annotated[int, Field(ge=0, le=5)] = 0
    most: Annotated[int, Field(ge=1, le=40)] = 8

    @model_validator(mode="after")
    def _every_colour(self) -> "Caseload":
        lacking = [str(rag) for rag in Rag if rag not in self.points]
        if lacking:
            raise ValueError(f"has no points for {', '.join(lacking)}")
        return self

    def capacity(self, hours: float) -> float:
        """The points that somebody with so many hours a week can carry."""
        return round(self.full_time_points * hours / self.full_time_hours, 2)

    def weight(self, rag: Rag, children: int) -> int:
        """The points of a piece of work about so many children."""
        return min(self.most, self.points[rag] + self.each_further_child * max(0, children - 1))


class AllocationSection(BaseModel):
    """Who takes work. Rules are tried in order, `first` before `rules`; what none of them takes
    goes to `otherwise`, the hub's own team. A suggested Red asks no rule: it goes to duty."""

    model_config = FROZEN

    localities: Annotated[dict[Code, Locality], Field(min_length=1)]
    school_clusters: dict[Code, SchoolCluster] = Field(default_factory=dict)
    locality_from: tuple[Literal["postcode", "school"], ...] = ("postcode", "school")
    teams: dict[Code, Team]
    panels: dict[Code, Panel] = Field(default_factory=dict)
    duty: Duty
    caseload: Caseload = Field(default_factory=Caseload)
    first: tuple[Rule, ...] = ()
    rules: tuple[Rule, ...] = ()
    otherwise: Code

    @property
    def by_ward(self) -> bool:
        """Whether any locality is made of wards, by their codes."""
        return any(each.ward_codes for each in self.localities.values())

    @model_validator(mode="before")
    @classmethod
    def _catches_all(cls, value: Any) -> Any:
        if isinstance(value, dict) and not value.get("otherwise"):
            raise ValueError("there is no catch-all: name in otherwise who takes the rest")
        return value

    @model_validator(mode="after")
    def _leads_somewhere(self) -> "AllocationSection":
        problems = [*self._unknown_places(), *self._unknown_teams(), *self._rules_in_vain()]
        problems += claims_twice(self.localities, self.school_clusters)
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _unknown_places(self) -> Iterator[str]:
        users: list[tuple[str, tuple[str, ...]]] = [
            *(
                (f"school_clusters.{code}", (each.locality,))
                for code, each in self.school_clusters.items()
            ),
            *((f"teams.{code}", each.localities) for code, each in self.teams.items()),
            *((f"panels.{code}", each.localities) for code, each in self.panels.items()),
            *((each.rule, each.when.localities) for each in (*self.first, *self.rules)),
        ]
        for user, places in users:
            for place in places:
                if place not in self.localities:
                    yield f"{user}: there is no locality {place!r}"

    def _unknown_teams(self) -> Iterator[str]:
        users = [("otherwise", self.otherwise)]
        users += [(each.rule, each.to.team) for each in (*self.first, *self.rules) if each.to.team]
        for user, team in users:
            if team not in self.teams:
                yield f"{user}: there is no team {team!r}"
        for user, team in (("team", self.duty.team), ("out_of_hours", self.duty.out_of_hours)):
            if team not in self.teams:
                yield f"duty.{user}: there is no team {team!r}"
            elif self.teams[team].kind is not AssigneeKind.DUTY:
                yield f"duty.{user}: {team!r} is no duty team"
        for code in sorted(self.teams.keys() & self.panels.keys()):
            yield f"{code!r} is both a team and a panel"

    def _rules_in_vain(self) -> Iterator[str]:
        """Rules with the same name, and rules behind one that already takes everything."""
        seen: set[str] = set()
        taken: str | None = None
        for rule in (*self.first, *self.rules):
            if rule.rule in seen:
                yield f"two rules are called {rule.rule!r}"
            seen.add(rule.rule)
            if taken is not None:
                yield f"{rule.rule} is never reached: {taken} takes everything"
            elif rule.when == When() and rule.to.team:
                taken = rule.rule
