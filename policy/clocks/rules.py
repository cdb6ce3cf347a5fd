"""The `clocks` section of a pack: every clock as data."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.events import Rag
from policy.clocks.periods import Lasting, Period, Warn
from policy.clocks.triggers import Trigger, carries, parts

Audience = Literal[
    "practitioner",
    "manager",
    "duty",
    "coordinator",
    "lead_professional",
    "panel_chair",
    "operator",
    "referrer",
    "agency",
]
Subject = Literal[
    "referral",
    "child",
    "request",
    "check",
    "allocation",
    "disagreement",
    "discussion",
    "panel_item",
    "action",
]
Effect = Literal["starts", "stops", "cancels", "pauses", "resumes"]

# The field that names the subject of a clock, where a pack doesn't name another.
SUBJECT_KEYS: Mapping[Subject, str] = {
    "request": "request_id",
    "check": "check_id",
    "allocation": "allocation_id",
    "disagreement": "disagreement_id",
    "discussion": "discussion_id",
    "panel_item": "item_id",
    "action": "action_id",
}
KEYS = frozenset(SUBJECT_KEYS.values())

# The longest that the law allows, in working days, exclusive. Working Together to Safeguard
# Children: decision and acknowledgement, assessment, conference. SI 2005/1533: the visit.
STATUTORY_LIMITS: Mapping[str, int] = {
    "statutory_decision": 1,
    "acknowledge": 1,
    "assessment_45_days": 45,
    "conference_15_days": 15,
    "private_fostering_visit": 7,
}
# No front door may run without these.
REQUIRED = (
    "statutory_decision",
    "hub_enquiry",
    "acknowledge",
    "accepted_by_person",
    "lead_professional_allocated",
)
# What comes before everything else, and never again.
ARRIVAL = "referral.submitted"
_DECISIONS = frozenset({"triage.decided", "triage.withdrawn"})


class Pause(BaseModel):
    """What holds a clock and what lets it run again, for which colours. Never for Red."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: Annotated[tuple[Trigger, ...], Field(min_length=1)]
    until: Annotated[tuple[Trigger, ...], Field(min_length=1)]
    rags: Annotated[tuple[Rag, ...], Field(min_length=1)] = (Rag.AMBER, Rag.GREEN)

    @model_validator(mode="after")
    def _never_red(self) -> "Pause":
        if Rag.RED in self.rags:
            raise ValueError("a clock never pauses for Red")
        return self

    @model_validator(mode="after")
    def _ends(self) -> "Pause":
        if all(parts(each)[0] == ARRIVAL for each in self.until):
            raise ValueError("a pause can't end with the referral's arrival, which comes first")
        return self


class Rung(BaseModel):
    """Who else is told when a breach has gone on for so long."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: Lasting
    tell: Annotated[tuple[Audience, ...], Field(min_length=1)]


class Tell(BaseModel):
    """Who is told when a clock warns, when it is breached, and while it goes on being breached.
    `ladder`: from the breach on the duty ladder is climbed until a person accepts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    warned: tuple[Audience, ...] = ()
    breached: Annotated[tuple[Audience, ...], Field(min_length=1)]
    ladder: bool = False
    escalates: tuple[Rung, ...] = ()

    @model_validator(mode="after")
    def _one_ladder(self) -> "Tell":
        if self.ladder and self.escalates:
            raise ValueError("the duty ladder is climbed, or a ladder of its own: one of them")
        return self


class ClockRule(BaseModel):
    """One kind of clock. `subject`: what there is one of it for, and `keyed_by`: which field of an
    event says for which one, where that isn't the subject's own id. `counts_from`: the start
    event's time, or the receipt of the referral. `if_running`: what a second start does to an open
    one. `period` may differ by colour; a colour that is left out has no such clock. `warn`: one
    moment, or several. An event stops before it starts: a review stops one clock and starts the
    next. `at_breach`: what is done beside telling people. `ask_next` ends an offer that nobody has
    answered: whose work it is has it still, and the next is asked.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
    title: Annotated[str, Field(min_length=1, max_length=120)]
    subject: Subject = "referral"
    keyed_by: Annotated[str, Field(pattern=r"^[a-z][a-z_]*_id$", max_length=60)] | None = None
    starts_on: Annotated[tuple[Trigger, ...], Field(min_length=1)]
    stops_on: tuple[Trigger, ...] = ()
    cancelled_by: tuple[Trigger, ...] = ()
    counts_from: Literal["event", "receipt"] = "event"
    if_running: Literal["keep", "restart"] = "keep"
    period: Period | dict[Rag, Period]
    statutory: bool = False
    pause: tuple[Pause, ...] = ()
    warn: tuple[Warn, ...] = ()
    tell: Tell
    at_breach: Literal["ask_next"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _parsed(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        value = {
            **value,
            **{key: _several(value[key]) for key in ("pause", "warn") if key in value},
        }
        # Otherwise a misspelt period would be answered with what every form of it lacks.
        if isinstance(value.get("period"), str):
            value["period"] = Period.model_validate(value["period"])
        return value

    @model_validator(mode="after")
    def _makes_sense(self) -> "ClockRule":
        if not self.stops_on:
            raise ValueError(f"{self.name} starts and never stops: say what stops it in stops_on")
        if not self.cancelled_by and all(map(self._goes_on_after, self.stops_on)):
            raise ValueError(
                f"{self.name} can't end: whatever stops it starts it again, or comes before it;"
                " say in stops_on what ends it"
            )
        if isinstance(self.period, dict) and not self.period:
            raise ValueError(f"{self.name} has no period for any colour")
        if self.statutory and self.pause:
            raise ValueError(f"nothing pauses {self.name}: it is statutory")
        if self.keyed_by and self.subject in {"referral", "child"}:
            raise ValueError(f"{self.name} runs for each {self.subject}: no field keys it")
        offers = all(each.startswith("allocation.offered") for each in self.starts_on)
        if self.at_breach and not (self.subject == "allocation" and offers):
            raise ValueError(f"{self.name} asks the next, and does not run for an offer alone")
        for trigger in self.starts_on:
            if self.key and not carries(trigger, self.key):
                raise ValueError(
                    f"{self.name} runs for each {self.subject}, and {trigger} carries no {self.key}:"
                    " it would start and never stop"
                )
        return self

    def _goes_on_after(self, stop: Trigger) -> bool:
        """Whether a clock runs on after a stop: what stops it starts it anew, or is over before
        any clock can start, as the referral's own arrival is."""
        event, tags = parts(stop)
        if event == ARRIVAL:
            return True
        starts = (parts(each) for each in self.starts_on)
        return any(event == other and needed <= tags for other, needed in starts)

    @property
    def key(self) -> str | None:
        """The field of an event that says which of several clocks it is about; None for a clock
        of the whole referral, or of a child, who is named in more than one way."""
        if self.subject in {"referral", "child"}:
            return None
        return self.keyed_by or SUBJECT_KEYS[self.subject]

    @property
    def by_colour(self) -> bool:
        """Whether the period differs by colour, so that a re-rating can move it."""
        return isinstance(self.period, dict)

    def period_for(self, rag: Rag | None) -> Period | None:
        """The period for a colour, or None where it has none. What isn't rated counts as Red."""
        if isinstance(self.period, Period):
            return self.period
        return self.period.get(rag or Rag.RED)

    def pauses_for(self, rag: Rag | None) -> bool:
        """Whether this clock can pause at all for a colour. Never before there is one."""
        return any(rag in each.rags for each in self.pause)


