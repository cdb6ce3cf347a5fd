"""Code sets: what a form may say, in our own words, with what the statutory returns call it.

Each set is a table of entries by code. Beside it, `CONCERNS` and `AGENCIES` give titles alone.
"""

from contracts.codes.access import CONSIDERED, REQUESTERS, Considered, Requester
from contracts.codes.agencies import AGENCIES, AGENCY_TYPES, UNKNOWN_SOURCE, Agency, AgencyGroup
from contracts.codes.answers import (
    ANSWERS,
    INFORMATION_SOURCES,
    NO_VALUES,
    RISKS_TO_WORKERS,
)
from contracts.codes.concerns import CONCERN_TYPES, CONCERNS, FACTORS, OTHER_CONCERN, Concern
from contracts.codes.deciding import (
    DISCARDED_BECAUSE,
    DISMISSED_BECAUSE,
    LOWERED_BECAUSE,
    WITHOUT_AGREEMENT,
    DiscardedBecause,
    DismissedBecause,
    LoweredBecause,
    WithoutAgreement,
)
from contracts.codes.disagreeing import (
    LEARNING_THEMES,
    DisagreementOutcome,
    LearningTheme,
)
from contracts.codes.discussing import ATTENDERS, HEALTH, SOCIAL_CARE
from contracts.codes.keeping import (
    DESTROYED_BECAUSE,
    HELD_BECAUSE,
    LEGAL_STATUSES,
    DestroyedBecause,
    HeldBecause,
    LegalStatus,
)
from contracts.codes.people import (
    DISABILITIES,
    ETHNICITIES,
    RELATIONSHIPS,
    SEXES,
    UNKNOWN_UPN,
    Coded,
)
from contracts.codes.restricting import (
    GLASS_BROKEN_BECAUSE,
    RESTRICTED_BECAUSE,
    RESTRICTED_TO,
    GlassBrokenBecause,
    RestrictedBecause,
)
from contracts.codes.sharing import (
    AGREED_BY,
    AGREEMENT_SCOPES,
    AGREEMENT_STATUSES,
    HANDLING,
    LAWFUL_BASES,
    NOT_REACHED,
    REASONS_NOT_INFORMED,
    REQUESTS,
    Handling,
    LawfulBasis,
    basis_for,
)
from contracts.codes.telling import (
    KNEW_ALREADY,
    LEFT_BEHIND,
    NOT_TOLD_BECAUSE,
    ONLY_OF_SCHOOLS,
    TOLD_HOW,
    Told,
)

__all__ = [
    "AGENCIES",
    "AGENCY_TYPES",
    "AGREED_BY",
    "AGREEMENT_SCOPES",
    "AGREEMENT_STATUSES",
    "ANSWERS",
    "ATTENDERS",
    "CONCERNS",
    "CONCERN_TYPES",
    "CONSIDERED",
    "DESTROYED_BECAUSE",
    "DISABILITIES",
    "DISCARDED_BECAUSE",
    "DISMISSED_BECAUSE",
    "ETHNICITIES",
    "FACTORS",
    "GLASS_BROKEN_BECAUSE",
    "HANDLING",
    "HEALTH",
    "HELD_BECAUSE",
    "INFORMATION_SOURCES",
    "KNEW_ALREADY",
    "LAWFUL_BASES",
    "LEARNING_THEMES",
    "LEFT_BEHIND",
    "LEGAL_STATUSES",
    "LOWERED_BECAUSE",
    "NOT_REACHED",
    "NOT_TOLD_BECAUSE",
    "NO_VALUES",
    "ONLY_OF_SCHOOLS",
    "OTHER_CONCERN",
    "REASONS_NOT_INFORMED",
    "RELATIONSHIPS",
    "REQUESTERS",
    "REQUESTS",
    "RESTRICTED_BECAUSE",
    "RESTRICTED_TO",
    "RISKS_TO_WORKERS",
    "SEXES",
    "SOCIAL_CARE",
    "TOLD_HOW",
    "UNKNOWN_SOURCE",
    "UNKNOWN_UPN",
    "WITHOUT_AGREEMENT",
    "Agency",
    "AgencyGroup",
    "Coded",
    "Concern",
    "Considered",
    "DestroyedBecause",
    "DisagreementOutcome",
    "DiscardedBecause",
    "DismissedBecause",
    "GlassBrokenBecause",
    "Handling",
    "HeldBecause",
    "LawfulBasis",
    "LearningTheme",
    "LegalStatus",
    "LoweredBecause",
    "Requester",
    "RestrictedBecause",
    "Told",
    "WithoutAgreement",
    "basis_for",
]
