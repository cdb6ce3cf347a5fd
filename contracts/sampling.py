"""Examples of every event: invented, the same on each run, one for each type."""

import types
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, Literal, Union, get_args, get_origin
from uuid import UUID

from contracts.codes import GlassBrokenBecause, RestrictedBecause
from contracts.envelope import EventData, sequence_text
from contracts.events import (
    AgeBand,
    AgreementStatus,
    AssigneeKind,
    ContinuedBecause,
    DiscussionKind,
    Duty,
    Enquiry,
    Impact,
    Outcome,
    PartnerNews,
    Rag,
    ReasonSource,
    ReturnedBecause,
    Urgency,
)
from contracts.registry import EventType

_NOW: Final = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
_TODAY: Final = date(2026, 11, 16)
_DUE: Final = _NOW + timedelta(days=1)

# Texts by the name of the field; a class comes first where the same name means several things.
_TEXTS: Final[Mapping[str, str]] = {
    "AllocationDeclined.reason": "at_capacity",
    "ClockEscalated.by": "page",
    "AllocationEnded.reason": "case_closed",
    "AllocationMade.assignee": "leamington-early-help",
    "CaseClosed.reason": "needs_met",
    "CaseSteppedDown.reason": "risk_reduced",
    "CaseSteppedUp.reason": "risk_increased",
    "ClockCancelled.reason": "withdrawn",
    "ClockPaused.reason": "waiting_for_referrer",
    "ClockRecalculated.reason": "calendar_changed",
    "DisagreementAnswered.outcome": "upheld",
    "DisagreementResolved.outcome": "changed",
    "IncidentLinked.how": "matched",
    "ReferralCorrected.because": "written_wrongly",
    "ReferralCorrected.by": "hub",
    "agencies": "police",
    "MessageBounced.reason": "mailbox_unknown",
    "MessageFailed.reason": "refused_by_server",
    "PartnerStatusChanged.stage": "decided",
    "PanelConcluded.outcome": "lead_professional_agreed",
    "ReferralErased.reason": "retention_ended",
    "ReferralUnlinked.reason": "not_the_same_child",
    "ReferralWithdrawn.reason": "help_found_elsewhere",
    "TextReading.reason": "language",
    "agency": "health_visitor",
    "assignee": "leamington-early-help",
    "audience": "referrer",
    "basis": "public_task",
    "calendar_version": "england-2026.1",
    "census_source": "2A",
    "channel": "email",
    "clause": "3.12",
    "clauses": "3.12",
    "code": "domestic_abuse",
    "explanation": "One working day from Monday 16 November 2026, 09:30.",
    "fields": "date_of_birth",
    "how": "exact",
    "indicator": "domestic_abuse_in_home",
    "key": "nhs_number",
    "kind": "acknowledgement",
    "locality": "leamington",
    "lowered_because": "medically_explained",
    "milestone": "first_contact",
    "name": "statutory_decision",
    "not_because": "police_investigation",
    "of": "health_visitor",
    "pack_version": "2018.1",
    "panel_id": "leamington-2026-12",
    "reason_not_informed": "increased_risk_of_significant_harm",
    "reference": "WAR-000123-K",
    "request": "unsure",
    "role": "practitioner",
    "roles": "manager",
    "rule": "locality-team",
    "school_cluster": "leamington-north",
    "source_agency": "school",
    "state": "offered",
    "team": "Safeguarding North",
    "worker": "sw-1207",
    "tell": "duty",
    "text": "narrative",
    "to_authority": "walsall",
    "scope": "service",
    "who": "parent_or_carer",
    "without_agreement": "young_person_agrees",
    "young_persons_own": "yes",
}
_NUMBERS: Final[Mapping[str, int]] = {
    "attempt": 1, "completeness": 92, "end": 58, "level": 3, "place": 0, "referrer_level": 3, "scores": 6,
    "stage": 1, "start": 41, "step": 1, "version": 2,
}  # fmt: skip
_CHOICES: Final[frozenset[StrEnum]] = frozenset({
    AgeBand.AGE_5_TO_10, AgreementStatus.GIVEN, AssigneeKind.TEAM, ContinuedBecause.TO_BE_DECIDED,
    Duty.POLICE, Impact.SERIOUS, Outcome.CHILD_AND_FAMILY_ASSESSMENT,
    PartnerNews.DECIDED, Rag.AMBER,
    DiscussionKind.STRATEGY, Duty.POLICE, Enquiry.JOINT, Impact.SERIOUS, Outcome.CHILD_AND_FAMILY_ASSESSMENT, Rag.AMBER,
    ReasonSource.CONCERN, ReturnedBecause.NOT_AGREED, Urgency.STANDARD,
    RestrictedBecause.KNOWN_TO_STAFF,
    GlassBrokenBecause.CHILD_IN_DANGER,
})  # fmt: skip
_TRUE: Final = frozenset({"current", "decided", "parents_informed", "planned", "statutory"})
_DATES: Final[Mapping[str, datetime]] = {
    "due_at": _DUE, "previous_due_at": _DUE + timedelta(days=1), "by": _DUE, "lapses_at": _DUE,
    "warn_at": _DUE - timedelta(hours=4), "breached_at": _DUE, "until": _NOW + timedelta(hours=1),
    "earlier_received_at": _NOW - timedelta(days=120),
}  # fmt: skip


