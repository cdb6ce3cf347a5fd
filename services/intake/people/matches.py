"""A match: two records of two referrals that are, or may be, one person. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from policy.matching import State


class Role(StrEnum):
    """`child`: one whom events know by this id. `other_child`: of the household, age not given."""

    CHILD = "child"
    OTHER_CHILD = "other_child"
    ADULT = "adult"


class Because(StrEnum):
    """Why somebody linked two records, or parted them. A closed list: free words would hold
    names."""

    FAMILY_SAYS = "family_says"
    AGENCY_SAYS = "agency_says"
    NUMBER_CHECKED = "number_checked"
    RECORDS_AGREE = "records_agree"
    DIFFERENT_PERSON = "different_person"
    TWIN_OR_SIBLING = "twin_or_sibling"
    WRONG_NUMBER = "wrong_number"
    LINKED_BY_MISTAKE = "linked_by_mistake"
    PARTED_BY_MISTAKE = "parted_by_mistake"


@dataclass(frozen=True, slots=True)
class Match:
    """Kept in the case of the later referral. `how`: the number that is the same, `matched`, or
    `person`. `score` is the chance that they are one, 0 to 1. `said_by` and what goes with it
    are there once a person has said something; the software then leaves the match alone."""

    person_id: UUID
    role: Role
    other_referral_id: UUID
    other_person_id: UUID
    other_received_at: datetime
    state: State
    how: str
    score: float | None = None
    reasons: tuple[str, ...] = ()
    said_by: UUID | None = None
    said_at: datetime | None = None
    because: Because | None = None

    @property
    def pair(self) -> tuple[UUID, UUID]:
        """Whom the match is about."""
        return self.person_id, self.other_person_id


def is_later(one: tuple[datetime, UUID], other: tuple[datetime, UUID]) -> bool:
    """Which of two referrals, each by (received_at, id), keeps what is found about both: so it
    does not matter which of them was looked up first."""
    return one > other
