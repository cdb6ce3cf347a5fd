"""Which event notifications answers with what."""

from collections.abc import Mapping

from chassis.change import Handler
from contracts.envelope import EventData
from contracts.events import (
    AllocationAccepted,
    AllocationAssigned,
    AllocationOffered,
    ClockBreached,
    ClockMet,
    ClockWarned,
    DisagreementAnswered,
    DisagreementEscalated,
    DisagreementRaised,
    DisagreementResolved,
    InformationReceived,
    InformationRequested,
    InformationWithdrawn,
    PartnerStatusChanged,
    ReferralErased,
    ReferralGlassBroken,
    ReferralRestricted,
    ReferralSubmitted,
    ReferralUnrestricted,
    TriageCountersigned,
    TriageDecided,
    TriageRated,
    TriageRerated,
    TriageWithdrawn,
    WithdrawalContinued,
)
from services.notifications.domain import Case, asking, disputing, queueing, restricting

HANDLERS: Mapping[type[EventData], Handler[Case]] = {
    ReferralSubmitted: queueing.on_submitted,
    TriageRated: queueing.on_rated,
    TriageDecided: queueing.on_decided,
    TriageCountersigned: queueing.on_decided,
    TriageRerated: queueing.on_rerated,
    TriageWithdrawn: queueing.on_withdrawn,
    WithdrawalContinued: queueing.on_withdrawal_continued,
    AllocationOffered: queueing.on_offered,
    AllocationAssigned: queueing.on_offered,
    AllocationAccepted: queueing.on_accepted,
    ClockBreached: queueing.on_breached,
    ClockMet: queueing.on_met,
    ClockWarned: asking.on_warned,
    InformationRequested: asking.on_requested,
    InformationReceived: asking.on_received,
    InformationWithdrawn: asking.on_taken_back,
    DisagreementRaised: disputing.on_raised,
    DisagreementEscalated: disputing.on_raised,
    DisagreementAnswered: disputing.on_answered,
    DisagreementResolved: disputing.on_resolved,
    PartnerStatusChanged: queueing.on_status_changed,
    ReferralErased: queueing.on_erased,
    ReferralRestricted: restricting.on_restricted,
    ReferralUnrestricted: restricting.on_unrestricted,
    ReferralGlassBroken: restricting.on_glass_broken,
}
