"""Codes in the words that people read. Words that a partnership may change come from its pack."""

from collections.abc import Mapping
from datetime import date

from contracts import codes

RAG = {"red": "Red", "amber": "Amber", "green": "Green", "none": "No service"}

URGENCY = {"immediate": "Immediate", "same_day": "Same day", "standard": "Standard"}

STAGES = {"to_decide": "To decide", "decided": "Decided", "withdrawn": "Withdrawn"}

AGE_BANDS = {
    "unborn": "unborn",
    "under_1": "under 1",
    "1_to_4": "1 to 4",
    "5_to_10": "5 to 10",
    "11_to_15": "11 to 15",
    "16_to_17": "16 to 17",
    "adult": "18 or over",
    "unknown": "age not known",
}

OUTCOMES = {
    "strategy_discussion": "Strategy discussion",
    "child_and_family_assessment": "Child and family assessment",
    "early_help_assessment": "Early help assessment",
    "locality_panel": "Locality panel",
    "single_agency_support": "Single agency support",
    "information_and_advice": "Information and advice",
    "no_further_action": "No further action",
    "already_open": "Already open",
    "another_authority": "Another authority",
}

DUTIES = {
    "police": "Police",
    "lado": "Designated officer (LADO)",
    "channel": "Channel",
    "nrm": "Trafficking referral (NRM)",
    "marac": "MARAC",
    "adult_safeguarding": "Adult safeguarding",
    "fgm_report": "FGM report",
    "private_fostering_visit": "Private fostering visit",
    "paediatric_medical": "Paediatric medical",
    "return_interview": "Return interview",
    "send": "SEND",
}

SOURCES = {
    "concern": "Ticked by the referrer",
    "text": "Found in what was written",
    "history": "From earlier referrals",
    "combination": "Signs that weigh more together",
    "age": "The child's age",
    "referrer": "The referrer's own view",
    "hard_rule": "A rule that nothing lowers",
    "unread_text": "A text that could not be read",
    "household": "Harm in the household",
}

LOWERED_BECAUSE = {code: coded.title for code, coded in codes.LOWERED_BECAUSE.items()}
"""Why a decision goes below the suggestion."""

WITHOUT_AGREEMENT = {code: coded.title for code, coded in codes.WITHOUT_AGREEMENT.items()}
"""Why help that the family refused is decided on all the same."""

DISMISSED_BECAUSE = {code: coded.title for code, coded in codes.DISMISSED_BECAUSE.items()}
"""Why words that the reader found mean something else."""

TEXTS = {
    "narrative": "What has happened",
    "exact_words": "The child's own words",
    "injuries": "What an injury looks like",
    "child_voice": "What the child says",
    "child_voice_missing_because": "Why the child was not asked",
    "history": "What went before",
    "parenting": "How they are cared for",
    "environment": "Home and surroundings",
    "going_well": "What is going well",
    "work_already_tried": "What has been tried",
    "family_response": "What the family says",
    "what_should_happen": "What the referrer thinks should happen",
}

UNREAD = {
    "language": "it does not seem to be in English",
    "too_long": "it is too long",
    "noise": "it is garbled",
    "no_words": "there are no words in it",
    "not_text": "it was sent as something other than text",
    "cut": "its end was set aside",
    "fault": "the reader failed",
}
"""Why the rules did not read a text."""

FACTS = {
    "immediate_danger": "immediate danger",
    "unread_text": "the text that could not be read",
    "request": "the request for protection",
    "referrer_level": "the referrer's own level",
    "history": "earlier referrals",
    "age": "the children's ages",
}
"""Facts, other than signs and concerns, that may carry a suggestion."""

LATER = {
    "information": "Further information",
    "withdrawal": "Why the referrer asks to withdraw",
    "agreement": "What the family says of help",
    "correction": "Who somebody is, or where they live, corrected",
}

IMPACTS = {"some": "Some impact", "serious": "Serious impact", "immediate": "Immediate danger"}

DECISIONS = {"decision": "Decision", "rating": "Re-rating", "withdrawal": "Withdrawal concluded"}

ALLOCATION_STATES = {
    "offered": "Offered, not accepted yet",
    "assigned": "Assigned, not accepted yet",
    "accepted": "Accepted",
    "declined": "Declined",
    "ended": "Ended",
}

DECLINED_BECAUSE = {
    "no_room": "No room",
    "away": "Away",
    "conflict_of_interest": "A conflict of interest",
    "knows_family": "Knows the family privately",
    "not_suited": "Not suited to this work",
    "family_wants_another": "The family wants somebody else",
    "other": "Another reason",
}
"""Why somebody hands an offer back."""

ROLES = {
    "practitioner": "a practitioner",
    "manager": "a manager",
    "duty": "the duty team",
    "coordinator": "an early help coordinator",
}

