"""What triage answers when a child turns out to be the child of an earlier referral, or not after
all, or to be known to another system: history that the rules count; and when it was written down wrongly
who a child is. The suggestion is made again; what people decided stands."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.change import Change, Ids
from contracts.envelope import Event
from contracts.events import (
    ExactLink,
    ReferralCorrected,
    ReferralKnownElsewhere,
    ReferralLinked,
    ReferralSubmitted,
    ReferralUnlinked,
)
from policy.loading import PackSet
from services.triage.domain.case import Case
from services.triage.domain.suggesting import again, rated


def on_linked(
    state: Case | None, event: Event[ReferralLinked], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Count an earlier referral of a child. Without its time it can't be counted; a referral that
    triage does not rate (a historic one) has no suggestion to make again."""
    del ids
    said = event.data
    if state is None or said.other_received_at is None:
        return None
    case = state
    link = ExactLink(
        child_id=said.child_id,
        earlier_referral_id=said.other_referral_id,
        earlier_child_id=said.other_child_id,
        key=said.how,
        earlier_received_at=said.other_received_at,
    )
    links = (*_others(case, said.child_id, said.other_child_id), link)
    return _linked(case, links, policy, now, least=case.level)


def on_unlinked(
    state: Case | None, event: Event[ReferralUnlinked], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Count it no longer. This may lower the suggestion, never what somebody decided."""
    del ids
    if state is None:
        return None
    case = state
    links = _others(case, event.data.child_id, event.data.other_child_id)
    return _linked(case, links, policy, now, least=1)


def on_known_elsewhere(
    state: Case | None,
    event: Event[ReferralKnownElsewhere],
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Case] | None:
    """Count what is known already: that a child is open somewhere, or was closed lately. What is
    known no longer may lower the suggestion, never what somebody decided."""
    del ids
    if state is None or event.data.children == state.facts.history:
        return None
    facts = state.facts.model_copy(update={"history": event.data.children})
    grew = set(state.facts.history) <= set(event.data.children)
    return _counted(state, facts, policy, now, least=state.level if grew else 1)


def on_corrected(
    state: Case | None, event: Event[ReferralCorrected], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Rate a child as who it is. This may lower the suggestion, never what somebody decided."""
    del ids
    if state is None:
        return None
    right, home = event.data.child, event.data.home
    facts = state.facts
    if home is not None:
        facts = facts.model_copy(update=home.model_dump())
    children = tuple(
        right if right and child.child_id == right.child_id else child for child in facts.children
    )
    if children != facts.children:
        facts = facts.model_copy(update={"children": children})
        return _counted(state, facts, policy, now, least=1)
    return None if facts == state.facts else Change(replace(state, facts=facts, updated_at=now))


def _others(case: Case, child_id: UUID, other_child_id: UUID) -> tuple[ExactLink, ...]:
    return tuple(
        link
        for link in case.facts.links
        if (link.child_id, link.earlier_child_id) != (child_id, other_child_id)
    )


def _linked(
    case: Case, links: tuple[ExactLink, ...], policy: PackSet, now: datetime, *, least: int
) -> Change[Case] | None:
    if links == case.facts.links:
        return None
    facts = case.facts.model_copy(update={"links": links})
    return _counted(case, facts, policy, now, least=least)


def _counted(
    case: Case, facts: ReferralSubmitted, policy: PackSet, now: datetime, *, least: int
) -> Change[Case]:
    changed = again(case, facts, policy, now, least=least)
    if _answer(changed) == _answer(case):
        # Whoever is deciding now has seen all that counts.
        return Change(replace(case, facts=facts, updated_at=now))
    return Change(changed, (rated(changed, case),))


def _answer(case: Case) -> tuple[object, ...]:
    """What the rules say of a case."""
    children = tuple(child.suggested for child in case.children)
    return (case.suggested, case.level, case.urgency, children, case.reasons)
