"""What allocation says of work and cases."""

from datetime import date, datetime
from uuid import UUID

from contracts.envelope import EventData
from contracts.events.values import AssigneeKind, Rag


class AllocationMade(EventData):
    """The shape of allocation.offered and allocation.assigned. `assignee` is a team's code in the
    pack or a worker's id; `rule` is the pack's rule that chose it."""

    allocation_id: UUID
    kind: AssigneeKind
    assignee: str
    rule: str
    children: tuple[UUID, ...] = ()
    rag: Rag
    urgent: bool = False


class AllocationOffered(AllocationMade):
    """Work was offered; a person has yet to accept it."""


class AllocationAssigned(AllocationMade):
    """Work was given to a team, a worker or a panel."""


class AllocationAccepted(EventData):
    allocation_id: UUID
    staff_id: UUID
    accepted_at: datetime


class AllocationDeclined(EventData):
    allocation_id: UUID
    staff_id: UUID
    reason: str


class AllocationEnded(EventData):
    allocation_id: UUID
    reason: str


class PanelListed(EventData):
    panel_id: str
    meeting_on: date
    thematic: bool = False
    item_id: UUID | None = None


class PanelConcluded(EventData):
    panel_id: str
    meeting_on: date
    outcome: str
    item_id: UUID | None = None


class CaseMilestoneRecorded(EventData):
    """`not_because`: somebody was to be told and is not told, for this reason (a code of
    contracts.codes.NOT_TOLD_BECAUSE); that settles it. `action_id`: what an agency is asked to do, where
    it is about that."""

    milestone: str
    on: date
    scores: tuple[int, ...] = ()
    child_ids: tuple[UUID, ...] = ()
    not_because: str | None = None
    action_id: UUID | None = None


class CaseSteppedUp(EventData):
    reason: str
    planned: bool = False


class CaseSteppedDown(EventData):
    reason: str


class CaseClosed(EventData):
    reason: str
