"""Codes about sharing and agreement: two different things.

The lawful basis follows from what kind of agency shares. Agreement is whether a family wants a
service. Parents are told of a referral unless telling them would do one of five kinds of harm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from contracts.codes.agencies import AGENCY_TYPES
from contracts.codes.people import Coded


@dataclass(frozen=True, slots=True)
class LawfulBasis:
    """`articles` of the UK GDPR, with the condition of the Data Protection Act 2018."""

    code: str
    title: str
    articles: tuple[str, ...]


_SAFEGUARDING: Final = ("9(2)(g)", "DPA 2018 Sch 1 para 18")
_BASES: Final = (
    LawfulBasis("public_task", "Public task", ("6(1)(e)", *_SAFEGUARDING)),
    LawfulBasis("legal_obligation", "Legal obligation", ("6(1)(c)", *_SAFEGUARDING)),
    LawfulBasis("legitimate_interests", "Legitimate interests", ("6(1)(f)", *_SAFEGUARDING)),
    LawfulBasis("vital_interests", "Vital interests", ("6(1)(d)", "9(2)(c)")),
    LawfulBasis("personal", "A private person, outside data protection law", ("2(2)(a)",)),
)
LAWFUL_BASES: Final[Mapping[str, LawfulBasis]] = {basis.code: basis for basis in _BASES}


def basis_for(agency: str | None) -> str:
    """The lawful basis on which an agency of this code shares, where a pack says no other."""
    known = AGENCY_TYPES.get(agency or "")
    return known.basis if known else AGENCY_TYPES["other"].basis


NOT_REACHED: Final = "not_reached"
REASONS_NOT_INFORMED: Final[Mapping[str, Coded]] = {
    entry.code: entry
    for entry in (
        Coded("increased_risk_of_significant_harm", "It would put the child at greater risk"),
        Coded("risk_to_another_person", "It would put someone else at risk"),
        Coded("police_investigation", "It could get in the way of a police investigation"),
        Coded("unjustified_delay", "It would delay finding out what has happened"),
        Coded("loss_of_evidence", "Evidence could be lost"),
        Coded(NOT_REACHED, "They could not be reached in time"),
        Coded("own_safety", "The referrer fears for their own safety"),
        Coded("anonymous_source", "Whoever told the referrer asked not to be known"),
        Coded("young_person_objects", "The young person, able to decide, objects"),
        Coded("other", "Another reason"),
    )
}

REQUESTS: Final[Mapping[str, Coded]] = {
    entry.code: entry
    for entry in (
        Coded("early_help", "Early help for the family"),
        Coded("assessment", "An assessment by a social worker"),
        Coded("protection", "Protection of the child"),
        Coded("unsure", "Not sure"),
    )
}


class Handling(StrEnum):
    """What the source of an answer allows to be done with it. The hub's own people read it
    whatever the mark; anything further follows the mark."""

    HUB_ONLY = "hub_only"
    ASK_FIRST = "ask_first"
    PROFESSIONALS = "professionals"
    MAY_BE_SHARED = "may_be_shared"


HANDLING: Final[Mapping[str, Coded]] = {
    code.value: Coded(code.value, title)
    for code, title in (
        (Handling.HUB_ONLY, "For the hub alone"),
        (Handling.ASK_FIRST, "Ask the source before it goes further"),
        (Handling.PROFESSIONALS, "May be shared with professionals who work with the family"),
        (Handling.MAY_BE_SHARED, "May be shared with the family too"),
    )
}

AGREEMENT_STATUSES: Final[Mapping[str, Coded]] = {
    entry.code: entry
    for entry in (
        Coded("given", "The family agrees"),
        Coded("refused", "The family does not agree"),
        Coded("not_sought", "The family was not asked"),
        Coded("unknown", "Not known"),
    )
}

AGREED_BY: Final[Mapping[str, Coded]] = {
    entry.code: entry
    for entry in (
        Coded("parent_or_carer", "A parent or carer"),
        Coded("young_person", "The young person"),
        Coded("other", "Somebody else who may agree for the child"),
    )
}

AGREEMENT_SCOPES: Final[Mapping[str, Coded]] = {
    entry.code: entry
    for entry in (
        Coded("share", "Sharing information with other agencies"),
        Coded("service", "Receiving a service"),
        Coded("panel", "Being named at a locality panel"),
    )
}
