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
    ReferralErased,
    ReferralSubmitted,
    TriageCountersigned,
    TriageDecided,
    TriageRated,
    TriageRerated,
    TriageWithdrawn,
    WithdrawalContinued,
)
from services.notifications.domain import Case, queueing

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
    ReferralErased: queueing.on_erased,
}
