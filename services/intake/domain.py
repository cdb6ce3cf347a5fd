"""What intake decides: what a received referral says to the house, and what its referrer may see.

Pure: no input or output, no clock, no random. Names and stories pass through in `Received.form`,
on their way to the vault; no event holds one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import DomainError, NotFound
from contracts.envelope import Event
from contracts.events import (
    AllocationAccepted,
    AllocationAssigned,
    AssigneeKind,
    CaseClosed,
    ChildDecision,
    ContinuedBecause,
    KnownElsewhere,
    Rag,
    ReferralSubmitted,
    TriageCountersigned,
    TriageDecided,
    TriageRerated,
    TriageWithdrawn,
    WithdrawalContinued,
)
from policy.loading import PackSet
from policy.matching import State
from services.intake.attachments.file import File
from services.intake.calls.call import Call
from services.intake.incidents.incident import Incident
from services.intake.people.keys import PersonKey
from services.intake.people.matches import Match, Role


class Stage(StrEnum):
    """Where a referral stands, in the referrer's eyes."""

    RECEIVED = "received"
    DECIDED = "decided"
    ALLOCATED = "allocated"
    WITHDRAWN = "withdrawn"


HAS_WORKERS = frozenset({AssigneeKind.TEAM, AssigneeKind.PANEL})
"""Who has a mailbox by its code, and workers who take the work on."""


@dataclass(frozen=True, slots=True)
class PublicClock:
    """A clock as the referrer sees it."""

    clock_id: UUID
    name: str
    state: str
    started_at: datetime
    due_at: datetime
    explanation: str


@dataclass(frozen=True, slots=True)
class SealedLater:
    """Words to seal when the case is saved: a form, or further information."""

    text_id: UUID
    kind: str
    received_at: datetime
    content: str


@dataclass(frozen=True, slots=True)
class Case:
    """One referral as intake keeps it: whose it is, and what its referrer may be told. `team` is the
    team or panel that had the work last, a worker of which may be the `assignee` now."""

    referral_id: UUID
    authority: str
    reference: str
    organisation_id: UUID
    client_id: str
    received_at: datetime
    pack_version: str
    source_agency: str
    stage: Stage
    version: int
    rag: Rag | None = None
    decision_id: UUID | None = None
    decided_at: datetime | None = None
    outcomes: tuple[ChildDecision, ...] = ()
    allocated_to: AssigneeKind | None = None
    assignee: str | None = None
    team: str | None = None
    withdrawal_requested_at: datetime | None = None
    withdrawal_continued_at: datetime | None = None
    withdrawal_continued_because: ContinuedBecause | None = None
    clocks: tuple[PublicClock, ...] = ()
    matches: tuple[Match, ...] = ()
    incidents: tuple[Incident, ...] = ()
    updated_at: datetime | None = None
    your_reference: bytes | None = None
    historic: bool = False
    was_draft: bool = False
    call: Call | None = None
    files: tuple[File, ...] = ()
    added: tuple[SealedLater, ...] = ()
    keys: tuple[PersonKey, ...] = ()
    corrected: tuple[UUID, ...] = ()
    closed_at: datetime | None = None
    history: tuple[KnownElsewhere, ...] = ()


# --- commands --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Submission:
    """A form that was read, and what was found about it."""

    referral_id: UUID
    authority: str
    reference: str
    organisation_id: UUID
    client_id: str
    facts: Mapping[str, Any]
    pack_version: str
    form: str
    keys: tuple[PersonKey, ...]
    your_reference: bytes | None
    answer: Mapping[str, Any]
    was_draft: bool = False
    historic_at: datetime | None = None
    call: Call | None = None


