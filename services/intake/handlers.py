"""Which event intake answers with what."""

from collections.abc import Mapping

from chassis.change import Handler
from contracts.envelope import EventData
from contracts.events import (
    AllocationAccepted,
    AllocationAssigned,
    ClockBreached,
    ClockCancelled,
    ClockMet,
    ClockRecalculated,
    ClockStarted,
    TriageCountersigned,
    TriageDecided,
    TriageRerated,
    TriageWithdrawn,
    WithdrawalContinued,
)
from services.intake import domain

HANDLERS: Mapping[type[EventData], Handler[domain.Case]] = {
    TriageDecided: domain.on_decided,
    TriageCountersigned: domain.on_decided,
    TriageRerated: domain.on_rerated,
    TriageWithdrawn: domain.on_withdrawn,
    WithdrawalContinued: domain.on_withdrawal_continued,
    AllocationAssigned: domain.on_assigned,
    AllocationAccepted: domain.on_accepted,
    ClockStarted: domain.on_clock,
    ClockRecalculated: domain.on_clock,
    ClockMet: domain.on_clock,
    ClockBreached: domain.on_clock,
    ClockCancelled: domain.on_clock,
}
