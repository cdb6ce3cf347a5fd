"""Who refers, and what the children in need census calls the source of a referral."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class AgencyGroup(StrEnum):
    """What kind of thing an agency is: decides which identifiers it can be asked for, and how
    it is answered. `individual` is a person who does not refer as part of a job."""

    EDUCATION = "education"
    HEALTH = "health"
    JUSTICE = "justice"
    COUNCIL = "council"
    COMMUNITY = "community"
    INDIVIDUAL = "individual"


@dataclass(frozen=True, slots=True)
class Agency:
    """One kind of agency. `source` is the census code, `basis` the lawful basis it shares on."""

    code: str
    title: str
    group: AgencyGroup
    source: str
    basis: str


UNKNOWN_SOURCE: Final = "10"

_EDUCATION: Final = AgencyGroup.EDUCATION
_HEALTH: Final = AgencyGroup.HEALTH
_JUSTICE: Final = AgencyGroup.JUSTICE
_COUNCIL: Final = AgencyGroup.COUNCIL
_COMMUNITY: Final = AgencyGroup.COMMUNITY
_INDIVIDUAL: Final = AgencyGroup.INDIVIDUAL

_AGENCIES: Final = (
    Agency("school", "School", _EDUCATION, "2A", "public_task"),
    Agency("college", "College", _EDUCATION, "2B", "public_task"),
    Agency("early_years", "Nursery or early years", _EDUCATION, "2B", "legitimate_interests"),
    Agency("childminder", "Childminder", _EDUCATION, "1B", "legitimate_interests"),
    Agency("health_visitor", "Health visitor", _HEALTH, "3B", "public_task"),
    Agency("school_nurse", "School nurse", _HEALTH, "3C", "public_task"),
    Agency("gp", "GP surgery", _HEALTH, "3A", "public_task"),
    Agency("hospital", "Hospital", _HEALTH, "3F", "public_task"),
    Agency("emergency_department", "Emergency department", _HEALTH, "3E", "public_task"),
    Agency("midwife", "Midwife", _HEALTH, "3F", "public_task"),
    Agency("mental_health_service", "Mental health service", _HEALTH, "3F", "public_task"),
    Agency("ambulance", "Ambulance service", _HEALTH, "3F", "public_task"),
    Agency("primary_care", "Dentist, pharmacy or other primary care", _HEALTH, "3D", "public_task"),
    Agency("other_health", "Another health service", _HEALTH, "3F", "public_task"),
    Agency("police", "Police", _JUSTICE, "6", "public_task"),
    Agency("probation", "Probation", _JUSTICE, "7", "public_task"),
    Agency("prison", "Prison", _JUSTICE, "7", "public_task"),
    Agency("courts", "Courts or Cafcass", _JUSTICE, "7", "public_task"),
    Agency("immigration", "Immigration service", _JUSTICE, "7", "public_task"),
    Agency("youth_justice", "Youth justice", _COUNCIL, "5B", "public_task"),
    Agency("housing", "Housing", _COUNCIL, "4", "public_task"),
    Agency("adult_social_care", "Adult social care", _COUNCIL, "5A", "public_task"),
    Agency("early_help", "Early help", _COUNCIL, "5D", "public_task"),
    Agency("local_authority_other", "Another council service", _COUNCIL, "5B", "public_task"),
    Agency("another_authority", "Another authority", _COUNCIL, "5C", "public_task"),
    Agency("charity", "Charity or community group", _COMMUNITY, "8", "legitimate_interests"),
    Agency("other", "Another organisation", _COMMUNITY, "8", "legitimate_interests"),
    Agency("child_themselves", "The child or young person", _INDIVIDUAL, "1C", "personal"),
    Agency("family_member", "Family member or carer", _INDIVIDUAL, "1A", "personal"),
    Agency("neighbour_or_friend", "Neighbour or friend", _INDIVIDUAL, "1B", "personal"),
    Agency("member_of_public", "Member of the public", _INDIVIDUAL, "1D", "personal"),
    Agency("anonymous", "Anonymous", _INDIVIDUAL, "9", "personal"),
)

FAMILY: Final = frozenset({"child_themselves", "family_member"})
"""Who may share a home, and whoever reads its letters, with those they are worried about."""

AGENCY_TYPES: Final[Mapping[str, Agency]] = {agency.code: agency for agency in _AGENCIES}
AGENCIES: Final[Mapping[str, str]] = {agency.code: agency.title for agency in _AGENCIES}
