"""Working time: a hub's calendar, and when something is due by it."""

from policy.working_time.calendar import LONDON, Calendar, closes_next, is_open, opens_next
from policy.working_time.counting import (
    Count,
    Due,
    PeriodError,
    Unit,
    ahead,
    due,
    explain_due,
    part_way,
    shifted,
)
from policy.working_time.hours import HoursSection, Opening, closed_as_known
from policy.working_time.school import before_school
from policy.working_time.words import length, when

__all__ = [
    "LONDON",
    "Calendar",
    "Count",
    "Due",
    "HoursSection",
    "Opening",
    "PeriodError",
    "Unit",
    "ahead",
    "before_school",
    "closed_as_known",
    "closes_next",
    "due",
    "explain_due",
    "is_open",
    "length",
    "opens_next",
    "part_way",
    "shifted",
    "when",
]
