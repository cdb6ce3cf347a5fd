"""A row of the queue as it is shown: codes become words, times become what is left of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts import codes
from contracts.events import Rag
from policy.loading import PackSet
from policy.pack import Pack
from services.console import words
from services.console.domain import Assignment, ClockState, Row, Stage
from services.console.sessions import Session
from services.console.store.queue import Unprocessed
from services.console.times import Due, Pressure, due, moment

SHOWN_CONCERNS = 3


@dataclass(frozen=True, slots=True)
class RowView:
    """One row. `tone` colours its edge; `rag` may be `unread` or `waiting` beside the colours;
    `status` is empty for what simply waits for a decision; `same_incident`: another agency tells of
    the same one.
    """

    referral_id: UUID
    authority: str
    authority_name: str
    reference: str
    received: str
    agency: str
    rag: str
    rag_words: str
    rag_note: str
    tone: str
    urgent: str
    children: str
    concerns: tuple[str, ...]
    more_concerns: int
    locality: str
    due: Due | None
    due_for: str
    status: str
    status_tone: str
    status_note: str
    same_incident: bool = False

    @property
    def overdue(self) -> bool:
        """Whether its time has run out."""
        return self.due is not None and self.due.pressure is Pressure.OVERDUE


@dataclass(frozen=True, slots=True)
class Titles:
    """What is needed to put codes into words for one person at one time."""

    policy: PackSet
    session: Session
    now: datetime

    def row(self, row: Row) -> RowView:
        """A row that was processed as it should be."""
        clock = row.next_clock
        status, tone, note = self._status(row)
        return RowView(
            referral_id=row.referral_id,
            authority=row.authority,
            authority_name=self.authority(row.authority),
            reference=row.reference,
            received=moment(row.received_at, self.now),
            agency=words.said(codes.AGENCIES, row.source_agency),
            rag=row.rag or "waiting",
            rag_words=words.RAG[row.rag] if row.rag else "Not rated yet",
            rag_note=_rag_note(row),
            tone=row.rag or "red",
            urgent=_urgent(row),
            children=words.children(row.age_bands),
            concerns=tuple(
                words.said(codes.CONCERNS, code) for code in row.concerns[:SHOWN_CONCERNS]
            ),
            more_concerns=max(0, len(row.concerns) - SHOWN_CONCERNS),
            locality=self.locality(row.authority, row.locality),
            due=due(clock.due_at, self.now) if clock else None,
            due_for=words.said(words.CLOCKS, clock.name) if clock else _no_clock(row),
            status=status,
            status_tone=tone,
            status_note=note,
            same_incident=bool(row.incidents),
        )

    def unprocessed(self, unread: Unprocessed) -> RowView:
        """A referral that a person must read by hand: treated as Red, whatever is known of it."""
        row = unread.row
        return RowView(
            referral_id=unread.referral_id,
            authority=unread.authority,
            authority_name=self.authority(unread.authority),
            reference=row.reference if row else "Reference not read",
            received=moment(row.received_at if row else unread.since, self.now),
            agency=words.said(codes.AGENCIES, row.source_agency) if row else "",
            rag="unread",
            rag_words="Treat as Red",
            rag_note="Not processed",
            tone="unprocessed",
            urgent="",
            children=words.children(row.age_bands) if row else "",
            concerns=("Not processed: read by hand",),
            more_concerns=0,
            locality=self.locality(row.authority, row.locality) if row else "",
            due=None,
            due_for="Now",
            status="Not processed",
            status_tone="red",
            status_note=f"Since {moment(unread.since, self.now)}",
        )

    def pack(self, authority: str) -> Pack | None:
        """The authority's pack in force, None for an authority that has none here."""
        try:
            return self.policy.current(authority, self.now.date())
        except KeyError:
            return None

    def authority(self, authority: str) -> str:
        """The authority's own name."""
        pack = self.pack(authority)
        return pack.name if pack else words.place(authority)

    def others(self, authority: str) -> tuple[tuple[str, str], ...]:
        """The other authorities of this installation as choices: code and name."""
        found = [(one, self.authority(one)) for one in self.policy.authorities if one != authority]
        return tuple(sorted(found, key=lambda choice: choice[1]))

    def authorities(self) -> list[tuple[str, str]]:
        """The person's authorities as choices: code and name."""
        return [(authority, self.authority(authority)) for authority in self.session.authorities]

    def locality(self, authority: str, locality: str | None) -> str:
        """The locality's name in the authority's pack."""
        return _localities(self.pack(authority)).get(locality or "", words.said({}, locality))

    def team(self, authority: str, team: str) -> str:
        """The team's name in the authority's pack."""
        pack = self.pack(authority)
        known = pack.allocation.teams.get(team) if pack else None
        return known.name if known else words.sentence(team)

    def localities(self, authorities: Sequence[str]) -> list[tuple[str, str]]:
        """The localities of some authorities as choices: code and name."""
        found: dict[str, str] = {}
        for authority in authorities:
            found |= _localities(self.pack(authority))
        return sorted(found.items(), key=lambda choice: choice[1])

    def _status(self, row: Row) -> tuple[str, str, str]:
        if row.stage is Stage.WITHDRAWN:
            return "Withdrawn", "grey", ""
        if row.stage is Stage.DECIDED:
            outcome = ", ".join(words.said(words.OUTCOMES, each) for each in row.outcomes)
            if row.to_countersign:
                return "To countersign", "orange", outcome
            if row.raised:
                return "Look again", "orange", "New information suggests more"
            return outcome or "Decided", "blue", _held(row.assignments)
        if row.withdrawal_asked:
            return "Withdrawal asked", "purple", self._claimed(row)
        if row.claimed_by:
            return "Claimed", "blue", self._claimed(row)
        return "", "", _held(row.assignments) or "Unclaimed"

    def _claimed(self, row: Row) -> str:
        if not row.claimed_by:
            return "Unclaimed"
        if row.claimed_by == self.session.staff_id:
            return "By you"
        return f"By {words.said(words.ROLES, row.claimed_role)}"


def _localities(pack: Pack | None) -> dict[str, str]:
    if pack is None or pack.allocation is None:
        return {}
    return {code: locality.name for code, locality in pack.allocation.localities.items()}


def _rag_note(row: Row) -> str:
    if row.rag is None:
        return "Treated as Red"
    if row.stage is Stage.TO_DECIDE:
        return "Suggested"
    return "Decided" if row.stage is Stage.DECIDED else ""


def _urgent(row: Row) -> str:
    if row.stage is not Stage.TO_DECIDE:
        return ""
    if row.immediate_danger:
        return "Immediate danger"
    return words.URGENCY[row.urgency] if row.urgency and row.urgency != "standard" else ""


def _no_clock(row: Row) -> str:
    paused = any(clock.state is ClockState.PAUSED for clock in row.clocks)
    return "Paused" if paused else ("" if row.rag in (None, Rag.RED) else "No clock running")


def _held(assignments: Sequence[Assignment]) -> str:
    if not assignments:
        return ""
    held = assignments[-1]
    to = words.said(words.ASSIGNEES, held.kind)
    return f"Accepted by {to}" if held.accepted else f"With {to}, not accepted yet"
