"""The lists of the queue: what there is to choose, what the address of the page asks for, and the
numbers that are filters themselves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from chassis.restriction import seer_of
from contracts import codes
from services.console import words
from services.console.rooms import Room
from services.console.sessions import Session
from services.console.store.numbers import Counts
from services.console.store.queue import ByDue, Wanted
from services.console.times import LONDON

View = Literal[
    "to_decide",
    "out_of_hours",
    "waiting",
    "agreement",
    "to_countersign",
    "to_allocate",
    "offered",
    "team",
    "overdue",
    "decided",
    "all",
]
TITLES: Mapping[View, str] = {
    "to_decide": "To decide",
    "out_of_hours": "Out of hours",
    "waiting": "Awaiting information",
    "agreement": "Awaiting agreement",
    "to_countersign": "To countersign",
    "to_allocate": "To allocate",
    "offered": "Offered",
    "team": "My team's",
    "overdue": "Overdue",
    "decided": "Decided",
    "all": "All",
}
BY_DUE: Mapping[View, ByDue] = {
    "to_countersign": "to_countersign",
    "to_allocate": "to_allocate",
    "offered": "offered",
    "team": "held",
    "overdue": "running",
}
"""Lists in the order in which their rows are due."""

DECIDING: frozenset[View] = frozenset({"to_decide", "out_of_hours", "waiting", "agreement"})
"""Lists of what is to decide, all in its order."""

MEANINGS: Mapping[View, str] = {
    "to_decide": "Everything that waits for a decision.",
    "out_of_hours": "What of it came while the hub was closed: for the emergency duty team, and for "
    "whoever opens the hub.",
    "waiting": "What of it waits for an agency's or the referrer's answer. Its clocks stay in view.",
    "agreement": "What of it is suggested Amber or Green, and nobody knows yet whether the family agrees "
    "to help. Nothing is closed for want of an answer, and Red never waits for one.",
    "to_countersign": "Decided, and a manager has yet to agree. The referrer is told after that.",
    "to_allocate": "Decided, and nobody has the work yet.",
    "offered": "Somebody was asked to take the work on, and has not answered.",
    "team": "What your team and its workers have, or are offered. Your team is the one in which you "
    "stand in the register of workers.",
    "overdue": "Everything whose time has run out, decided or not, the longest first.",
    "decided": "What was decided, the newest first.",
    "all": "Everything, the newest first.",
}
"""What each list holds, for the help page."""

EMPTY: Mapping[View, str] = {
    "to_decide": "Nothing to decide",
    "out_of_hours": "Nothing that came out of hours is to decide",
    "waiting": "Nothing waits for information",
    "agreement": "No family's answer is outstanding",
    "to_countersign": "No decision waits for a manager",
    "to_allocate": "Everything that was decided is with somebody",
    "offered": "Nobody owes an answer",
    "team": "Your team has nothing at the moment",
    "overdue": "Nothing is overdue",
    "decided": "Nothing here yet",
    "all": "Nothing here yet",
}
NO_TEAM = "You stand in no team. A coordinator puts you in the register of workers"
"""Why the list of somebody's team is empty."""

BESIDE = (
    ("/duty", "Disagreements", "#disagreements"),
    ("/duty", "To telephone", "#telephone"),
    ("/panels", "Panels", ""),
    ("/unprocessed", "Not processed", ""),
)
"""Lists that stand in other rooms: the room, what they hold, and where in it."""

SOON = timedelta(hours=4)
DUE = {"overdue": "Overdue", "soon": "Within 4 hours", "today": "Today"}


PLACE = ("after", "page")
"""What of an address is the place in the list."""


