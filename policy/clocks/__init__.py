"""Clocks: what starts and stops them, how long they run, and how their times change."""

from policy.clocks.periods import Period, Warn
from policy.clocks.rules import KEYS, ClockRule, ClocksSection, Pause, Rung, Tell
from policy.clocks.times import (
    ClockTimes,
    Effects,
    Rerated,
    clocks_for,
    effects,
    escalates_next,
    falls_due,
    recalculate,
    resume,
    start,
    warns_next,
)
from policy.clocks.triggers import (
    MILESTONES,
    children_of,
    events_named,
    moment_of,
    subjects_of,
    trigger_of,
)

__all__ = [
    "KEYS",
    "MILESTONES",
    "ClockRule",
    "ClockTimes",
    "ClocksSection",
    "Effects",
    "Pause",
    "Period",
    "Rerated",
    "Rung",
    "Tell",
    "Warn",
    "children_of",
    "clocks_for",
    "effects",
    "escalates_next",
    "events_named",
    "falls_due",
    "moment_of",
    "recalculate",
    "resume",
    "start",
    "subjects_of",
    "trigger_of",
    "warns_next",
]
