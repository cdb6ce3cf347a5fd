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
    PartnerNews,
    TriageCountersigned,
    TriageDecided,
    TriageRerated,
    TriageWithdrawn,
    WithdrawalContinued,
)
from services.intake import domain
from services.intake.announcing import announced

HANDLERS: Mapping[type[EventData], Handler[domain.Case]] = {
    TriageDecided: announced(domain.on_decided, PartnerNews.DECIDED),
    TriageCountersigned: announced(domain.on_decided, PartnerNews.DECIDED),
    TriageRerated: announced(domain.on_rerated, PartnerNews.RERATED),
    TriageWithdrawn: announced(domain.on_withdrawn, PartnerNews.WITHDRAWN),
    WithdrawalContinued: announced(
        domain.on_withdrawal_continued, PartnerNews.WITHDRAWAL_CONTINUED
    ),
    AllocationAssigned: announced(domain.on_assigned, PartnerNews.ALLOCATED),
    AllocationAccepted: announced(domain.on_accepted, PartnerNews.ALLOCATED),
    ClockStarted: domain.on_clock,
    ClockRecalculated: domain.on_clock,
    ClockMet: domain.on_clock,
    ClockBreached: domain.on_clock,
    ClockCancelled: domain.on_clock,
}
