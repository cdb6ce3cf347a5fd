"""What starts and stops clocks: an event's name, and tags that must all be true of it.

`triage.rated:red` is a suggested Red; `triage.decided:early_help_assessment` a decision with that
outcome for some child. Only tags that the event can carry are accepted: a clock whose stop is
misspelt would never stop.

Which tags those are stands in the event's own shape: its codes, its stage, the flags that are set.
So an event type that is new to the house can start and stop clocks as soon as it is registered.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import AfterValidator

from contracts.codes import AGENCIES
from contracts.envelope import TYPE_PREFIX, EventData
from contracts.events import AssigneeKind, DiscussionKind, Duty, Enquiry, Outcome, Rag
from contracts.registry import event_types, type_of
from policy.working_time import LONDON

# What a case reaches, as case.milestone_recorded names it. The last six come back from the
# council's case system.
MILESTONES = frozenset(
    {
        "first_contact",
        "family_told",
        "school_told",
        "assessment",
        "plan",
        "review",
        "action_asked",
        "action_accepted",
        "action_declined",
        "action_done",
        "handed_over",
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
_KINDS = frozenset(map(str, AssigneeKind))
# What a fold adds to an event beside the colour of the case: each child's outcome and duties, and
# to whom an allocation had been made.
_ADDED: Mapping[str, frozenset[str]] = {
    "triage.decided": frozenset(map(str, Outcome)) | frozenset(map(str, Duty)) | {"to_countersign"},
    "triage.discussion_recorded": frozenset(map(str, DiscussionKind))
    | frozenset(map(str, Enquiry))
    | {"section_47"},
    # A child is said to be at immediate risk.
    "disagreement.raised": frozenset({"immediate"}),
    "disagreement.escalated": frozenset({"immediate"}),
    "allocation.accepted": _KINDS,
    "allocation.declined": _KINDS,
    "allocation.ended": _KINDS,
}
# Fields that are plain text in their event, and what may stand in them. The number of a stage is
# `stage_2`.
_WORDS: Mapping[str, frozenset[str]] = {
    "of": ASKED,
    "stage": STAGES,
    "milestone": MILESTONES,
    "kind": MESSAGES,
}
# Where an event says itself when what it tells of happened, rather than when it was recorded.
_MOMENTS = (
    "decided_at",
    "rated_at",
    "concluded_at",
    "accepted_at",
    "sent_at",
    "held_at",
    "happened_at",
)


def parts(trigger: str) -> tuple[str, frozenset[str]]:
    """A trigger's event and its tags."""
    event, *tags = trigger.split(":")
    return event, frozenset(tags)


def trigger_of(data: EventData) -> str:
    """An event as a trigger: its name, and every tag that it carries itself."""
    name = _short(type_of(type(data)).name)
    tags: set[str] = set()
    for field in type(data).model_fields:
        tags.update(_tags(field, getattr(data, field)))
    return ":".join((name, *sorted(tags & _carried(name))))


def subjects_of(data: EventData) -> Mapping[str, UUID]:
    """What an event is about, by the names of its fields: a request, an allocation, a child."""
    found = {field: getattr(data, field) for field in type(data).model_fields}
    return {field: value for field, value in found.items() if isinstance(value, UUID)}


def children_of(data: EventData) -> tuple[UUID, ...] | None:
    """The children whom an event names, if it names any: the others are not its business."""
    one = getattr(data, "child_id", None)
    if one is not None:
        return (one,)
    named = getattr(data, "child_ids", None) or getattr(data, "children", None) or ()
    found = (each if isinstance(each, UUID) else getattr(each, "child_id", None) for each in named)
    return tuple(each for each in found if each is not None) or None


def moment_of(data: EventData, recorded_at: datetime) -> datetime:
    """When what an event tells of happened: as it says itself, else when it was recorded, and
    never later than that. Of a day that has passed, its last minute in London."""
    for field in _MOMENTS:
        said = getattr(data, field, None)
        if isinstance(said, datetime):
            return min(said, recorded_at)
    day = getattr(data, "on", None)
    if isinstance(day, date) and day < recorded_at.astimezone(LONDON).date():
        return datetime.combine(day, time(23, 59), LONDON).astimezone(UTC)
    return recorded_at


def carries(trigger: str, field: str) -> bool:
    """Whether the event of a trigger has a field."""
    return field in _events()[parts(trigger)[0]].model_fields


def events_named(triggers: Iterable[str]) -> frozenset[type[EventData]]:
    """The payloads of the events that triggers name."""
    return frozenset(_events()[parts(each)[0]] for each in triggers)


def _tags(field: str, value: Any) -> Iterator[str]:
    if isinstance(value, tuple):
        for each in value:
            yield from _tags(field, each)
    elif isinstance(value, bool):
        if value:
            yield field
    elif isinstance(value, Rag):
        return
    elif field == "of" and isinstance(value, str):
        yield value if value in ASKED else "agency"
    elif field == "stage" and isinstance(value, int):
        yield f"stage_{value}"
    elif isinstance(value, str):
        yield str(value)


def _short(name: str) -> str:
    return name.removeprefix(TYPE_PREFIX).rpartition(".")[0]


@cache
def _events() -> Mapping[str, type[EventData]]:
    known = {_short(each.type): each.data for each in event_types().values()}
    return {name: data for name, data in known.items() if not name.startswith("clock.")}


@cache
def _carried(event: str) -> frozenset[str]:
    """Every tag that an event can carry. The colour is the case's, so every event has it."""
    found = set(_ADDED.get(event, frozenset()) | _RAGS)
    for field, known in _events()[event].model_fields.items():
        found |= _possible(field, known.annotation)
    return frozenset(found)


def _possible(field: str, annotation: Any) -> frozenset[str]:
    if annotation is bool:
        return frozenset({field})
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return frozenset() if annotation is Rag else frozenset(map(str, annotation))
    if get_origin(annotation) is Literal:
        return frozenset(each for each in get_args(annotation) if isinstance(each, str))
    if get_origin(annotation) in {tuple, Union, UnionType}:
        return frozenset().union(*(_possible(field, each) for each in get_args(annotation)))
    return _WORDS.get(field, frozenset()) if annotation in {str, int} else frozenset()


def _known(trigger: str) -> str:
    event, tags = parts(trigger)
    if event not in _events():
        raise ValueError(f"there is no event {event!r} that could start or stop a clock")
    for tag in sorted(tags - _carried(event)):
        raise ValueError(f"{event} never carries {tag!r}")
    return trigger


Trigger = Annotated[str, AfterValidator(_known)]
