"""Codes about keeping and destroying records."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from contracts.codes.people import Coded


class HeldBecause(StrEnum):
    """Why a record may not be destroyed, whatever its time."""

    INQUIRY = "inquiry"
    COURT = "court"
    CLAIM = "claim"
    POLICE = "police"
    PRACTICE_REVIEW = "practice_review"
    SUBJECT_ACCESS = "subject_access"
    OTHER = "other"


HELD_BECAUSE: Final[Mapping[str, Coded]] = {
    code.value: Coded(code.value, title)
    for code, title in (
        (HeldBecause.INQUIRY, "A public inquiry may ask for it"),
        (HeldBecause.COURT, "A court deals with it"),
        (HeldBecause.CLAIM, "Somebody claims, or may claim, because of it"),
        (HeldBecause.POLICE, "The police investigate"),
        (HeldBecause.PRACTICE_REVIEW, "A safeguarding practice review looks at it"),
        (HeldBecause.SUBJECT_ACCESS, "Somebody has asked for a copy"),
        (HeldBecause.OTHER, "Another reason"),
    )
}


class DestroyedBecause(StrEnum):
    """Why a record is destroyed."""

    RETENTION_ENDED = "retention_ended"
    COURT_ORDER = "court_order"
    RIGHT_TO_ERASURE = "right_to_erasure"
    ENTERED_BY_MISTAKE = "entered_by_mistake"


DESTROYED_BECAUSE: Final[Mapping[str, Coded]] = {
    code.value: Coded(code.value, title)
    for code, title in (
        (DestroyedBecause.RETENTION_ENDED, "It need not be kept any longer"),
        (DestroyedBecause.COURT_ORDER, "A court has ordered it"),
        (DestroyedBecause.RIGHT_TO_ERASURE, "Somebody's right to have it erased was upheld"),
        (DestroyedBecause.ENTERED_BY_MISTAKE, "It should never have been entered here"),
    )
}


class LegalStatus(StrEnum):
    """What was found when somebody looked up the children's legal status."""

    NONE = "none"
    ENDED = "ended"
    IN_FORCE = "in_force"
    NOT_KNOWN = "not_known"


LEGAL_STATUSES: Final[Mapping[str, Coded]] = {
    code.value: Coded(code.value, title)
    for code, title in (
        (LegalStatus.NONE, "No child in it has, or had, one"),
        (LegalStatus.ENDED, "It has ended for every child in it"),
        (LegalStatus.IN_FORCE, "It is in force for a child in it"),
        (LegalStatus.NOT_KNOWN, "It could not be found out"),
    )
}
