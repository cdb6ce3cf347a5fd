"""Which event makes which message. One message for each cause, kind and audience, whatever is
replayed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.change import Change, Ids
from contracts.codes import News
from contracts.envelope import Event
from contracts.events import (
    ClockBreached,
    ClockMet,
    PartnerStatusChanged,
    Rag,
    ReferralErased,
    ReferralSubmitted,
    TriageCountersigned,
    TriageDecided,
    TriageRated,
    TriageRerated,
    TriageWithdrawn,
    WithdrawalContinued,
)
from policy.loading import PackSet
from services.notifications.domain import helping
from services.notifications.domain.case import (
    WAITING,
    Audience,
    Case,
    Kind,
    Notice,
    State,
)
from services.notifications.domain.outbox import cancelled, known, queued, queued_each


def on_submitted(
    state: Case | None, event: Event[ReferralSubmitted], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Acknowledge to the referrer."""
    del policy
    if state is not None or event.data.historic:
        return None
    facts = event.data
    case = Case(
        referral_id=event.subject,
        authority=event.authority,
        reference=facts.reference,
        received_at=facts.received_at,
        pack_version=facts.pack_version,
        source_agency=facts.source_agency,
        children=tuple(child.child_id for child in facts.children),
        restricted=facts.restricted,
    )
    if not case.restricted:
        news = Notice(ids(), facts.organisation_id, News.RECEIVED, "received", facts.received_at)
        case = replace(case, notices=(news,))
    return queued(
        case,
        event.id,
        Kind.ACKNOWLEDGEMENT,
        Audience.REFERRER,
        ids,
        now,
        traceparent=event.traceparent,
    )


