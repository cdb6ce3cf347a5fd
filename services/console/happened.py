"""What happened to a referral, as its page shows it: clocks, who has the work, messages,
decisions, and the timeline.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from contracts import codes
from services.console import words
from services.console.people import Answer, Child, day
from services.console.reads import Opened
from services.console.store.queue import Line
from services.console.times import Due, due, moment, stamp

COUNTING = ("running", "breached")


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock with its explanation. `running`: somebody still has to stop it; `due` is None for
    one that counts nothing down."""

    title: str
    running: bool
    words: str
    due: Due | None
    when: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the timeline, or one message; `kept`: the message's id, where what was sent can be
    read."""

    title: str
    when: str
    note: str
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Telling:
    """That the school or the family was told, or why not."""

    title: str
    note: str
    words: str
    warning: str
    when: str


@dataclass(frozen=True, slots=True)
class Held:
    """Who has the work. `waits`: no person has taken it on yet; `offered`: to one worker, who may
    hand it back; `taken`: somebody has, and records what comes of it."""

    allocation_id: str
    title: str
    state: str
    waits: bool
    offered: bool
    taken: bool
    why: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Who is reading it, until when."""

    mine: bool
    by: str
    until: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided, with the words that they wrote."""

    title: str
    by: str
    when: str
    rag: str
    children: tuple[tuple[str, str, str], ...]
    rationale: str
    analysis: str
    clauses: tuple[tuple[str, str], ...]
    no_clause: str
    lowered: str
    actions: tuple[tuple[str, str], ...]
    countersigned: str = ""
    note: str = ""


def clocks(
    opened: Opened, people: Sequence[Child], titles: Mapping[str, str], now: datetime
) -> tuple[Clock, ...]:
    """The clocks: those that still run first, the soonest on top. `titles` are the pack's."""
    names = {child.child_id: child.called for child in people}
    found = []
    for clock in sorted(opened.clocks.items, key=_clock_order):
        due_at = _time(clock["due_at"])
        found.append(
            Clock(
                title=": ".join(
                    filter(
                        None,
                        (
                            words.said(titles, clock["name"]),
                            names.get(str(clock.get("subject_id")), ""),
                        ),
                    )
                ),
                running=_runs(clock),
                words=words.said(words.CLOCK_STATES, clock["state"]),
                due=due(due_at, now) if _counts(clock) else None,
                when=f"Due {moment(due_at, now)}",
                explanation=clock.get("explanation") or "",
            )
        )
    return tuple(found)


def allocations(opened: Opened, teams: Mapping[str, str]) -> tuple[Held, ...]:
    """Who has, or had, the work, and why; latest first. `teams` are the pack's names."""
    found = []
    for held in reversed(opened.allocations.items):
        assignee = str(held.get("assignee") or "")
        rule = words.sentence(str(held.get("rule") or ""))
        found.append(
            Held(
                allocation_id=str(held["id"]),
                title=held.get("assignee_name") or words.said(teams, assignee),
                state=words.said(words.ALLOCATION_STATES, held["state"]),
                waits=held["state"] in ("assigned", "offered"),
                offered=held["state"] in ("assigned", "offered") and bool(held.get("worker_id")),
                taken=held["state"] == "accepted",
                why=str(held.get("reason") or f"Rule: {rule}"),
            )
        )
    return tuple(found)


def claim(opened: Opened, staff_id: UUID, now: datetime) -> Claim | None:
    """Who is reading it now; None where nobody is."""
    held = opened.case.data.get("claim")
    if not held:
        return None
    return Claim(
        mine=str(held.get("staff_id")) == str(staff_id),
        by=str(held.get("by") or words.said(words.ROLES, held.get("role"))),
        until=moment(_time(held["lapses_at"]), now) if held.get("lapses_at") else "",
    )


def to_countersign(opened: Opened) -> tuple[str, ...]:
    """For what of a decision a manager has to countersign it: its colour, its outcome."""
    waits = opened.case.data.get("awaiting_countersignature") or {}
    known = {**words.RAG, **words.OUTCOMES}
    return tuple(words.said(known, code) for code in waits.get("because", ()))


def messages(opened: Opened, now: datetime) -> tuple[Told, ...]:
    """What was sent to whom, and whether it arrived."""
    found = []
    for message in opened.messages.items:
        at = message.get("sent_at") or message.get("created_at") or message.get("updated_at")
        state = words.said(words.MESSAGE_STATES, message.get("state"))
        if message.get("told_at"):
            state = words.said(words.TOLD, message.get("told_how"))
        elif str(message.get("reason") or "").startswith("bounced_"):
            state = words.MESSAGE_STATES["bounced"]
        elif message.get("delivered_at"):
            state = words.MESSAGE_STATES["delivered"]
        note = " to ".join(filter(None, (state, words.said({}, message.get("audience")).lower())))
        kind = words.said(words.MESSAGES, message.get("kind"))
        kept = str(message.get("id") or "") if message.get("sent_at") else ""
        found.append(Told(kind, moment(_time(at), now) if at else "", note, kept))
    return tuple(found)


