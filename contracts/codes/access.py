"""Codes about subject access: who asks, and what was considered before anything is released."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from contracts.codes.people import Coded


class Requester(StrEnum):
    """Who asks for a copy."""

    THE_PERSON = "the_person"
    PARENT = "parent"
    SOLICITOR = "solicitor"
    OTHER = "other"


REQUESTERS: Final[Mapping[str, Coded]] = {
    code.value: Coded(code.value, title)
    for code, title in (
        (Requester.THE_PERSON, "The person themselves"),
        (Requester.PARENT, "Somebody with parental responsibility"),
        (Requester.SOLICITOR, "A solicitor for the person"),
        (Requester.OTHER, "Somebody else who may act for the person"),
    )
}


class Considered(StrEnum):
    """What somebody found when they considered one ground."""

    NOTHING_AGAINST = "nothing_against"
    WITHHOLD_PART = "withhold_part"
    REFUSE = "refuse"


CONSIDERED: Final[Mapping[str, Coded]] = {
    code.value: Coded(code.value, title)
    for code, title in (
        (Considered.NOTHING_AGAINST, "Nothing speaks against it"),
        (Considered.WITHHOLD_PART, "A part is withheld because of it"),
        (Considered.REFUSE, "It is refused because of it"),
    )
}

GROUNDS: Final = (
    "requester_authority", "serious_harm", "childs_interest", "referrers_identity", "police",
)  # fmt: skip
"""What is considered first, each (practice rule 17)."""
