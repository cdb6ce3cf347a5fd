"""Which part of the projection answers which event."""

from collections.abc import Mapping
from typing import Any

from chassis.change import Handler
from contracts import events
from contracts.envelope import EventData
from services.console import domain

HANDLERS: Mapping[type[EventData], Handler[Any]] = {
    events.ReferralSubmitted: domain.on_submitted,
    events.ReferralUpdated: domain.on_updated,
    events.ReferralAgreementRecorded: domain.on_told,
    events.ReferralWithdrawn: domain.on_withdrawal_asked,
    events.ReferralTransferred: domain.on_told,
    events.ReferralErased: domain.on_erased,
    events.ReferralRestricted: domain.on_restricted,
    events.ReferralUnrestricted: domain.on_unrestricted,
    events.ReferralGlassBroken: domain.on_glass_broken,
    events.TriageRated: domain.on_rated,
    events.TriageClaimed: domain.on_claimed,
    events.TriageReleased: domain.on_released,
    events.InformationRequested: domain.on_information_requested,
    events.InformationReceived: domain.on_information_received,
    events.TriageDecided: domain.on_decided,
    events.TriageCountersigned: domain.on_countersigned,
    events.TriageReturned: domain.on_returned,
    events.TriageRerated: domain.on_rerated,
    events.DiscussionRecorded: domain.on_told,
    events.TriageWithdrawn: domain.on_withdrawn,
    events.WithdrawalContinued: domain.on_withdrawal_continued,
    events.DisagreementRaised: domain.on_told,
    events.DisagreementAnswered: domain.on_told,
    events.DisagreementEscalated: domain.on_told,
    events.DisagreementResolved: domain.on_told,
    events.AllocationOffered: domain.on_allocated,
    events.AllocationAssigned: domain.on_allocated,
    events.AllocationAccepted: domain.on_accepted,
    events.AllocationDeclined: domain.on_unallocated,
    events.AllocationEnded: domain.on_unallocated,
    events.PanelListed: domain.on_told,
    events.PanelConcluded: domain.on_told,
    events.CaseMilestoneRecorded: domain.on_told,
    events.CaseSteppedUp: domain.on_told,
    events.CaseSteppedDown: domain.on_told,
    events.CaseClosed: domain.on_told,
    events.ClockStarted: domain.on_clock_counting,
    events.ClockPaused: domain.on_clock_counting,
    events.ClockResumed: domain.on_clock_counting,
    events.ClockWarned: domain.on_clock_counting,
    events.ClockBreached: domain.on_clock_counting,
    events.ClockEscalated: domain.on_clock_counting,
    events.ClockRecalculated: domain.on_clock_counting,
    events.ClockMet: domain.on_clock_over,
    events.ClockCancelled: domain.on_clock_over,
    events.MessageQueued: domain.on_told,
    events.MessageSent: domain.on_told,
    events.MessageDelivered: domain.on_told,
    events.MessageBounced: domain.on_told,
    events.MessageFailed: domain.on_told,
    events.MessageUncertain: domain.on_told,
}
