"""Which event intake answers with what."""

from collections.abc import Mapping

from chassis.change import Handler
from contracts.envelope import EventData
from contracts.events import (
    AllocationAccepted,
    AllocationAssigned,
    CaseClosed,
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
from services.intake import domain, promised
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
    CaseClosed: domain.on_case_closed,
    ClockStarted: promised.on_clock,
    ClockRecalculated: promised.on_clock,
    ClockMet: promised.on_clock,
    ClockBreached: promised.on_clock,
    ClockCancelled: promised.on_clock,
}
