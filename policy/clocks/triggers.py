"""What starts and stops clocks: an event's name, and tags that must all be true of it.

`triage.rated:red` is a suggested Red; `triage.decided:early_help_assessment` a decision with that
outcome for some child. Only tags that the event can carry are accepted: a clock whose stop is
misspelt would never stop.
"""

from collections.abc import Mapping
from functools import cache
from typing import Annotated

from pydantic import AfterValidator

from contracts.codes import AGENCIES
from contracts.events import AssigneeKind, Duty, Outcome, Rag
from contracts.registry import event_names

# What a case reaches, as case.milestone_recorded names it. The last five come back from the
# council's case system.
MILESTONES = frozenset(
    {
        "first_contact",
        "assessment",
        "plan",
        "review",
        "strategy_discussion",
        "no_conference",
        "conference",
        "social_work_assessment",
        "private_fostering_visit",
    }
)
MESSAGES = frozenset(
    {
        "acknowledgement",
        "information_wanted",
        "decision",
        "rerating",
        "allocation",
        "panel_outcome",
        "closure",
        "continuation",
        "delay_apology",
        "disagreement",
    }
)
# `agency` is any that has no clock of its own.
ASKED = frozenset({"agency", "referrer", *AGENCIES})
STAGES = frozenset(f"stage_{number}" for number in range(1, 10))

_RAGS = frozenset(map(str, Rag))
_DECIDED = _RAGS | frozenset(map(str, Outcome)) | frozenset(map(str, Duty))
_ALLOCATED = _RAGS | frozenset(map(str, AssigneeKind))
_TAGS: Mapping[str, frozenset[str]] = {
    "triage.rated": _RAGS,
    "triage.rerated": _RAGS,
    "triage.decided": _DECIDED | {"to_countersign"},
    "triage.information_requested": ASKED | _RAGS,
    "triage.information_received": ASKED | _RAGS,
    "triage.information_withdrawn": ASKED | _RAGS,
    # `immediate`: a child is said to be at immediate risk.
    "disagreement.raised": STAGES | _RAGS | {"immediate"},
    "disagreement.answered": STAGES | _RAGS,
    "disagreement.escalated": STAGES | _RAGS | {"immediate"},
    "disagreement.resolved": STAGES | _RAGS,
    "allocation.offered": _ALLOCATED,
    "allocation.assigned": _ALLOCATED,
    "allocation.accepted": _ALLOCATED,
    "allocation.declined": _ALLOCATED,
    "allocation.ended": _ALLOCATED,
    "case.milestone_recorded": MILESTONES,
    "message.queued": MESSAGES,
    "message.sent": MESSAGES,
    "message.delivered": MESSAGES,
}


def parts(trigger: str) -> tuple[str, frozenset[str]]:
    """A trigger's event and its tags."""
    event, *tags = trigger.split(":")
    return event, frozenset(tags)


@cache
def _events() -> frozenset[str]:
    return frozenset(name for name in event_names() if not name.startswith("clock."))


def _known(trigger: str) -> str:
    event, tags = parts(trigger)
    if event not in _events():
        raise ValueError(f"there is no event {event!r} that could start or stop a clock")
    for tag in sorted(tags - _TAGS.get(event, frozenset())):
        raise ValueError(f"{event} never carries {tag!r}")
    return trigger


Trigger = Annotated[str, AfterValidator(_known)]
