"""Which event triage answers with what."""

from collections.abc import Mapping

from chassis.change import Handler
from contracts.envelope import EventData
from contracts.events import ReferralSubmitted, ReferralUpdated, ReferralWithdrawn
from services.triage import domain

HANDLERS: Mapping[type[EventData], Handler[domain.Case]] = {
    ReferralSubmitted: domain.on_submitted,
    ReferralUpdated: domain.on_updated,
    ReferralWithdrawn: domain.on_withdrawn,
}
