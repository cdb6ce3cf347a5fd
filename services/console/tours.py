"""A quarter of an hour for whoever is new, by role: where to go first, and what to see there."""

from collections.abc import Iterable
from dataclasses import dataclass

from chassis.identity import REFERRER_ROLES


@dataclass(frozen=True, slots=True)
class Stop:
    """A place to open, and what to look at there. `path` is empty where it is on the page that is
    open."""

    path: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Tour:
    """For people with one of `roles`."""

    title: str
    roles: frozenset[str]
    stops: tuple[Stop, ...]


TOURS = (
    Tour(
        "If you read and decide",
        frozenset({"practitioner", "manager", "duty"}),
        (
            Stop("/queue", "To decide", "What stands on top is the most urgent: what could not be processed, then Red, then the rest, each by the time at which it is due."),
            Stop("", "The first of them", "Open it. Each reason under Why this rating stands beside the words that caused it, with the clause of the thresholds guidance."),
            Stop("", "What was written", "Read it yourself. The rules find signs; they do not understand families."),
            Stop("", "Claim it", "So that nobody else starts on it. A claim lapses with your shift, sooner for Red."),
            Stop("", "Who, and Known before", "Say of each possible match whether it is the same person. Chronology draws the family and says what happened, on one page."),
            Stop("", "Decide", "You see everything once more before it is recorded."),
            Stop("/calls", "Take a call", "For what is telephoned: look for the child first, write down what is said, read it back."),
            Stop("/duty", "Duty", "Who takes what is urgent now, whom to telephone, and which disagreements are owed an answer."),
        ),
    ),
    Tour(
        "If you manage",
        frozenset({"manager"}),
        (
            Stop("/queue?state=to_countersign", "To countersign", "Red and no further action wait for you; the referrer is told after that."),
            Stop("/queue?state=overdue", "Overdue", "Everything whose time has run out, decided or not, the longest first."),
            Stop("/scorecard", "Scorecard", "Each measure begins with its finding. Demand by need, the flow from contact to outcome and how far decisions agree with the rules stand behind it."),
            Stop("/consistency/samples", "Audit sample", "How alike two people decide: a random sample of each quarter, rated a second time without seeing the first."),
            Stop("/audit", "Audit", "Who read or did what. Searching is written down too."),
        ),
    ),
    Tour(
        "If you find people for the work",
        frozenset({"coordinator", "manager"}),
        (
            Stop("/waiting", "Waiting", "Work that waits for a person, who would be asked and why not the others. Offer it to somebody whom you choose."),
            Stop("/workers", "Workers", "Hours, what each carries, absences, and who is on duty this week."),
            Stop("/queue?state=offered", "Offered", "Who was asked and has not answered."),
            Stop("/panels", "Panels", "The next meetings with their agendas, and what agencies were asked to do."),
        ),
    ),
    Tour(
        "If you lead for a family",
        frozenset({"practitioner", "manager", "duty", "coordinator", "panel_chair"}),
        (
            Stop("/my-work", "Your work", "What you are asked to take stands here: take it on, or hand it back with a reason."),
            Stop("", "What came of it", "First contact, meetings, an assessment or plan, scores at the start and the end, more help or less, and how it ended."),
        ),
    ),
    Tour(
        "If you chair a panel",
        frozenset({"panel_chair", "coordinator", "manager"}),
        (
            Stop("/panels", "Panels", "Open the next meeting: who was there, what was agreed for each item, and the actions."),
            Stop("/guidance", "Guidance", "The clauses that the panel's decisions stand on, in plain words."),
        ),
    ),
    Tour(
        "If you analyse",
        frozenset({"analyst"}),
        (
            Stop("/scorecard", "Scorecard", "Choose authority, locality or agency, and a period. Tick For publishing to leave small numbers out. Every table is a file for a spreadsheet too."),
            Stop("/consistency/samples", "Audit sample", "How far first and second ratings agree."),
            Stop("/guidance", "Guidance", "What the rules read, and two versions side by side."),
        ),
    ),
    Tour(
        "If you run the installation",
        frozenset({"operator"}),
        (
            Stop("/health", "Health", "Whether each service is there and keeps up."),
            Stop("/unprocessed", "Not processed", "Events that a service could not answer: try them again; a practitioner decides on discarding."),
            Stop("/organisations", "Organisations", "Partners, their systems' access and their people's accounts."),
        ),
    ),
    Tour(
        "If you refer",
        REFERRER_ROLES,
        (
            Stop("/sent", "Your referrals", "What you sent, where it stands, what you are asked, and drafts."),
            Stop("/refer", "The referral form", "One thing a page. Leave it and come back; guidance stands beside each worry."),
            Stop("/consult", "Questions for advice", "Ask what the guidance would say, without names."),
        ),
    ),
)  # fmt: skip


def tours_of(roles: Iterable[str]) -> tuple[tuple[Tour, ...], tuple[Tour, ...]]:
    """The tours of somebody with `roles`, and the others."""
    held = frozenset(roles)
    return (
        tuple(tour for tour in TOURS if not tour.roles.isdisjoint(held)),
        tuple(tour for tour in TOURS if tour.roles.isdisjoint(held)),
    )
