"""Values that events share: codes with a fixed set of words."""

from enum import StrEnum
from typing import Literal


class Rag(StrEnum):
    """Red: safeguarding. Amber: social work assessment. Green: early help. None: no service."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    NONE = "none"


class Urgency(StrEnum):
    IMMEDIATE = "immediate"
    SAME_DAY = "same_day"
    STANDARD = "standard"


class Impact(StrEnum):
    SOME = "some"
    SERIOUS = "serious"
    IMMEDIATE = "immediate"


class AgeBand(StrEnum):
    UNBORN = "unborn"
    UNDER_1 = "under_1"
    AGE_1_TO_4 = "1_to_4"
    AGE_5_TO_10 = "5_to_10"
    AGE_11_TO_15 = "11_to_15"
    AGE_16_TO_17 = "16_to_17"
    ADULT = "adult"
    UNKNOWN = "unknown"


class AgreementStatus(StrEnum):
    GIVEN = "given"
    REFUSED = "refused"
    NOT_SOUGHT = "not_sought"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    STRATEGY_DISCUSSION = "strategy_discussion"
    CHILD_AND_FAMILY_ASSESSMENT = "child_and_family_assessment"
    EARLY_HELP_ASSESSMENT = "early_help_assessment"
    LOCALITY_PANEL = "locality_panel"
    SINGLE_AGENCY_SUPPORT = "single_agency_support"
    INFORMATION_AND_ADVICE = "information_and_advice"
    NO_FURTHER_ACTION = "no_further_action"
    ALREADY_OPEN = "already_open"
    ANOTHER_AUTHORITY = "another_authority"


KnownAs = Literal["open_social_care", "open_early_help", "closed"]
"""What is known of a child already: open there, or closed."""


class Duty(StrEnum):
    """A parallel duty that stands beside the outcome."""

    POLICE = "police"
    LADO = "lado"
    CHANNEL = "channel"
    NRM = "nrm"
    MARAC = "marac"
    ADULT_SAFEGUARDING = "adult_safeguarding"
    FGM_REPORT = "fgm_report"
    PRIVATE_FOSTERING_VISIT = "private_fostering_visit"
    PAEDIATRIC_MEDICAL = "paediatric_medical"
    RETURN_INTERVIEW = "return_interview"
    SEND = "send"


class ReasonSource(StrEnum):
    CONCERN = "concern"
    TEXT = "text"
    HISTORY = "history"
    COMBINATION = "combination"
    AGE = "age"
    REFERRER = "referrer"
    HARD_RULE = "hard_rule"
    UNREAD_TEXT = "unread_text"
    HOUSEHOLD = "household"


class ContinuedBecause(StrEnum):
    """Why a referral goes on whose referrer asked to withdraw it. The practitioner's own words
    are the rationale, and stay in triage."""

    TO_BE_DECIDED = "to_be_decided"
    DECIDED = "decided"


class ReturnedBecause(StrEnum):
    """Why a decision that waited for a countersignature has to be made again."""

    NOT_AGREED = "not_agreed"
    RERATED = "rerated"


class DiscussionKind(StrEnum):
    HUB = "hub"
    STRATEGY = "strategy"
    DOMESTIC_ABUSE_TRIAGE = "domestic_abuse_triage"


class Enquiry(StrEnum):
    """Who makes an enquiry under section 47 of the Children Act 1989."""

    SINGLE = "single"
    JOINT = "joint"


class AssigneeKind(StrEnum):
    DUTY = "duty"
    TEAM = "team"
    LEAD_PROFESSIONAL = "lead_professional"
    PANEL = "panel"


class PartnerNews(StrEnum):
    """What a partner's system can be called back about. A ping is asked for by the partner."""

    RECEIVED = "received"
    DECIDED = "decided"
    RERATED = "rerated"
    ALLOCATED = "allocated"
    WITHDRAWN = "withdrawn"
    WITHDRAWAL_CONTINUED = "withdrawal_continued"
    PING = "ping"
