"""Allocation: where a child lives, who serves there, and who takes a piece of work."""

from policy.allocation.assigning import (
    WITHOUT_WORK,
    Assignment,
    Work,
    assign,
    ladder,
    next_meeting,
)
from policy.allocation.places import Locality, SchoolCluster, locality_of
from policy.allocation.section import AllocationSection, Duty, Panel, Rule, Step, Target, Team, When

__all__ = [
    "WITHOUT_WORK",
    "AllocationSection",
    "Assignment",
    "Duty",
    "Locality",
    "Panel",
    "Rule",
    "SchoolCluster",
    "Step",
    "Target",
    "Team",
    "When",
    "Work",
    "assign",
    "ladder",
    "locality_of",
    "next_meeting",
]