ASSIGNEES = {
    "duty": "the duty team",
    "team": "a team",
    "lead_professional": "a lead professional",
    "panel": "a panel",
}

MESSAGES = {
    "acknowledgement": "Acknowledgement",
    "decision": "Decision",
    "rerating": "Re-rating",
    "allocation": "Allocation",
    "panel_outcome": "Outcome of a panel",
    "help_ended": "Help has ended",
    "help_asked_after": "Asked whether the help happened",
    "delay": "Apology for a delay",
    "closure": "Closure",
    "continuation": "Request to withdraw read: goes on",
    "disagreement": "Disagreement",
    "information_wanted": "Information wanted",
    "information_reminder": "Information wanted, reminder",
    "written_wanted": "Wanted in writing, reminder",
    "urgent_alert": "Urgent alert",
    "breach_alert": "Alert that a clock ran out",
    "escalation": "Step of the ladder while a clock is overdue",
    "allegation_alert": "The designated officer told of an allegation",
    "glass_alert": "Alert that a restricted record was opened",
    "open_case_alert": "Alert that a child's case is open already",
}

MESSAGE_STATES = {
    "queued": "Waiting to be sent",
    "sending": "Being sent",
    "sent": "Sent",
    "delivered": "Delivered",
    "bounced": "Came back, telephone them: not delivered",
    "failed": "Could not be sent",
    "uncertain": "Not known whether it arrived",
    "held": "Held back until somebody acts",
    "cancelled": "Not sent: no longer true",
}

TOLD = {
    "by_telephone": "Could not be sent; told by telephone:",
    "in_person": "Could not be sent; told in person:",
    "by_letter": "Could not be sent; told by letter:",
    "not_needed": "Could not be sent; knew already:",
}

CLOCKS = {
    "statutory_decision": "Decide (statutory)",
    "hub_enquiry": "Decide",
    "acknowledge": "Acknowledge",
    "accepted_by_person": "Accept",
    "information_reply": "Agency's reply",
    "referrer_answer": "Referrer's answer",
    "countersigned": "Countersign",
    "strategy_discussion": "Strategy discussion",
    "feedback_sent": "Tell the referrer",
    "school_told": "Tell the school",
    "family_told": "Tell the family",
    "lead_professional_allocated": "Allocate",
    "lead_professional_accepts": "Lead professional's answer",
    "worker_accepts": "Worker's answer",
    "first_contact": "First contact",
}
"""Clocks in short, for lists. Their full titles stand in the pack."""

CLOCK_STATES = {
    "running": "Running",
    "paused": "Paused",
    "met": "Met",
    "breached": "Breached",
    "cancelled": "Cancelled",
}

MILESTONES = {
    "first_contact": "First contact with the family",
    "family_told": "The family told",
    "school_told": "The school told",
    "assessment": "Assessment",
    "plan": "Plan",
    "review": "Review",
    "meeting": "Meeting",
    "action_asked": "An agency asked to do something",
    "action_accepted": "An agency has accepted what it is asked to do",
    "action_declined": "An agency has declined what it was asked to do",
    "action_done": "An agency has done what it was asked to do",
    "handed_over": "The council's case system has it",
    "strategy_discussion": "Strategy discussion",
    "no_conference": "No conference needed",
    "conference": "Child protection conference",
    "social_work_assessment": "Social work assessment",
    "private_fostering_visit": "Visit to a privately fostered child",
}
"""What a case reached, here or in the council's case system."""

TOLD_WHOM = {
    ("school", True): "The school was told",
    ("school", False): "The school is not told",
    ("family", True): "The family was told",
    ("family", False): "The family is not told",
}
"""By whom, and whether they were told."""