def decisions(opened: Opened, people: Sequence[Child]) -> tuple[Decision, ...]:
    """What people decided, latest first."""
    names = {child.child_id: child.called for child in people}
    return tuple(
        Decision(
            title=words.said(words.DECISIONS, made["kind"]),
            by=f"{made['by']}, {words.sentence(made['role']).lower()}",
            when=stamp(_time(made["decided_at"])),
            rag=made["rag"],
            children=tuple(
                (
                    names.get(str(child["child_id"]), ""),
                    child["rag"],
                    words.said(words.OUTCOMES, child["outcome"]),
                )
                for child in made.get("children") or ()
            ),
            rationale=made.get("rationale") or "",
            analysis=made.get("analysis") or "",
            clauses=tuple((clause["id"], clause["title"]) for clause in made.get("clauses") or ()),
            no_clause=made.get("no_clause_because") or "",
            lowered=words.said(words.LOWERED_BECAUSE, made.get("lowered_because")),
            actions=tuple(_action(action) for action in made.get("actions") or ()),
            countersigned=_countersigned(made.get("countersignature")),
            note=str((made.get("countersignature") or {}).get("note") or ""),
        )
        for made in reversed(opened.case.data.get("decisions", ()))
    )


def tellings(opened: Opened, now: datetime) -> tuple[Telling, ...]:
    """Whom of school and family somebody told, latest first."""
    found = []
    for one in opened.tellings.items:
        because = codes.NOT_TOLD_BECAUSE.get(one.get("not_because") or "")
        way = codes.TOLD_HOW.get(one.get("how") or "")
        note = (
            because.title
            if because
            else ", to ".join(filter(None, (way.title if way else "", one.get("to"))))
        )
        title = words.TOLD_WHOM.get((one["whom"], because is None), "")
        warning = (
            "Nobody made sure that it reached them safely."
            if one.get("safe_contact") is False
            else ""
        )
        when = moment(_time(one["at"]), now)
        found.append(Telling(title, note, one.get("words") or "", warning, when))
    return tuple(found)


def timeline(lines: Sequence[Line], now: datetime) -> tuple[Told, ...]:
    """What happened, latest first."""
    return tuple(
        Told(words.said(words.EVENTS, line.kind), moment(line.at, now), line_note(line, now))
        for line in lines
    )


def _action(action: Answer) -> tuple[str, str]:
    by = action.get("by")
    owner = str(action.get("owner") or "")
    return str(action.get("action") or ""), f"{owner}, by {day(by)}" if by else owner


def _countersigned(signature: Answer | None) -> str:
    if not signature:
        return ""
    did = "Countersigned" if signature["agreed"] else "Sent back to be decided again"
    return f"{did} by {signature['by']}, {stamp(_time(signature['at']))}"


def _counts(clock: Answer) -> bool:
    """Whether somebody still has to stop it: also one that has run out and was never stopped."""
    return clock["state"] in COUNTING and not clock.get("stopped_at")


def _runs(clock: Answer) -> bool:
    return _counts(clock) or clock["state"] == "paused"


def _clock_order(clock: Answer) -> tuple[bool, str]:
    return not _runs(clock), str(clock["due_at"])


WHY_ENDED = {
    "decided": "the referral was decided",
    "led": "somebody else leads now",
    "offered_to_another": "it was offered to another",
    "panel_concluded": "the panel has concluded",
}
"""Why somebody's work ended, where the code alone does not say it."""


def line_note(line: Line, now: datetime) -> str:
    """What a line of the timeline holds, in words."""
    said = line.codes
    about, reason = line.kind.split(".", 1)[0], str(said.get("reason") or "")
    notes = [
        *_rating_notes(said),
        *(words.said(words.OUTCOMES, outcome) for outcome in said.get("outcomes", ())),
        words.said(codes.AGENCIES, said.get("of")),
        words.said(words.CLOCKS, said.get("clock")),
        _milestone(said),
        f"due {moment(_time(said['due_at']), now)}" if said.get("due_at") else "",
        f"to {words.said(words.ASSIGNEES, said['to'])}" if said.get("to") else "",
        words.said(words.MESSAGES, said.get("kind")) if about == "message" else "",
        f"to {words.said({}, said['audience']).lower()}" if said.get("audience") else "",
        f"by {words.said(words.ROLES, said['role'])}" if said.get("role") else "",
        words.said(words.LOWERED_BECAUSE, said.get("lowered_because")).lower(),
        words.said(codes.AGENCIES, said.get("source_agency")),
        (WHY_ENDED.get(reason) if about == "allocation" else "") or words.sentence(reason).lower(),
        words.agreement(said.get("agreement"), withdrawn=bool(said.get("withdrawn"))),
    ]
    return ", ".join(note for note in notes if note)


def _milestone(said: Answer) -> str:
    """What was reached, and on which day where one is told."""
    title = words.said(words.MILESTONES, said.get("milestone"))
    because = codes.NOT_TOLD_BECAUSE.get(said.get("not_because") or "")
    if because:
        whom = "school" if said.get("milestone") == "school_told" else "family"
        return f"{words.TOLD_WHOM[whom, False]}: {because.title[0].lower()}{because.title[1:]}"
    return f"{title}, {day(said['on'])}" if title and said.get("on") else title


def _rating_notes(said: Answer) -> list[str]:
    """The colour, and beside it what was suggested or stood before, where that differs."""
    rag = said.get("rag")
    notes = [words.said(words.RAG, rag)]
    for what, title in (("previous", "before"), ("suggested", "suggested")):
        other = said.get(what)
        if other and other != rag:
            notes.append(f"{title}: {words.said(words.RAG, other)}")
    return notes


def _time(said: str | datetime) -> datetime:
    at = said if isinstance(said, datetime) else datetime.fromisoformat(said)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
