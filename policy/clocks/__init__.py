"""Clocks: what starts and stops them, how long they run, and how their times change."""

from policy.clocks.periods import Period, Warn
from policy.clocks.rules import ClockRule, ClocksSection, Pause, Tell
from policy.clocks.times import (
    ClockTimes,
    Effects,
    Rerated,
    clocks_for,
    effects,
    falls_due,
    recalculate,
    resume,
    start,
)
from policy.clocks.triggers import MILESTONES

__all__ = [
    "MILESTONES",
    "ClockRule",
    "ClockTimes",
    "ClocksSection",
    "Effects",
    "Pause",
    "Period",
    "Rerated",
    "Tell",
    "Warn",
    "clocks_for",
    "effects",
    "falls_due",
    "recalculate",
    "resume",
    "start",
]
