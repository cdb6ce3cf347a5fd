"""Which event triage answers with what."""

from collections.abc import Mapping

from chassis.change import Handler
from contracts.envelope import EventData
from contracts.events import (
    ReferralLinked,
    ReferralSubmitted,
    ReferralUnlinked,
    ReferralUpdated,
    ReferralWithdrawn,
)
from services.triage import domain
from services.triage.domain import linking

HANDLERS: Mapping[type[EventData], Handler[domain.Case]] = {
    ReferralSubmitted: domain.on_submitted,
    ReferralUpdated: domain.on_updated,
    ReferralWithdrawn: domain.on_withdrawn,
    ReferralLinked: linking.on_linked,
    ReferralUnlinked: linking.on_unlinked,
}