def on_status_changed(
    state: Case | None, event: Event[PartnerStatusChanged], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Tell the referral's organisation that there is something new to read. Restricted referrals
    are told by telephone alone."""
    del policy, now
    case = known(state)
    if case.restricted or case.erased:
        return None
    said = event.data
    news = Notice(ids(), said.organisation_id, News(said.news), said.stage, said.changed_at)
    return Change(replace(case, notices=(*case.notices, news)))


def on_rated(
    state: Case | None, event: Event[TriageRated], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Alert duty to a suggested Red, before and beside the decision; again only when later
    information raised it to Red."""
    del policy
    case = known(state)
    rating = event.data
    alerted = any(
        message.kind is Kind.URGENT_ALERT and (message.details or {}).get("by") != "watchdog"
        for message in case.messages
    )
    raised = rating.raised_from not in (None, Rag.RED)
    if rating.rag is not Rag.RED or (alerted and not raised):
        return None
    details = {"urgency": rating.urgency.value, "by": "rules"}
    return queued(
        case,
        event.id,
        Kind.URGENT_ALERT,
        Audience.DUTY,
        ids,
        now,
        details=details,
        traceparent=event.traceparent,
    )


def on_decided(
    state: Case | None,
    event: Event[TriageDecided | TriageCountersigned],
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Case] | None:
    """Tell the referrer what was decided, and why: where a manager countersigns it, only then."""
    decision = event.data
    if isinstance(decision, TriageDecided) and decision.to_countersign:
        return None
    case = helping.noted(replace(known(state), decided=True), decision, policy)
    return queued(
        case,
        event.id,
        Kind.DECISION,
        Audience.REFERRER,
        ids,
        now,
        about=decision.decision_id,
        details={"pack_version": decision.pack_version},
        traceparent=event.traceparent,
    )


def on_rerated(
    state: Case | None, event: Event[TriageRerated], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Tell a referrer who knows an earlier colour that it was looked at again, changed or not.
    Before the decision there is nothing of theirs to correct; duty is alerted whenever a person
    raises a referral to Red."""
    del policy
    case = known(state)
    rating = event.data
    told = rating.decided and case.decided and not case.public
    raised = rating.rag is Rag.RED and rating.previous is not Rag.RED
    change = Change(case)
    if raised:
        change = queued(
            case,
            event.id,
            Kind.URGENT_ALERT,
            Audience.DUTY,
            ids,
            now,
            details={"urgency": "same_day", "by": "person"},
            traceparent=event.traceparent,
        )
    if told:
        details = {
            "pack_version": rating.pack_version,
            "previous": rating.previous.value,
            "rag": rating.rag.value,
        }
        more = queued(
            change.state,
            event.id,
            Kind.RERATING,
            Audience.REFERRER,
            ids,
            now,
            about=rating.rating_id,
            details=details,
            traceparent=event.traceparent,
        )
        change = Change(more.state, (*change.events, *more.events))
    return change if change.events else None


def on_withdrawn(
    state: Case | None, event: Event[TriageWithdrawn], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Tell the referrer that the referral they withdrew was looked at and closed."""
    del policy
    about = event.data.decision_id
    return queued(
        known(state),
        event.id,
        Kind.CLOSURE,
        Audience.REFERRER,
        ids,
        now,
        about=about,
        traceparent=event.traceparent,
    )


def on_withdrawal_continued(
    state: Case | None, event: Event[WithdrawalContinued], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Tell the referrer that their request to withdraw was read, and that the referral goes on.
    Where a decision answered the request, the message about it says so."""
    del policy
    case = known(state)
    about = event.data.decision_id
    if any(message.kind is Kind.DECISION and message.about == about for message in case.messages):
        return None
    return queued(
        case,
        event.id,
        Kind.CONTINUATION,
        Audience.REFERRER,
        ids,
        now,
        about=about,
        details={"reason": event.data.reason.value},
        traceparent=event.traceparent,
    )


def on_breached(
    state: Case | None, event: Event[ClockBreached], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Alert those whom the clock's rule names, as far as they have an address of the hub's; and
    where it names the referrer, apologise to them for the delay."""
    del policy
    case = known(state)
    clock = event.data
    details = {
        "clock": clock.name,
        "clock_id": str(clock.clock_id),
        "due_at": clock.due_at.isoformat(),
    }
    audiences = [one for one in (Audience.DUTY, Audience.MANAGER) if one.value in clock.tell]
    change = queued_each(
        case,
        event.id,
        Kind.BREACH_ALERT,
        audiences,
        ids,
        now,
        details=details,
        traceparent=event.traceparent,
    )
    if Audience.REFERRER.value in clock.tell and not case.public:
        known_to = {"manager": "yes"} if Audience.MANAGER in audiences else {}
        more = queued(
            change.state,
            event.id,
            Kind.DELAY,
            Audience.REFERRER,
            ids,
            now,
            details={**details, **known_to},
            traceparent=event.traceparent,
        )
        change = Change(more.state, (*change.events, *more.events))
    return change if change.events else None


def on_met(
    state: Case | None, event: Event[ClockMet], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Withdraw the alerts of a breach that turned out to be none, where they were not sent yet."""
    del policy, ids, now
    case = known(state)
    if not event.data.corrected:
        return None
    clock_id = str(event.data.clock_id)
    messages = tuple(
        cancelled(message, "corrected")
        if message.kind is Kind.BREACH_ALERT
        and message.state is State.QUEUED
        and (message.details or {}).get("clock_id") == clock_id
        else message
        for message in case.messages
    )
    return None if messages == case.messages else Change(replace(case, messages=messages))


def alert_unprocessed(
    state: Case | None, cause: UUID, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Alert the duty manager and duty to a referral that the house could not process (practice
    rule 1). `cause` names the occasion, so that being told twice alerts once. Raises NotFound."""
    del policy
    case = known(state)
    details = {"urgency": "same_day", "by": "watchdog"}
    audiences = (Audience.MANAGER, Audience.DUTY)
    change = queued_each(case, cause, Kind.URGENT_ALERT, audiences, ids, now, details=details)
    return change, {"referral_id": case.referral_id}


def on_erased(
    state: Case | None, event: Event[ReferralErased], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Tell nobody anything more; the store destroys what was written."""
    del event, policy, ids, now
    case = state
    if case is None or case.erased:
        return None
    messages = tuple(
        cancelled(message, "erased") if message.state in WAITING | {State.HELD} else message
        for message in case.messages
    )
    return Change(replace(case, erased=True, messages=messages))