class Filters(BaseModel):
    """What the address of the queue asks for. What is not understood is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    state: View = "to_decide"
    rag: Literal["red", "amber", "green", "none", ""] = ""
    urgency: Literal["immediate", "same_day", "standard", ""] = ""
    agency: str = ""
    authority: str = ""
    locality: str = ""
    who: Literal["mine", "unclaimed", ""] = ""
    due: Literal["overdue", "soon", "today", ""] = ""
    read: Literal["by_hand", ""] = ""
    after: str = ""
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1

    @property
    def deciding(self) -> bool:
        """Whether this is a list of what is to decide."""
        return self.state in DECIDING

    @property
    def query(self) -> str:
        """What stands in the address, without the place in the list."""
        asked = self.model_dump(exclude=set(PLACE))
        if asked["state"] == "to_decide":
            del asked["state"]
        return urlencode({name: value for name, value in asked.items() if value})

    def href(self, **changes: str | int) -> str:
        """The address of the queue with some of it changed, from the first page on."""
        asked = Filters.model_construct(**{**self.model_dump(), "after": "", "page": 1, **changes})
        place = {"after": asked.after, "page": asked.page}
        parts = [asked.query, urlencode(place) if asked.after else ""]
        query = "&".join(filter(None, parts))
        return f"/queue?{query}" if query else "/queue"

    def wanted(self, session: Session, now: datetime) -> Wanted:
        """What is asked of the read model. Who has it, and what it waits for, is asked of what is
        to decide only."""
        before = self._due_before(now)
        return Wanted(
            rag=self.rag or None,
            locality=self.locality or None,
            urgency=self.urgency or None,
            agency=self.agency or None,
            due_before=before,
            mine=session.staff_id if self.who == "mine" else None,
            unclaimed=self.who == "unclaimed",
            waiting=self.state == "waiting",
            out_of_hours=self.state == "out_of_hours",
            to_agree=self.state == "agreement",
            seer=seer_of(session.caller, now),
        )

    def _due_before(self, now: datetime) -> datetime | None:
        if self.due == "overdue" or self.state == "overdue":
            return now
        if self.due == "soon":
            return now + SOON
        if self.due == "today":
            tomorrow = now.astimezone(LONDON).date() + timedelta(days=1)
            return datetime.combine(tomorrow, datetime.min.time(), LONDON).astimezone(UTC)
        return None


@dataclass(frozen=True, slots=True)
class Card:
    """A number that is also a filter."""

    label: str
    number: int
    tone: str
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter to choose from: its options as code and words, the number of referrals with them."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    chosen: str


def read(asked: Mapping[str, str]) -> Filters:
    """The filters of an address."""
    kept: dict[str, str] = {}
    for name, value in asked.items():
        try:
            Filters.model_validate({name: value})
        except ValueError:
            continue
        kept[name] = value[:200]
    return Filters.model_validate(kept)


def beside(
    rooms: Iterable[Room], unprocessed: int, elsewhere: Mapping[str, str]
) -> list[tuple[str, str]]:
    """The lists of other rooms that somebody has: their names, with how much is in them where that
    is known, and where they are."""
    numbers = {"Not processed": str(unprocessed), **elsewhere}
    theirs = {room.path for room in rooms}
    return [
        (f"{text} ({numbers[text]})" if text in numbers else text, path + place)
        for path, text, place in BESIDE
        if path in theirs
    ]


def tabs(filters: Filters, numbers: Counts) -> list[tuple[str, str, bool]]:
    """The lists: their names, with how much is in those that somebody has to act on, and where they
    are."""
    waiting = _waiting(numbers)
    kept = {"authority": filters.authority}
    return [
        (
            f"{title} ({waiting[view]:,})" if view in waiting else title,
            Filters(state=view, **kept).href(),
            view == filters.state,
        )
        for view, title in TITLES.items()
    ]


def _waiting(numbers: Counts) -> Mapping[View, int]:
    return {
        "out_of_hours": numbers.out_of_hours,
        "waiting": numbers.waiting,
        "agreement": numbers.to_agree,
        "to_countersign": numbers.to_countersign,
        "to_allocate": numbers.to_allocate,
        "offered": numbers.offered,
        "overdue": numbers.late,
    }


def page_of(filters: Filters, numbers: Counts, rows: int) -> str:
    """Which page of a list this is; of how many too, where the whole list is shown and counted."""
    known = {"to_decide": numbers.to_decide, **_waiting(numbers)}
    whole = filters.href() == Filters(state=filters.state).href()
    pages = -(-known[filters.state] // rows) if whole and filters.state in known else 0
    return f"Page {filters.page:,}" + (f" of {pages:,}" if pages >= filters.page else "")


def cards(numbers: Counts, filters: Filters) -> list[Card]:
    """The numbers over what is to decide."""
    everything = {"state": "to_decide", "rag": "", "who": "", "due": "", "read": ""}

    def card(label: str, number: int, tone: str, **asked: str) -> Card:
        chosen = all(getattr(filters, name) == {**everything, **asked}[name] for name in everything)
        return Card(label, number, tone, filters.href(**{**everything, **asked}), chosen)

    found = [
        card("To decide", numbers.to_decide + numbers.unprocessed, "all"),
        *(
            card(words.RAG[rag], getattr(numbers, rag), rag, rag=rag)
            for rag in ("red", "amber", "green")
        ),
        card("Overdue", numbers.overdue, "overdue", due="overdue"),
        card("Unclaimed", numbers.unclaimed, "quiet", who="unclaimed"),
        card("Mine", numbers.mine, "quiet", who="mine"),
    ]
    if numbers.unprocessed:
        found.insert(0, card("Not processed", numbers.unprocessed, "unprocessed", read="by_hand"))
    return found


def choices(
    filters: Filters,
    numbers: Counts,
    authorities: Sequence[tuple[str, str]],
    localities: Sequence[tuple[str, str]],
) -> list[Choice]:
    """The filters of this list. Beside each option of what is to decide stands how many have it."""
    by_agency = numbers.by_agency or {}
    agencies = sorted(
        (code, codes.AGENCIES.get(code, words.sentence(code))) for code in by_agency if code
    )
    counted = filters.deciding
    found = []
    if len(authorities) > 1:
        found.append(Choice("authority", "Authority", tuple(authorities), filters.authority))
    if not filters.deciding:
        found.append(Choice("rag", "Rating", tuple(words.RAG.items()), filters.rag))
    urgencies = _counted(tuple(words.URGENCY.items()), numbers.by_urgency, counted)
    found.append(Choice("urgency", "How soon", urgencies, filters.urgency))
    if filters.state not in ("overdue", "decided", "all"):
        found.append(Choice("due", "Due", tuple(DUE.items()), filters.due))
    known = agencies if counted else sorted(codes.AGENCIES.items(), key=lambda one: one[1])
    by_title = _counted(tuple(sorted(known, key=lambda one: one[1])), by_agency, counted)
    if by_title or filters.agency:
        found.append(Choice("agency", "Agency", by_title, filters.agency))
    if localities:
        places = _counted(tuple(localities), numbers.by_locality, counted)
        found.append(Choice("locality", "Locality", places, filters.locality))
    return found


def _counted(
    options: tuple[tuple[str, str], ...], numbers: Mapping[str, int] | None, counted: bool
) -> tuple[tuple[str, str], ...]:
    if not counted or numbers is None:
        return options
    return tuple((code, f"{title} ({numbers.get(code, 0):,})") for code, title in options)
