"""What each kind of message is called, to whoever may be told much or little."""

from enum import StrEnum

from services.notifications.domain import Kind


class Detail(StrEnum):
    """How much a referrer may be told by email."""

    FULL = "full"
    BRIEF = "brief"
    PUBLIC = "public"


TITLES = {
    Kind.ACKNOWLEDGEMENT: "We have your referral",
    Kind.DECISION: "What we decided",
    Kind.RERATING: "We looked at this again",
    Kind.ALLOCATION: "Somebody is taking this on",
    Kind.PANEL_OUTCOME: "What the panel agreed",
    Kind.HELP_ENDED: "The help has ended",
    Kind.HELP_ASKED_AFTER: "Did the help happen?",
    Kind.DELAY: "We are late, and we are sorry",
    Kind.CLOSURE: "Your referral is closed",
    Kind.CONTINUATION: "Your referral goes on",
    Kind.DISAGREEMENT: "A disagreement about a decision",
    Kind.INFORMATION_WANTED: "We need information from you",
    Kind.INFORMATION_REMINDER: "We still need information from you",
    Kind.WRITTEN_WANTED: "Please write down what you told us",
    Kind.URGENT_ALERT: "A Red referral needs a person now",
    Kind.BREACH_ALERT: "A time limit has passed",
    Kind.GLASS_ALERT: "A restricted referral was opened",
    Kind.ALLEGATION_ALERT: "An allegation against somebody who works with children",
    Kind.OPEN_CASE_ALERT: "A referral about a child with an open case",
    Kind.ESCALATION: "Still nobody has done it",
}

# Whoever hears less is not promised more.
BRIEFER_TITLES = {
    (Kind.DECISION, Detail.BRIEF): "We have made a decision",
    (Kind.DECISION, Detail.PUBLIC): "We have read what you told us",
    (Kind.ALLOCATION, Detail.BRIEF): "There is news about your referral",
    (Kind.PANEL_OUTCOME, Detail.BRIEF): "There is news about your referral",
    (Kind.HELP_ENDED, Detail.BRIEF): "There is news about your referral",
    (Kind.HELP_ASKED_AFTER, Detail.BRIEF): "A question about your referral",
    (Kind.HELP_ASKED_AFTER, Detail.PUBLIC): "A question about your referral",
}

# The subject holds a reference and the kind of message, and no more.
SUBJECTS = {
    Kind.ACKNOWLEDGEMENT: "received",
    Kind.DECISION: "decision",
    Kind.RERATING: "looked at again",
    Kind.ALLOCATION: "update",
    Kind.PANEL_OUTCOME: "update",
    Kind.HELP_ENDED: "update",
    Kind.HELP_ASKED_AFTER: "one question",
    Kind.DELAY: "late",
    Kind.CLOSURE: "closed",
    Kind.CONTINUATION: "goes on",
    Kind.DISAGREEMENT: "disagreement",
    Kind.INFORMATION_WANTED: "information wanted",
    Kind.INFORMATION_REMINDER: "information wanted, reminder",
    Kind.WRITTEN_WANTED: "in writing, please",
    Kind.URGENT_ALERT: "urgent",
    Kind.BREACH_ALERT: "overdue",
    Kind.GLASS_ALERT: "opened",
    Kind.ALLEGATION_ALERT: "restricted",
    Kind.OPEN_CASE_ALERT: "please read",
    Kind.ESCALATION: "still overdue",
}
