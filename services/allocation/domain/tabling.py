"""What a panel has of a case, and what agencies are asked to do: an item of an agenda, what was
agreed, and who does what by when."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class ItemState(StrEnum):
    LISTED = "listed"
    CONCLUDED = "concluded"
    DEFERRED = "deferred"


class PanelOutcome(StrEnum):
    """What a panel concludes."""

    SUPPORT_AGREED = "support_agreed"
    LEAD_AGREED = "lead_agreed"
    STEP_UP = "step_up"
    NO_FURTHER_HELP = "no_further_help"
    THEME_NOTED = "theme_noted"
    DEFERRED = "deferred"


class ActionState(StrEnum):
    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Action:
    """What an agency was asked to do by a day in England. Its words are a note about it. `owner` is
    the kind of agency; `worker_id` who there was asked, and answers; `kind` a code of
    contracts.codes.HELP. A panel may leave both open."""

    action_id: UUID
    owner: str
    by: date
    state: ActionState
    answered_at: datetime | None = None
    worker_id: UUID | None = None
    kind: str | None = None
    asked_at: datetime | None = None

    @classmethod
    def asked(
        cls,
        action_id: UUID,
        agency: str,
        kind: str,
        by: date,
        worker_id: UUID | None,
        now: datetime,
    ) -> "Action":
        """Somebody was asked for it at `now`, and has yet to answer."""
        return cls(
            action_id,
            agency,
            by,
            ActionState.ASKED,
            worker_id=worker_id,
            kind=kind,
            asked_at=now,
        )


@dataclass(frozen=True, slots=True)
class Item:
    """One item at one meeting of a panel. `thematic`: without the family's agreement the panel
    hears the theme and no names."""

    item_id: UUID
    allocation_id: UUID
    panel: str
    meeting_on: date
    thematic: bool
    state: ItemState
    listed_at: datetime
    outcome: PanelOutcome | None = None
    concluded_at: datetime | None = None
    actions: tuple[Action, ...] = ()
