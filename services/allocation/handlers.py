"""Which event allocation answers with what."""

from collections.abc import Mapping

from chassis.change import Handler
from contracts.envelope import EventData
from contracts.events import (
    DisagreementAnswered,
    DisagreementEscalated,
    DisagreementRaised,
    DisagreementResolved,
    DiscussionRecorded,
    InformationReceived,
    InformationRequested,
    InformationWithdrawn,
    MessageSent,
    ReferralCorrected,
    ReferralLinked,
    ReferralSubmitted,
    ReferralUnlinked,
    ReferralUpdated,
    TriageClaimed,
    TriageCountersigned,
    TriageDecided,
    TriageRated,
    TriageRerated,
    TriageReturned,
    TriageWithdrawn,
)
from contracts.registry import type_of
from policy.clocks import events_named
from policy.loading import PackSet
from services.allocation import domain
from services.allocation.case_system.domain import news
from services.allocation.domain import asking, disputing

OWN = "allocation"

HANDLERS: Mapping[type[EventData], Handler[domain.Case]] = {
    ReferralSubmitted: domain.on_submitted,
    ReferralCorrected: domain.on_corrected,
    ReferralLinked: domain.on_linked,
    ReferralUnlinked: domain.on_unlinked,
    TriageRated: domain.on_rated,
    TriageClaimed: domain.on_claimed,
    ReferralUpdated: news(domain.on_heard),
    TriageDecided: news(domain.on_decided),
    TriageCountersigned: news(domain.on_countersigned),
    TriageReturned: news(domain.on_returned),
    TriageRerated: news(domain.on_rerated),
    DiscussionRecorded: domain.on_discussed,
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


def handlers_for(policy: PackSet) -> Mapping[type[EventData], Handler[domain.Case]]:
    """The handlers, and one for every other event of other services that some version of some pack
    names as what starts, stops or pauses a clock."""
    named = {
        data
        for versions in policy.packs.values()
        for pack in versions
        for data in events_named(pack.clocks.by_event)
        if type_of(data).owner != OWN
    }
    return {
        **dict.fromkeys(sorted(named, key=lambda one: type_of(one).name), domain.on_heard),
        **HANDLERS,
    }