def _several(value: Any) -> Any:
    """What may be written once or as a list, as a list."""
    if value is None:
        return ()
    return value if isinstance(value, list | tuple) else (value,)


class ClocksSection(BaseModel):
    """A pack's clocks by name. The statutory ones can be made shorter, and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: dict[str, ClockRule]

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        if not isinstance(value, dict) or not isinstance(value.get("rules"), dict):
            return value
        rules = {
            name: {**rule, "name": name} if isinstance(rule, dict) else rule
            for name, rule in value["rules"].items()
        }
        return {**value, "rules": rules}

    @model_validator(mode="after")
    def _keeps_the_law(self) -> "ClocksSection":
        problems = [f"there is no {name} clock" for name in REQUIRED if name not in self.rules]
        problems += [each for rule in self.rules.values() for each in _unlawful(rule)]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @cached_property
    def by_event(self) -> Mapping[str, tuple[tuple[frozenset[str], Effect, ClockRule], ...]]:
        """For each event: with which tags it does what to which clock."""
        found: dict[str, list[tuple[frozenset[str], Effect, ClockRule]]] = {}
        for rule in self.rules.values():
            for effect, triggers in _effects(rule):
                for trigger in triggers:
                    event, tags = parts(trigger)
                    found.setdefault(event, []).append((tags, effect, rule))
        return {event: tuple(each) for event, each in found.items()}


def _effects(rule: ClockRule) -> Iterator[tuple[Effect, tuple[str, ...]]]:
    yield "stops", rule.stops_on
    yield "cancels", rule.cancelled_by
    yield "starts", rule.starts_on
    for pause in rule.pause:
        yield "pauses", pause.by
        yield "resumes", pause.until


def _unlawful(rule: ClockRule) -> Iterator[str]:
    """What in a clock goes beyond the law, or takes a child out of its reach."""
    limit = STATUTORY_LIMITS.get(rule.name)
    if limit is not None:
        yield from _beyond(rule, limit)
    if rule.name in {"statutory_decision", "acknowledge"} and (
        set(rule.starts_on) != {"referral.submitted"} or rule.counts_from != "receipt"
    ):
        yield f"{rule.name} runs for every referral, from its receipt"
    if rule.name == "statutory_decision" and (
        not _DECISIONS.issuperset(rule.stops_on) or rule.cancelled_by
    ):
        yield f"{rule.name} is stopped by a practitioner's decision and by nothing else"
    if rule.name == "hub_enquiry" and any(
        rule.period_for(rag) is None for rag in (Rag.RED, Rag.AMBER, Rag.GREEN)
    ):
        yield f"{rule.name} must have a period for Red, Amber and Green"
    if rule.name == "accepted_by_person":
        yield from _unwatched(rule)


def _beyond(rule: ClockRule, limit: int) -> Iterator[str]:
    if not rule.statutory:
        yield f"{rule.name} is statutory: it can't be marked otherwise"
    periods = (rule.period,) if isinstance(rule.period, Period) else rule.period.values()
    if any(each.unit != "working_days" or each.amount > limit for each in periods):
        yield f"{rule.name} must be at most {limit} working days, as the law has it"
    if any(each.begins == "at_opening" for each in periods):
        yield f"{rule.name} is statutory: it begins at once, open or closed"
    if rule.by_colour:
        yield f"{rule.name} has one period for every colour"


def _unwatched(rule: ClockRule) -> Iterator[str]:
    """What would leave a suggested Red alone at night."""
    period = rule.period_for(Rag.RED)
    by_hours = period is not None and period.unit == "hours" and period.before_school is None
    if period is None or not by_hours or period.begins == "at_opening":
        yield f"{rule.name} runs day and night: give its period for Red in hours or minutes"
    if {"triage.rated:red", "triage.rated"}.isdisjoint(rule.starts_on):
        yield f"{rule.name} starts when Red is suggested"
    if rule.pause:
        yield f"nothing pauses {rule.name}"