def submit(
    state: Case | None, command: Submission, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Receive a referral. Its clocks run from `now`; a historic one has none."""
    del policy
    if state is not None:
        raise DomainError("already_received", "This referral was received before.")
    received_at = command.historic_at or now
    event = ReferralSubmitted(
        reference=command.reference,
        received_at=received_at,
        pack_version=command.pack_version,
        organisation_id=command.organisation_id,
        historic=command.historic_at is not None,
        telephoned=command.call is not None and command.call.channel == "telephone",
        **command.facts,
    )
    case = Case(
        referral_id=command.referral_id,
        authority=command.authority,
        reference=command.reference,
        organisation_id=command.organisation_id,
        client_id=command.client_id,
        received_at=received_at,
        pack_version=command.pack_version,
        source_agency=event.source_agency,
        stage=Stage.RECEIVED,
        version=1,
        updated_at=now,
        your_reference=command.your_reference,
        historic=command.historic_at is not None,
        was_draft=command.was_draft,
        call=command.call,
        added=(SealedLater(ids(), "form", received_at, command.form),),
        keys=command.keys,
        matches=tuple(
            Match(
                person_id=link.child_id,
                role=Role.CHILD,
                other_referral_id=link.earlier_referral_id,
                other_person_id=link.earlier_child_id,
                other_received_at=link.earlier_received_at,
                state=State.LINKED,
                how=link.key,
            )
            for link in event.links
        ),
    )
    return Change(case, (event,)), {
        "id": case.referral_id,
        "reference": case.reference,
        "status": case.stage,
        "received_at": received_at,
        **command.answer,
    }


def live(state: Case | None) -> Case:
    """A case that can be added to. Raises NotFound, DomainError for a historic one."""
    case = known(state)
    if case.historic:
        raise DomainError(
            "historic_referral",
            "This referral was carried over from an earlier system. Send a new one.",
        )
    return case


def known(state: Case | None) -> Case:
    if state is None:
        raise NotFound("referral_not_found", "There is no such referral.")
    return state


# --- events: what the referrer may be told ---------------------------------------------------


def on_decided(
    state: Case | None,
    event: Event[TriageDecided | TriageCountersigned],
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Case] | None:
    """What was decided is shown once it may be told: some of it when it is countersigned."""
    del policy, ids
    decided = event.data
    if isinstance(decided, TriageDecided) and decided.to_countersign:
        return None
    return Change(
        replace(
            known(state),
            stage=Stage.DECIDED,
            rag=decided.rag,
            decision_id=decided.decision_id,
            decided_at=decided.decided_at,
            outcomes=decided.children,
            closed_at=None,
            updated_at=now,
        )
    )


def on_rerated(
    state: Case | None, event: Event[TriageRerated], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """A colour is shown once somebody decided; before that a rating is the hub's own."""
    del policy, ids
    case = known(state)
    if case.decided_at is None:
        return None
    return Change(replace(case, rag=event.data.rag, updated_at=now))


def on_withdrawn(
    state: Case | None, event: Event[TriageWithdrawn], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    del event, policy, ids
    return Change(replace(known(state), stage=Stage.WITHDRAWN, updated_at=now))


def on_withdrawal_continued(
    state: Case | None, event: Event[WithdrawalContinued], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    """The request was read, and the referral goes on: the referrer may ask again."""
    del policy, ids
    return Change(
        replace(
            known(state),
            withdrawal_requested_at=None,
            withdrawal_continued_at=event.data.concluded_at,
            withdrawal_continued_because=event.data.reason,
            updated_at=now,
        )
    )


def on_assigned(
    state: Case | None, event: Event[AllocationAssigned], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Who takes it on, once it is decided. That Red went to duty before is the hub's own."""
    del policy, ids
    case = known(state)
    if case.decided_at is None:
        return None
    return Change(
        replace(
            case,
            stage=Stage.ALLOCATED,
            allocated_to=event.data.kind,
            assignee=event.data.assignee,
            team=event.data.assignee if event.data.kind in HAS_WORKERS else case.team,
            updated_at=now,
        )
    )


def on_accepted(
    state: Case | None, event: Event[AllocationAccepted], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    del event, policy, ids
    case = known(state)
    if case.decided_at is None or case.stage is Stage.ALLOCATED:
        return None
    return Change(replace(case, stage=Stage.ALLOCATED, updated_at=now))


def on_case_closed(
    state: Case | None, event: Event[CaseClosed], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """The work has ended: the family's story says so, and the referrer is told by others."""
    del policy, ids, now
    return Change(replace(known(state), closed_at=event.time))
