"""Saying that what an organisation may see of its referral has changed, once it can be read here.

Call-backs hang on this and not on the events that caused it: whoever is called back reads the status
at once, and must not find the old one.
"""

from datetime import datetime
from typing import Any

from chassis.change import Change, Handler, Ids
from contracts.envelope import Event
from contracts.events import PartnerNews, PartnerStatusChanged
from policy.loading import PackSet
from services.intake.domain import Case
from services.intake.telling import TOLD_LITTLE


def announced(handler: Handler[Case], news: PartnerNews) -> Handler[Case]:
    """`handler`, which also says that its change is `news` to the referral's organisation."""

    def answered(
        state: Case | None, event: Event[Any], policy: PackSet, ids: Ids, now: datetime, /
    ) -> Change[Case] | None:
        change = handler(state, event, policy, ids, now)
        if change is None or state is None or not is_news(news, state, change.state):
            return change
        said = PartnerStatusChanged(
            organisation_id=change.state.organisation_id,
            news=news,
            stage=change.state.stage,
            changed_at=now,
        )
        return Change(change.state, (*change.events, said))

    return answered


def is_news(news: PartnerNews, before: Case, after: Case) -> bool:
    """Whether an organisation learns by reading `after` what `before` did not say. Of referrals by
    the public it is told a stage and no more; of those of an earlier system nothing."""
    if after.historic:
        return False
    if news is PartnerNews.RERATED:
        return after.source_agency not in TOLD_LITTLE
    return news is not PartnerNews.ALLOCATED or after.stage is not before.stage
