"""Folding events into a row and its timeline."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import DomainError
from contracts.envelope import TYPE_PREFIX, Event, EventData
from contracts.events import (
    AllocationAccepted,
    AllocationDeclined,
    AllocationEnded,
    AllocationMade,
    ClockBreached,
    ClockEvent,
    ClockPaused,
    InformationReceived,
    InformationRequested,
    ReferralSubmitted,
    TriageClaimed,
    TriageCountersigned,
    TriageDecided,
    TriageRated,
    TriageReleased,
    TriageRerated,
    TriageReturned,
    WithdrawalContinued,
)
from policy.loading import PackSet
from policy.working_time import is_open
from services.console.domain.row import (
    Assignment,
    ClockState,
    Codes,
    Entry,
    OpenClock,
    Row,
    Stage,
)


def on_submitted(
    state: Row | None, event: Event[ReferralSubmitted], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row] | None:
    """A new referral waits for a decision from the first second, before it is rated."""
    del ids, now
    if state is not None or event.data.historic:
        return None
    facts = event.data
    row = Row(
        referral_id=event.subject,
        authority=event.authority,
        reference=facts.reference,
        received_at=facts.received_at,
        stage=Stage.TO_DECIDE,
        rag=None,
        suggested=None,
        urgency=None,
        age_bands=tuple(child.age_band.value for child in facts.children),
        concerns=tuple(dict.fromkeys(concern.code for concern in facts.concerns)),
        source_agency=facts.source_agency,
        locality=facts.locality,
        immediate_danger=facts.immediate_danger,
        restricted=facts.restricted,
        agreement=facts.agreement.value,
        out_of_hours=_closed(policy, event),
    )
    codes = {"source_agency": facts.source_agency, "children": len(facts.children)}
    return _noted(row, event, codes, at=facts.received_at)


def on_updated(
    state: Row | None, event: Event[Any], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row]:
    """Further information came: its concerns join those that the queue shows."""
    del policy, ids, now
    row, update = _known(state), event.data
    concerns = (*row.concerns, *(concern.code for concern in update.concerns))
    return _noted(
        row,
        event,
        {"version": update.version},
        at=update.received_at,
        concerns=tuple(dict.fromkeys(concerns)),
        immediate_danger=row.immediate_danger or update.immediate_danger,
        agreement=update.agreement.value if update.agreement else row.agreement,
    )


def on_rated(
    state: Row | None, event: Event[TriageRated], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row]:
    """The rules suggest. Once people have decided, their colour is the one that is shown."""
    del policy, ids, now
    row, rated = _known(state), event.data
    waiting = row.stage is Stage.TO_DECIDE
    return _noted(
        row,
        event,
        {"rag": rated.rag, "urgency": rated.urgency, "raised_from": rated.raised_from},
        rag=rated.rag if waiting else row.rag,
        raised=row.raised or (rated.raised_from is not None and not waiting),
        suggested=rated.rag,
        urgency=rated.urgency,
        locality=rated.locality or row.locality,
    )


def on_information_requested(
    state: Row | None,
    event: Event[InformationRequested],
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Row]:
    """The hub asked an agency, or the referrer, for something."""
    del policy, ids, now
    row, asked = _known(state), event.data
    codes = {"of": asked.of, "due_at": asked.by}
    others = tuple(one for one in row.asked if one != asked.request_id)
    return _noted(row, event, codes, asked=(*others, asked.request_id))


def on_information_received(
    state: Row | None,
    event: Event[InformationReceived],
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Row]:
    """What the hub had asked for came."""
    del policy, ids, now
    row, came = _known(state), event.data
    left = tuple(one for one in row.asked if one != came.request_id)
    return _noted(row, event, {"of": came.of}, asked=left)


def on_claimed(
    state: Row | None, event: Event[TriageClaimed], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row]:
    """Somebody works on it."""
    del policy, ids, now
    claim = event.data
    return _noted(
        _known(state),
        event,
        {"role": claim.role},
        claimed_by=claim.staff_id,
        claimed_role=claim.role,
        claim_lapses_at=claim.lapses_at,
    )


def on_released(
    state: Row | None, event: Event[TriageReleased], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row]:
    """Nobody works on it any more."""
    del policy, ids, now
    codes = {"role": event.data.role, "lapsed": event.data.lapsed}
    return _noted(_known(state), event, codes, **UNCLAIMED)


def on_decided(
    state: Row | None, event: Event[TriageDecided], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row]:
    """A practitioner decided: the referral leaves the list of what is to decide."""
    del policy, ids, now
    decided = event.data
    outcomes = tuple(dict.fromkeys(child.outcome.value for child in decided.children))
    codes = {
        "rag": decided.rag,
        "suggested": decided.suggested,
        "outcomes": outcomes,
        "role": decided.role,
        "clauses": decided.clauses,
        "lowered_because": decided.lowered_because,
        "to_countersign": decided.to_countersign or None,
    }
    return _noted(
        _known(state),
        event,
        codes,
        at=decided.decided_at,
        stage=Stage.DECIDED,
        rag=decided.rag,
        outcomes=outcomes,
        withdrawal_asked=False,
        **UNCLAIMED,
    )


def on_countersigned(
    state: Row | None, event: Event[TriageCountersigned], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row]:
    """A manager agrees with what was decided."""
    del policy, ids, now
    signed = event.data
    return _noted(_known(state), event, {"role": signed.role}, at=signed.countersigned_at)


def on_returned(
    state: Row | None, event: Event[TriageReturned], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row]:
    """A decision is undone: the referral is to be decided again."""
    del policy, ids, now
    undone = event.data
    return _noted(
        _known(state),
        event,
        {"role": undone.role, "reason": undone.reason, "rag": undone.rag},
        at=undone.returned_at,
        stage=Stage.TO_DECIDE,
        rag=undone.rag,
        outcomes=(),
    )


def on_rerated(
    state: Row | None, event: Event[TriageRerated], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row]:
    """A later rating, or the record that the colour was looked at again and stands."""
    del policy, ids, now
    rated = event.data
    codes = {
        "rag": rated.rag,
        "previous": rated.previous,
        "role": rated.role,
        "lowered_because": rated.lowered_because,
    }
    return _noted(_known(state), event, codes, at=rated.rated_at, rag=rated.rag, raised=False)


def on_withdrawal_asked(
    state: Row | None, event: Event[Any], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row]:
    """The referrer asks to withdraw. It stays where it is until a practitioner concludes."""
    del policy, ids, now
    row = _known(state)
    asked = row.stage is Stage.TO_DECIDE
    codes = {"reason": event.data.reason}
    return _noted(row, event, codes, at=event.data.requested_at, withdrawal_asked=asked)


def on_withdrawn(
    state: Row | None, event: Event[Any], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row]:
    """A practitioner closed a referral that its referrer asked to withdraw."""
    del policy, ids, now
    return _noted(
        _known(state),
        event,
        {"role": event.data.role},
        at=event.data.concluded_at,
        stage=Stage.WITHDRAWN,
        withdrawal_asked=False,
        **UNCLAIMED,
    )


def on_withdrawal_continued(
    state: Row | None, event: Event[WithdrawalContinued], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row]:
    """A practitioner read the request to withdraw, and the referral goes on."""
    del policy, ids, now
    concluded = event.data
    codes = {"role": concluded.role, "reason": concluded.reason}
    return _noted(_known(state), event, codes, at=concluded.concluded_at, withdrawal_asked=False)


def on_allocated(
    state: Row | None, event: Event[AllocationMade], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row]:
    """Work was offered, or given, to a team, a worker or a panel."""
    del policy, ids, now
    row, made = _known(state), event.data
    others = tuple(held for held in row.assignments if held.allocation_id != made.allocation_id)
    assignment = Assignment(made.allocation_id, made.kind.value, made.assignee)
    codes = {"to": made.kind, "assignee": made.assignee, "rule": made.rule}
    return _noted(row, event, codes, assignments=(*others, assignment))


def on_accepted(
    state: Row | None, event: Event[AllocationAccepted], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row]:
    """A person took the work on."""
    del policy, ids, now
    row = _known(state)
    assignments = tuple(
        replace(held, accepted=True) if held.allocation_id == event.data.allocation_id else held
        for held in row.assignments
    )
    return _noted(row, event, {}, at=event.data.accepted_at, assignments=assignments)


def on_unallocated(
    state: Row | None,
    event: Event[AllocationDeclined | AllocationEnded],
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Row]:
    """The work came back, or is over."""
    del policy, ids, now
    row = _known(state)
    left = tuple(held for held in row.assignments if held.allocation_id != event.data.allocation_id)
    return _noted(row, event, {"reason": event.data.reason}, assignments=left)


def on_clock_counting(
    state: Row | None, event: Event[ClockEvent], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row]:
    """A clock started, paused, went on, warned, ran out or got another due time."""
    del policy, ids, now
    row, clock = _known(state), event.data
    running = ClockState.RUNNING
    if isinstance(clock, ClockPaused):
        running = ClockState.PAUSED
    elif isinstance(clock, ClockBreached) or _breached(row, clock.clock_id):
        running = ClockState.BREACHED
    open_clock = OpenClock(clock.clock_id, clock.name, clock.due_at, running)
    clocks = (*_other_clocks(row, clock.clock_id), open_clock)
    return _noted(row, event, {"clock": clock.name, "due_at": clock.due_at}, clocks=clocks)


def on_clock_over(
    state: Row | None, event: Event[ClockEvent], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row]:
    """A clock was met or cancelled."""
    del policy, ids, now
    row, clock = _known(state), event.data
    clocks = _other_clocks(row, clock.clock_id)
    return _noted(row, event, {"clock": clock.name, "due_at": clock.due_at}, clocks=clocks)


def on_told(
    state: Row | None, event: Event[EventData], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row]:
    """What only the timeline shows: messages, information asked for, panels, milestones."""
    del policy, ids, now
    codes = {
        name: value
        for name, value in event.data.model_dump(mode="json").items()
        if name in SHOWN and value is not None
    }
    return _noted(_known(state), event, codes)


UNCLAIMED = {"claimed_by": None, "claimed_role": None, "claim_lapses_at": None}

# Fields of events that a timeline may show as they are. All are codes, numbers or times.
SHOWN = frozenset(
    {
        "kind", "channel", "audience", "attempt", "of", "by", "stage", "outcome", "panel_id",
        "meeting_on", "milestone", "on", "not_because", "how", "to_authority", "state", "reason",
        "agreement", "withdrawn",
    }
)  # fmt: skip


def _closed(policy: PackSet, event: Event[ReferralSubmitted]) -> bool:
    """Whether the hub was closed when it came. A pack that isn't here says nothing: the referral
    stands in the list of what is to decide either way."""
    try:
        pack = policy.version(event.authority, event.data.pack_version)
    except KeyError:
        return False
    return not is_open(pack.calendar, event.data.received_at)


def _known(state: Row | None) -> Row:
    if state is None:
        raise DomainError("unknown_referral", "This referral's first event has not been seen.")
    return state


def _breached(row: Row, clock_id: UUID) -> bool:
    return any(
        clock.clock_id == clock_id and clock.state is ClockState.BREACHED for clock in row.clocks
    )


def _other_clocks(row: Row, clock_id: UUID) -> tuple[OpenClock, ...]:
    return tuple(clock for clock in row.clocks if clock.clock_id != clock_id)


def _noted(
    row: Row, event: Event[Any], codes: Codes, *, at: datetime | None = None, **changes: Any
) -> Change[Row]:
    """`row` with `changes` and a line for `event`, in one copy: there is one for every event."""
    number = row.number + 1
    kind = event.type.removeprefix(TYPE_PREFIX).rsplit(".", 1)[0]
    entry = Entry(event.id, number, at or event.time, kind, codes)
    return Change(row.changed(**changes, number=number, added=(*row.added, entry)))
