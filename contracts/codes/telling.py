"""Codes about telling a school, or a family: how they were told, or why they are not.

Who could not be reached has not been told, and no code says otherwise: the clock runs on.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from contracts.codes.people import Coded


class Told(StrEnum):
    """Who is told."""

    SCHOOL = "school"
    FAMILY = "family"


def _table(*entries: tuple[str, str]) -> Mapping[str, Coded]:
    return {code: Coded(code, title) for code, title in entries}


TOLD_HOW: Final = _table(
    ("in_person", "In person"),
    ("telephone", "By telephone"),
    ("email", "By email"),
    ("text_message", "By text message"),
    ("letter", "By letter"),
    ("another_agency", "By another agency, on the hub's behalf"),
)
LEFT_BEHIND: Final = frozenset({"email", "text_message", "letter"})
"""What somebody else in the home could find, or read first."""

KNEW_ALREADY: Final = "knew_already"
NOT_TOLD_BECAUSE: Final = _table(
    ("no_school", "The child is at no school that could be told"),
    (KNEW_ALREADY, "They knew already: they referred it, or were told by another agency"),
    ("increased_risk_of_significant_harm", "It would put the child at greater risk"),
    ("risk_to_another_person", "It would put someone else at risk"),
    ("police_investigation", "It could get in the way of a police investigation"),
    ("loss_of_evidence", "Evidence could be lost"),
    ("young_person_objects", "The young person, able to decide, objects"),
    ("other", "Another reason"),
)
ONLY_OF_SCHOOLS: Final = frozenset({"no_school"})