EVENTS = {
    "referral.submitted": "Referral received",
    "referral.updated": "Further information received",
    "referral.agreement_recorded": "What the family says of help",
    "referral.corrected": "Who somebody is, or where they live, corrected",
    "referral.incident_linked": "The same incident as another agency tells of",
    "referral.incident_unlinked": "Not the same incident as another agency tells of",
    "referral.known_elsewhere": "Known in another system",
    "referral.withdrawn": "Withdrawal asked for",
    "referral.transferred": "Transfer",
    "referral.restricted": "Restricted",
    "referral.unrestricted": "Restriction taken back",
    "referral.glass_broken": "Opened with a reason, though restricted",
    "triage.rated": "Rating suggested",
    "triage.claimed": "Claimed",
    "triage.released": "Released",
    "triage.information_requested": "Information asked for",
    "triage.information_received": "Information received",
    "triage.decided": "Decided",
    "triage.countersigned": "Countersigned",
    "triage.returned": "Sent back to be decided again",
    "triage.rerated": "Rated again",
    "triage.discussion_recorded": "Discussion held",
    "triage.withdrawn": "Withdrawn",
    "triage.withdrawal_continued": "Withdrawal read: the referral goes on",
    "disagreement.raised": "Disagreement raised",
    "disagreement.answered": "Disagreement answered",
    "disagreement.escalated": "Disagreement escalated",
    "disagreement.resolved": "Disagreement resolved",
    "allocation.offered": "Offered",
    "allocation.assigned": "Assigned",
    "allocation.accepted": "Accepted by a person",
    "allocation.declined": "Declined",
    "allocation.ended": "Allocation ended",
    "panel.listed": "Listed for a panel",
    "panel.concluded": "Panel concluded",
    "case.milestone_recorded": "Milestone recorded",
    "case.stepped_up": "Stepped up",
    "case.stepped_down": "Stepped down",
    "case.closed": "Closed",
    "clock.started": "Clock started",
    "clock.paused": "Clock paused",
    "clock.resumed": "Clock running again",
    "clock.warned": "Clock close to its end",
    "clock.met": "Clock met",
    "clock.breached": "Clock ran out",
    "clock.escalated": "Clock that ran out: told further up",
    "clock.cancelled": "Clock cancelled",
    "clock.recalculated": "Clock calculated again",
    "message.queued": "Message made ready",
    "message.sent": "Message sent",
    "message.delivered": "Message delivered",
    "message.bounced": "Message came back",
    "message.failed": "Message could not be sent",
    "message.uncertain": "Message may not have arrived",
}


def agreement(code: str | None, *, withdrawn: bool = False) -> str:
    """Whether a family agrees to help."""
    if withdrawn:
        return "The family took its agreement back"
    known = codes.AGREEMENT_STATUSES.get(code or "")
    return known.title if known else ""


NO_LETTER = {
    "restricted": "Few people may see this referral. Whoever restricted it says what the family "
    "is told, and how.",
    "not_decided": "There is no decision that the family could be told yet: nobody has taken one, "
    "or a manager has not countersigned it.",
    "discussion_first": "There is a strategy discussion. It agrees what the family is told, when, "
    "and by whom.",
    "parents_not_told": "The parents were not told of this referral. When it is safe to tell them, "
    "record that they know; then there is a letter.",
    "harm_may_be_hidden": "With a worry of this kind, a letter could put the child in danger or "
    "warn whoever did harm. Agree with the police and a manager what the family is told.",
}
LETTER_CAUTIONS = {
    "safe_contact": "There is a worry about domestic abuse. Never post this letter. Give it only "
    "to the parent who is harmed, in the way that they said is safe.",
    "not_reached": "The parents could not be reached before. Speak with them first.",
    "ask_whether_told": "Nobody has said whether the parents know of this referral. Find out, and "
    "speak with them first.",
}


def said(words: Mapping[str, str], code: str | None) -> str:
    """A code in words; one that has none yet is made readable."""
    if not code:
        return ""
    return words.get(code) or sentence(code)


def sentence(code: str) -> str:
    """`poor_attendance` as `Poor attendance`."""
    return code.replace("_", " ").replace("-", " ").capitalize()


def place(code: str) -> str:
    """`kingston-upon-hull` as `Kingston upon Hull`."""
    small = {"and", "of", "on", "the", "upon"}
    return begin(" ".join(p if p in small else p.capitalize() for p in code.split("-")))


def begin(text: str) -> str:
    """`text` as a sentence begins: `today 14:00` as `Today 14:00`."""
    return text[:1].upper() + text[1:]


def pointed(pointer: str) -> str:
    """Where something stands in a form: `/children/0/nhs_number` as `Children, 1: NHS number`."""
    said = ""
    for part in pointer.strip("/").split("/"):
        if part.isdecimal():
            said += f", {int(part) + 1}"
        else:
            said += f"{': ' if said else ''}{sentence(part)}"
    return said.replace("Nhs ", "NHS ").replace("Upn", "UPN")


def count(number: int, one: str, many: str) -> str:
    """`1 child`, `3 children`."""
    return f"{number:,} {one if number == 1 else many}"


def age(born: date, today: date) -> str:
    """`7 years`; of a small child `1 year and 3 months`, or `5 months`, or `2 weeks`."""
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if months < 1:
        return count(max(0, (today - born).days) // 7, "week", "weeks")
    years, rest = divmod(months, 12)
    parts = [count(years, "year", "years")] if years else []
    if years < 3 and rest:
        parts.append(count(rest, "month", "months"))
    return " and ".join(parts)


def points(number: float) -> str:
    """Points of work, to a tenth."""
    return f"{round(number, 1):g}"


def children(age_bands: tuple[str, ...]) -> str:
    """`2 children: under 1, 5 to 10`."""
    if not age_bands:
        return "No child named"
    ages = ", ".join(AGE_BANDS.get(band, band) for band in dict.fromkeys(age_bands))
    return f"{count(len(age_bands), 'child', 'children')}: {ages}"
