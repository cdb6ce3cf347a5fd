"""Which rooms the console has, whose each is, and what it is for. The services check again whatever
is asked of them: this only says what somebody is shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from chassis.identity import REFERRER_ROLES


@dataclass(frozen=True, slots=True)
class Room:
    """A part of the navigation. `inside`: paths that belong to it beside its own; `purpose`: a
    sentence for the help page. `through`: the path of a room whose page leads here: whoever has that
    one finds it there, and it takes no place in their navigation."""

    path: str
    title: str
    roles: frozenset[str]
    purpose: str
    inside: tuple[str, ...] = ()
    through: str = ""

    def holds(self, path: str) -> bool:
        """Whether a page stands in this room."""
        return path.startswith((self.path, *self.inside))


def _of(*roles: str) -> frozenset[str]:
    return frozenset(roles)


HUB = _of("practitioner", "manager", "duty", "coordinator", "panel_chair")

ROOMS = (
    Room(
        "/sent",
        "Your referrals",
        REFERRER_ROLES,
        "For people of partner organisations: what you sent, where it stands, what you are asked, "
        "and sending another. Safeguarding leads see what their whole organisation sent.",
    ),
    Room(
        "/queue",
        "Queue",
        HUB,
        "What is to decide, to countersign, to allocate and overdue, and every referral.",
        ("/referrals",),
    ),
    Room(
        "/my-work",
        "Your work",
        HUB | REFERRER_ROLES,
        "What you have taken on or are asked to take, in the hub or in a partner agency: contact, "
        "assessments, plans, meetings and reviews, more help or less, and how help ended; and what "
        "you are asked to do for a family.",
    ),
    Room(
        "/calls",
        "Take a call",
        _of("practitioner", "manager", "duty"),
        "What is telephoned or emailed to the hub: look for the child first, write down what is "
        "said, and read it back.",
    ),
    Room(
        "/duty",
        "Duty",
        _of("practitioner", "manager", "duty"),
        "Who takes what is urgent now and what they hold, signing for the night, whom to telephone, "
        "disagreements that are owed an answer, and what falls due.",
    ),
    Room(
        "/duty/transfers",
        "Transfers",
        _of("manager", "coordinator"),
        "Families who go to another authority or come from one: what has yet to be asked, what waits "
        "for an answer, and what goes along.",
        through="/duty",
    ),
    Room(
        "/consultations",
        "Consultations",
        _of("practitioner", "manager", "duty"),
        "Questions for advice, which name nobody: what is due first, and answering one.",
    ),
    Room(
        "/waiting",
        "Waiting",
        _of("manager", "coordinator"),
        "Work that waits for a person: since when, who would be asked, why not the others, and "
        "offering it to somebody whom you choose.",
    ),
    Room(
        "/workers",
        "Workers",
        _of("manager", "coordinator"),
        "Who may be asked to take work on: hours, what they carry, when they are away, who is on "
        "duty this week.",
    ),
    Room(
        "/panels",
        "Panels",
        _of("manager", "coordinator", "panel_chair"),
        "The panels' next meetings with their agendas, who was there, what was agreed, and the "
        "actions that agencies were asked for.",
    ),
    Room(
        "/scorecard",
        "Scorecard",
        _of("manager", "analyst"),
        "How the front door does, measure by measure, with the finding first; and how alike it "
        "decides, by a sample of each quarter that is rated a second time.",
        ("/consistency",),
    ),
    Room(
        "/consistency/samples",
        "Audit sample",
        _of("practitioner", "manager", "analyst"),
        "A random sample of each quarter's referrals, each rated a second time by somebody who sees "
        "neither the suggestion nor the decision, and how far the two agree.",
        ("/consistency",),
        through="/scorecard",
    ),
    Room(
        "/guidance",
        "Guidance",
        HUB | _of("analyst", "operator"),
        "Your authority's thresholds guidance as the rules read it: levels, clauses, signs, clocks "
        "and who decides. Two versions can be set side by side, and managers try one on past "
        "referrals.",
    ),
    Room(
        "/audit",
        "Audit",
        _of("manager", "analyst"),
        "Who read or did what: by referral, person, action and time. Searching is written down "
        "too.",
    ),
    Room(
        "/records",
        "Records",
        _of("manager"),
        "Copies for people who ask what is held about them: considering, releasing, reading them. "
        "And what need not be kept any longer, with holds.",
    ),
    Room(
        "/unprocessed",
        "Not processed",
        _of("manager", "operator"),
        "Events that a service could not answer: why, since when, trying them again, and "
        "discarding one after a qualified social worker read by hand what it says.",
    ),
    Room(
        "/health",
        "Health",
        _of("manager", "operator"),
        "Whether each service is there and keeps up: events waiting, clocks past due, messages "
        "not sent.",
    ),
    Room(
        "/organisations",
        "Organisations",
        _of("operator"),
        "Partner organisations and their systems' access: registering, another secret, ending it.",
    ),
)


def rooms_of(roles: Iterable[str]) -> tuple[Room, ...]:
    """The rooms that somebody with `roles` is shown, in their order."""
    held = frozenset(roles)
    theirs = {room.path for room in ROOMS if not room.roles.isdisjoint(held)}
    return tuple(room for room in ROOMS if room.path in theirs and room.through not in theirs)


def room_at(path: str) -> Room:
    """The room that begins at `path`. Raises KeyError."""
    return {room.path: room for room in ROOMS}[path]
