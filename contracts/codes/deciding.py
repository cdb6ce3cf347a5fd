"""Codes about deciding: why somebody went below what a hard rule of the guidance suggests, and why
an event that could not be processed may be discarded."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from contracts.codes.people import Coded


class LoweredBecause(StrEnum):
    """Why a decision or a rating goes below the suggestion (practice rule 5). What there is to
    say beside the code stands in the analysis."""

    MEDICALLY_EXPLAINED = "medically_explained"
    CHECKED_AND_EXPLAINED = "checked_and_explained"
    MISREAD = "misread"
    MISTAKE_ON_THE_FORM = "mistake_on_the_form"
    PAST_AND_DEALT_WITH = "past_and_dealt_with"
    ALREADY_PROTECTED = "already_protected"
    ANOTHER_CHILD = "another_child"
    OTHER = "other"


LOWERED_BECAUSE: Final[Mapping[str, Coded]] = {
    code.value: Coded(code.value, title)
    for code, title in (
        (LoweredBecause.MEDICALLY_EXPLAINED, "A doctor has examined the child and explained it"),
        (LoweredBecause.CHECKED_AND_EXPLAINED, "We checked, and there is another explanation"),
        (LoweredBecause.MISREAD, "The words were misread: they say something else"),
        (LoweredBecause.MISTAKE_ON_THE_FORM, "The referrer confirms a mistake on the form"),
        (LoweredBecause.PAST_AND_DEALT_WITH, "It is in the past, and was dealt with then"),
        (LoweredBecause.ALREADY_PROTECTED, "An open enquiry or plan already protects the child"),
        (LoweredBecause.ANOTHER_CHILD, "It is about a child of another household"),
        (LoweredBecause.OTHER, "Another reason, given in the analysis"),
    )
}


class WithoutAgreement(StrEnum):
    """Why help that the family refused is decided on all the same (practice rule 12)."""

    AGREED_SINCE = "agreed_since"
    YOUNG_PERSON_AGREES = "young_person_agrees"
    ASKED_AGAIN_FIRST = "asked_again_first"
    RISK_OUTWEIGHS = "risk_outweighs"
    OTHER = "other"


WITHOUT_AGREEMENT: Final[Mapping[str, Coded]] = {
    code.value: Coded(code.value, title)
    for code, title in (
        (WithoutAgreement.AGREED_SINCE, "The family has agreed since"),
        (WithoutAgreement.YOUNG_PERSON_AGREES, "The young person agrees, and is able to"),
        (WithoutAgreement.ASKED_AGAIN_FIRST, "The family is asked again before anything starts"),
        (WithoutAgreement.RISK_OUTWEIGHS, "The risk to the child weighs more"),
        (WithoutAgreement.OTHER, "Another reason, given in the analysis"),
    )
}


class DismissedBecause(StrEnum):
    """Why words that the reader found do not mean what it took them for."""

    DENIED = "denied"
    PAST = "past"
    SOMEBODY_ELSE = "somebody_else"
    NOT_HAPPENED = "not_happened"
    QUOTED = "quoted"
    OTHER_MEANING = "other_meaning"


DISMISSED_BECAUSE: Final[Mapping[str, Coded]] = {
    code.value: Coded(code.value, title)
    for code, title in (
        (DismissedBecause.DENIED, "The words say that it is not so"),
        (DismissedBecause.PAST, "It is in the past"),
        (DismissedBecause.SOMEBODY_ELSE, "It is about somebody else"),
        (DismissedBecause.NOT_HAPPENED, "It is feared or supposed, and did not happen"),
        (DismissedBecause.QUOTED, "The words are quoted from a form or a policy"),
        (DismissedBecause.OTHER_MEANING, "The words mean something else here"),
    )
}


class DiscardedBecause(StrEnum):
    """Why an event that the house could not process may be discarded (practice rule 1), once a
    person has read by hand what it says."""

    ACTED_ON_BY_HAND = "acted_on_by_hand"
    RECORDED_AGAIN = "recorded_again"
    OVERTAKEN = "overtaken"
    SAYS_NOTHING = "says_nothing"


DISCARDED_BECAUSE: Final[Mapping[str, Coded]] = {
    code.value: Coded(code.value, title)
    for code, title in (
        (DiscardedBecause.ACTED_ON_BY_HAND, "It was read and acted on by hand"),
        (DiscardedBecause.RECORDED_AGAIN, "What it says was recorded again in another way"),
        (DiscardedBecause.OVERTAKEN, "What has happened since makes it of no effect"),
        (DiscardedBecause.SAYS_NOTHING, "A fault of software: it says nothing about a child"),
    )
}
