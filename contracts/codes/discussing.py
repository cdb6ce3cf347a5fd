"""Who takes part in a discussion: the agencies that refer, and two that never do."""

from collections.abc import Mapping
from typing import Final

from contracts.codes.agencies import AGENCY_TYPES, AgencyGroup
from contracts.codes.people import Coded

SOCIAL_CARE: Final = "childrens_social_care"
DOMESTIC_ABUSE_ADVISER: Final = "domestic_abuse_adviser"

ATTENDERS: Final[Mapping[str, Coded]] = {
    SOCIAL_CARE: Coded(SOCIAL_CARE, "Children's social care"),
    DOMESTIC_ABUSE_ADVISER: Coded(DOMESTIC_ABUSE_ADVISER, "Domestic abuse adviser"),
    **{
        code: Coded(code, agency.title)
        for code, agency in AGENCY_TYPES.items()
        if agency.group is not AgencyGroup.INDIVIDUAL
    },
}

HEALTH: Final = frozenset(
    code for code, agency in AGENCY_TYPES.items() if agency.group is AgencyGroup.HEALTH
)
