"""News for an organisation's systems of what triage holds: its disagreement was answered, or it is
asked for information, or no longer. Triage lets them read it from the same commit on, so that
whoever hears of it finds it; what comes later here (`message.*`) has no part in it."""

from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias

from chassis.change import Change, Handler, Ids
from contracts.codes import News
from contracts.envelope import Event
from contracts.events import DisagreementAnswered, InformationRequested, InformationWithdrawn
from policy.loading import PackSet
from services.notifications.domain.case import Case, Notice

Told: TypeAlias = DisagreementAnswered | InformationRequested | InformationWithdrawn


def announced(handler: Handler[Case], news: News) -> Handler[Case]:
    """`handler`, which also tells the organisation that the event names. Nothing is told of a
    restricted referral, as with other news."""

    def answered(
        state: Case | None, event: Event[Any], policy: PackSet, ids: Ids, now: datetime, /
    ) -> Change[Case] | None:
        change = handler(state, event, policy, ids, now)
        said: Told = event.data
        case = change.state if change else state
        if case is None or case.restricted or case.erased or said.organisation_id is None:
            return change
        about = said.disagreement_id if isinstance(said, DisagreementAnswered) else said.request_id
        notice = Notice(ids(), said.organisation_id, news, None, event.time, about)
        told = replace(case, notices=(*case.notices, notice))
        return Change(told, change.events if change else ())

    return answered
