"""Codes about who may see a referral: why it is restricted, why somebody opened it who otherwise may
not, and who sees one that restricts itself."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from contracts.codes.people import Coded


class RestrictedBecause(StrEnum):
    """Why a referral is shown to few."""

    ALLEGATION_AGAINST_PROFESSIONAL = "allegation_against_professional"
    KNOWN_TO_STAFF = "known_to_staff"
    FAMILY_OF_STAFF = "family_of_staff"
    ADDRESS_IN_DANGER = "address_in_danger"
    COURT_ORDER = "court_order"
    PUBLIC_INTEREST = "public_interest"
    OTHER = "other"


RESTRICTED_BECAUSE: Final[Mapping[str, Coded]] = {
    code.value: Coded(code.value, title)
    for code, title in (
        (RestrictedBecause.ALLEGATION_AGAINST_PROFESSIONAL, "An allegation against a professional"),
        (RestrictedBecause.KNOWN_TO_STAFF, "Somebody in the hub knows the family"),
        (RestrictedBecause.FAMILY_OF_STAFF, "It is about the family of somebody in the hub"),
        (RestrictedBecause.ADDRESS_IN_DANGER, "Where they live must not become known"),
        (RestrictedBecause.COURT_ORDER, "A court has ordered it"),
        (RestrictedBecause.PUBLIC_INTEREST, "The press or the public look for it"),
        (RestrictedBecause.OTHER, "Another reason, given beside it"),
    )
}


class GlassBrokenBecause(StrEnum):
    """Why somebody opens a restricted referral that they may not see, for a short time."""

    CHILD_IN_DANGER = "child_in_danger"
    NOBODY_REACHED = "nobody_reached"
    SAME_CHILD = "same_child"
    OUT_OF_HOURS = "out_of_hours"
    OTHER = "other"


GLASS_BROKEN_BECAUSE: Final[Mapping[str, Coded]] = {
    code.value: Coded(code.value, title)
    for code, title in (
        (GlassBrokenBecause.CHILD_IN_DANGER, "A child may be in danger now"),
        (GlassBrokenBecause.NOBODY_REACHED, "Nobody who may see it could be reached"),
        (GlassBrokenBecause.SAME_CHILD, "Another referral about this child is being decided"),
        (GlassBrokenBecause.OUT_OF_HOURS, "The hub is closed, and it cannot wait"),
        (GlassBrokenBecause.OTHER, "Another reason, given beside it"),
    )
}

RESTRICTED_TO: Final = ("duty", "manager")
"""The roles that see a referral which is restricted from the first second (practice rule 10)."""
