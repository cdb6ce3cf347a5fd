"""The list of event types: name, owner, key and payload. Everything generated starts here."""

from dataclasses import dataclass
from functools import cache, cached_property

from contracts import events
from contracts.envelope import TYPE_PREFIX, Event, EventData


@dataclass(frozen=True)
class EventType:
    """`name` without the prefix, such as `referral.submitted.v1`; `owner` is the service that
    appends it."""

    name: str
    owner: str
    data: type[EventData]

    @cached_property
    def envelope(self) -> type[Event[EventData]]:
        """What parses the whole event in one pass. Made at first use: no service has one for
        every type."""
        return Event[self.data]  # type: ignore[name-defined]

    @property
    def type(self) -> str:
        return TYPE_PREFIX + self.name


_TYPES: tuple[tuple[str, str, type[EventData]], ...] = (
    ("referral.submitted.v1", "intake", events.ReferralSubmitted),
    ("referral.updated.v1", "intake", events.ReferralUpdated),
    ("referral.withdrawn.v1", "intake", events.ReferralWithdrawn),
    ("referral.agreement_recorded.v1", "intake", events.ReferralAgreementRecorded),
    ("referral.corrected.v1", "intake", events.ReferralCorrected),
    ("referral.linked.v1", "intake", events.ReferralLinked),
    ("referral.unlinked.v1", "intake", events.ReferralUnlinked),
    ("referral.incident_linked.v1", "intake", events.IncidentLinked),
    ("referral.incident_unlinked.v1", "intake", events.IncidentUnlinked),
    ("referral.known_elsewhere.v1", "intake", events.ReferralKnownElsewhere),
    ("referral.transferred.v1", "intake", events.ReferralTransferred),
    ("referral.erased.v1", "intake", events.ReferralErased),
    ("partner.status_changed.v1", "intake", events.PartnerStatusChanged),
    ("referral.restricted.v1", "intake", events.ReferralRestricted),
    ("referral.unrestricted.v1", "intake", events.ReferralUnrestricted),
    ("referral.glass_broken.v1", "intake", events.ReferralGlassBroken),
    ("triage.rated.v1", "triage", events.TriageRated),
    ("triage.claimed.v1", "triage", events.TriageClaimed),
    ("triage.released.v1", "triage", events.TriageReleased),
    ("triage.information_requested.v1", "triage", events.InformationRequested),
    ("triage.information_received.v1", "triage", events.InformationReceived),
    ("triage.information_withdrawn.v1", "triage", events.InformationWithdrawn),
    ("triage.decided.v1", "triage", events.TriageDecided),
    ("triage.countersigned.v1", "triage", events.TriageCountersigned),
    ("triage.returned.v1", "triage", events.TriageReturned),
    ("triage.rerated.v1", "triage", events.TriageRerated),
    ("triage.discussion_recorded.v1", "triage", events.DiscussionRecorded),
    ("triage.withdrawn.v1", "triage", events.TriageWithdrawn),
    ("triage.withdrawal_continued.v1", "triage", events.WithdrawalContinued),
    ("disagreement.raised.v1", "triage", events.DisagreementRaised),
    ("disagreement.answered.v1", "triage", events.DisagreementAnswered),
    ("disagreement.escalated.v1", "triage", events.DisagreementEscalated),
    ("disagreement.resolved.v1", "triage", events.DisagreementResolved),
    ("allocation.offered.v1", "allocation", events.AllocationOffered),
    ("allocation.assigned.v1", "allocation", events.AllocationAssigned),
    ("allocation.accepted.v1", "allocation", events.AllocationAccepted),
    ("allocation.declined.v1", "allocation", events.AllocationDeclined),
    ("allocation.ended.v1", "allocation", events.AllocationEnded),
    ("panel.listed.v1", "allocation", events.PanelListed),
    ("panel.concluded.v1", "allocation", events.PanelConcluded),
    ("case.milestone_recorded.v1", "allocation", events.CaseMilestoneRecorded),
    ("case.stepped_up.v1", "allocation", events.CaseSteppedUp),
    ("case.stepped_down.v1", "allocation", events.CaseSteppedDown),
    ("case.closed.v1", "allocation", events.CaseClosed),
    ("clock.started.v1", "allocation", events.ClockStarted),
    ("clock.paused.v1", "allocation", events.ClockPaused),
    ("clock.resumed.v1", "allocation", events.ClockResumed),
    ("clock.warned.v1", "allocation", events.ClockWarned),
    ("clock.met.v1", "allocation", events.ClockMet),
    ("clock.breached.v1", "allocation", events.ClockBreached),
    ("clock.escalated.v1", "allocation", events.ClockEscalated),
    ("clock.cancelled.v1", "allocation", events.ClockCancelled),
    ("clock.recalculated.v1", "allocation", events.ClockRecalculated),
    ("message.queued.v1", "notifications", events.MessageQueued),
    ("message.sent.v1", "notifications", events.MessageSent),
    ("message.delivered.v1", "notifications", events.MessageDelivered),
    ("message.bounced.v1", "notifications", events.MessageBounced),
    ("message.failed.v1", "notifications", events.MessageFailed),
    ("message.uncertain.v1", "notifications", events.MessageUncertain),
)


def event_names() -> tuple[str, ...]:
    """The name of every event type, without prefix and version."""
    return tuple(name.rpartition(".")[0] for name, _, _ in _TYPES)


@cache
def event_types() -> dict[str, EventType]:
    """Every event type by its full CloudEvents `type`."""
    return {TYPE_PREFIX + name: EventType(name, owner, data) for name, owner, data in _TYPES}


def types_of(owner: str) -> tuple[str, ...]:
    """The full `type` of every event that a service appends."""
    return tuple(known.type for known in event_types().values() if known.owner == owner)


@cache
def type_of(data: type[EventData]) -> EventType:
    """The event type whose payload is `data`. Raises KeyError where there is none."""
    return {known.data: known for known in event_types().values()}[data]


def parse(kind: str, body: str | bytes) -> Event[EventData] | None:
    """The event in `body`, or None for a type that this release does not know.

    Raises pydantic.ValidationError when a known type does not have its shape.
    """
    known = event_types().get(kind)
    return known.envelope.model_validate_json(body) if known else None
