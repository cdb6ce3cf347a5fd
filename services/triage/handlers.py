"""Which event triage answers with what."""

from collections.abc import Mapping

from chassis.change import Handler
from contracts.envelope import EventData
from contracts.events import (
    IncidentLinked,
    IncidentUnlinked,
    ReferralAgreementRecorded,
    ReferralCorrected,
    ReferralKnownElsewhere,
    ReferralLinked,
    ReferralSubmitted,
    ReferralUnlinked,
    ReferralUpdated,
    ReferralWithdrawn,
)
from services.triage import domain
from services.triage.checks import agreement
from services.triage.domain import incidents, linking

HANDLERS: Mapping[type[EventData], Handler[domain.Case]] = {
    ReferralSubmitted: agreement.on_submitted,
    ReferralUpdated: domain.on_updated,
    ReferralAgreementRecorded: agreement.on_recorded,
    ReferralWithdrawn: domain.on_withdrawn,
    ReferralLinked: linking.on_linked,
    ReferralCorrected: linking.on_corrected,
    ReferralKnownElsewhere: linking.on_known_elsewhere,
    ReferralUnlinked: linking.on_unlinked,
    IncidentLinked: incidents.on_incident_linked,
    IncidentUnlinked: incidents.on_incident_unlinked,
}
