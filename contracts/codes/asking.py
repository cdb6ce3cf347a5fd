"""What an agency can be asked to do for a family, and whose role each of it is (practice rule 22).

No task that the law gives to a social worker stands here: an enquiry, an assessment under section
17 or 47, a child's plan. So none can be asked of anybody else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from contracts.codes.agencies import AGENCY_TYPES, AgencyGroup


@dataclass(frozen=True, slots=True)
class Help:
    """One kind of help. `groups`: of which kinds of agency it is the role; none named is any."""

    code: str
    title: str
    groups: frozenset[AgencyGroup] = frozenset()

    def fits(self, agency: str) -> bool:
        """Whether it is within an agency's role. People who refer of their own are no agency."""
        known = AGENCY_TYPES.get(agency)
        if known is None or known.group is AgencyGroup.INDIVIDUAL:
            return False
        return not self.groups or known.group in self.groups


def _table(*entries: Help) -> Mapping[str, Help]:
    return {one.code: one for one in entries}


_G = AgencyGroup
HELP: Final = _table(
    Help("team_meeting", "Take part in the team around the child"),
    Help("stay_alert", "Keep an eye on how the child is, and say when it changes"),
    Help("school_support", "Support at school, college or nursery", frozenset({_G.EDUCATION})),
    Help("health_contact", "A health check, visit or appointment", frozenset({_G.HEALTH})),
    Help(
        "feelings_support",
        "Support with feelings and mental health",
        frozenset({_G.HEALTH, _G.EDUCATION, _G.COMMUNITY}),
    ),
    Help(
        "parent_support",
        "Help for a parent or carer with their own needs",
        frozenset({_G.HEALTH, _G.JUSTICE, _G.COUNCIL, _G.COMMUNITY}),
    ),
    Help("home_support", "Help with housing, money or the home", frozenset({_G.COUNCIL, _G.COMMUNITY})),
    Help(
        "family_support",
        "Help for the family together, a group or an activity",
        frozenset({_G.EDUCATION, _G.HEALTH, _G.COUNCIL, _G.COMMUNITY}),
    ),
    Help("safety_contact", "A visit or a check to keep somebody safe", frozenset({_G.JUSTICE})),
)  # fmt: skip