def example(event: EventType) -> dict[str, Any]:
    """A whole event of this type, every field given, as JSON would have it."""
    subject = _uuid("referral")
    envelope = event.envelope(
        id=_uuid(f"{event.name}.id"),
        source=f"/frontdoor/{event.owner}/1",
        type=event.type,
        subject=subject,
        time=_NOW,
        partitionkey=str(subject),
        sequence=sequence_text(1),
        authority="warwickshire",
        correlationid=_uuid("correlation"),
        causationid=_uuid("cause"),
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        data=_model(event.data),
    )
    written: dict[str, Any] = envelope.model_dump(mode="json")
    return written


def _model(model: type[EventData]) -> EventData:
    return model(
        **{
            name: _value(model, name, field.annotation)
            for name, field in model.model_fields.items()
        }
    )


def _value(model: type[EventData], name: str, kind: Any) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {types.UnionType, Union}:
        return _value(model, name, next(one for one in inner if one is not types.NoneType))
    if origin is tuple:
        return (_value(model, name, inner[0]),)
    if origin is Literal:
        return inner[0]
    if issubclass(kind, EventData):
        return _model(kind)
    if issubclass(kind, StrEnum):
        return next(choice for choice in kind if choice in _CHOICES)
    return _PLAIN[kind](model, name)


def _text(model: type[EventData], name: str) -> str:
    for owner in model.__mro__:
        found = _TEXTS.get(f"{owner.__name__}.{name}")
        if found is not None:
            return found
    return _TEXTS[name]


def _uuid(seed: str) -> UUID:
    """A UUID of version 7 that depends on `seed` alone."""
    milliseconds = int(_NOW.timestamp() * 1000).to_bytes(6)
    number = int.from_bytes(milliseconds + sha256(seed.encode()).digest()[:10])
    return UUID(int=number & ~(0xF << 76) & ~(0x3 << 62) | (7 << 76) | (2 << 62))


_PLAIN: Final[Mapping[type, Callable[[type[EventData], str], Any]]] = {
    UUID: lambda _model, name: _uuid("child_id" if name == "children" else name),
    datetime: lambda _model, name: _DATES.get(name, _NOW),
    date: lambda _model, _name: _TODAY,
    bool: lambda _model, name: name in _TRUE,
    int: lambda _model, name: _NUMBERS[name],
    float: lambda _model, _name: 0.91,
    str: _text,
}
