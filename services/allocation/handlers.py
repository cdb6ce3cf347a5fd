"""Which event allocation answers with what."""

from collections.abc import Mapping

from chassis.change import Handler
from contracts.envelope import EventData
from contracts.events import (
    DisagreementAnswered,
    DisagreementEscalated,
    DisagreementRaised,
    DisagreementResolved,
    InformationReceived,
    InformationRequested,
    InformationWithdrawn,
    MessageSent,
    ReferralLinked,
    ReferralSubmitted,
    ReferralUnlinked,
    TriageClaimed,
    TriageCountersigned,
    TriageDecided,
    TriageRated,
    TriageRerated,
    TriageReturned,
    TriageWithdrawn,
)
from services.allocation import domain
from services.allocation.domain import asking, disputing

HANDLERS: Mapping[type[EventData], Handler[domain.Case]] = {
    ReferralSubmitted: domain.on_submitted,
    ReferralLinked: domain.on_linked,
    ReferralUnlinked: domain.on_unlinked,
    TriageRated: domain.on_rated,
    TriageClaimed: domain.on_claimed,
    TriageDecided: domain.on_decided,
    TriageCountersigned: domain.on_countersigned,
    TriageReturned: domain.on_returned,
    TriageRerated: domain.on_rerated,
    TriageWithdrawn: domain.on_withdrawn,
    InformationRequested: asking.on_requested,
    InformationReceived: asking.on_received,
    InformationWithdrawn: asking.on_taken_back,
    DisagreementRaised: disputing.on_raised,
    DisagreementAnswered: disputing.on_answered,
    DisagreementEscalated: disputing.on_escalated,
    DisagreementResolved: disputing.on_resolved,
    MessageSent: domain.on_message_sent,
}
