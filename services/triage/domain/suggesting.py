"""What triage answers to intake's events: the suggested rating, and a withdrawal noted.

Pure, as all of this folder. People decide; what is suggested here is kept for ever beside it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chassis.change import Change, Ids
from contracts.envelope import Event
from contracts.events import (
    AgeBand,
    Rag,
    Reason,
    ReferralSubmitted,
    ReferralUpdated,
    ReferralWithdrawn,
    TriageRated,
)
from policy.loading import PackSet
from policy.pack import Pack
from policy.rating import HistoryFact, RatingFacts, suggest
from policy.ruleset import RAG_ORDER
from services.triage.domain.case import Case, Child, Status, highest, known
from services.triage.domain.claiming import hastened

DOMESTIC_ABUSE = "domestic_abuse"
SCHOOLS = frozenset({"school", "college"})
OF_SCHOOL_AGE = frozenset(
    {
        AgeBand.AGE_5_TO_10,
        AgeBand.AGE_11_TO_15,
        AgeBand.AGE_16_TO_17,
        AgeBand.UNKNOWN,
    }
)


def on_submitted(
    state: Case | None, event: Event[ReferralSubmitted], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Suggest a rating for every child, by the pack in force when the referral was received."""
    del ids
    if state is not None or event.data.historic:
        return None
    facts = event.data
    pack = policy.version(event.authority, facts.pack_version)
    suggestion = suggest(rating_facts(facts), pack)
    case = Case(
        referral_id=event.subject,
        authority=event.authority,
        facts=facts,
        status=Status.TO_DECIDE,
        version=1,
        rag=suggestion.rag,
        level=suggestion.level,
        urgency=suggestion.urgency,
        suggested=suggestion.rag,
        children=tuple(Child(child.child_id, child) for child in suggestion.children),
        reasons=suggestion.reasons,
        clauses=suggestion.clauses,
        updated_at=now,
        domestic_abuse=_domestic_abuse(facts, suggestion.reasons, pack),
    )
    return Change(case, (_rated(case, facts.pack_version, raised_from=None),))


def on_updated(
    state: Case | None, event: Event[ReferralUpdated], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Suggest again with what came later. What people decided stands; a suggestion that rose
    above it is told, so that somebody looks again."""
    del ids
    case = known(state)
    update = event.data
    facts = case.facts.model_copy(
        update={
            "concerns": (*case.facts.concerns, *update.concerns),
            "signals": (*case.facts.signals, *update.signals),
            "texts": (*case.facts.texts, *update.texts),
            "immediate_danger": case.facts.immediate_danger or update.immediate_danger,
            "agreement": update.agreement or case.facts.agreement,
        }
    )
    changed = again(case, facts, policy, now)
    return Change(changed, (rated(changed, case),))


def on_withdrawn(
    state: Case | None, event: Event[ReferralWithdrawn], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """A withdrawal is a request: it is shown to whoever decides, and changes nothing else
    (practice rule 2)."""
    del policy, ids
    case = known(state)
    return Change(
        replace(
            case,
            version=case.version + 1,
            withdrawal_requested_at=event.data.requested_at,
            updated_at=now,
        )
    )


def again(
    case: Case,
    facts: ReferralSubmitted,
    policy: PackSet,
    now: datetime,
    *,
    least: int | None = None,
) -> Case:
    """The case with a new suggestion from `facts`. Its level never sinks below `least`, by default
    what it was: further information only ever raises."""
    pack = policy.version(case.authority, facts.pack_version)
    suggestion = suggest(rating_facts(facts), pack)
    suggested = {child.child_id: child for child in suggestion.children}
    changed = replace(
        case,
        facts=facts,
        version=case.version + 1,
        level=max(case.level if least is None else least, suggestion.level),
        urgency=suggestion.urgency,
        suggested=suggestion.rag,
        children=tuple(
            replace(child, suggested=suggested[child.child_id]) for child in case.children
        ),
        reasons=suggestion.reasons,
        clauses=suggestion.clauses,
        updated_at=now,
        domestic_abuse=_domestic_abuse(facts, suggestion.reasons, pack),
    )
    changed = replace(changed, rag=highest(child.current for child in changed.children))
    return hastened(changed, policy, now)


def rated(case: Case, before: Case) -> TriageRated:
    """What is said of a new suggestion; whether it rose above the one before."""
    rose = RAG_ORDER[case.suggested] > RAG_ORDER[before.suggested]
    return _rated(case, case.facts.pack_version, raised_from=before.suggested if rose else None)


def _domestic_abuse(facts: ReferralSubmitted, reasons: Sequence[Reason], pack: Pack) -> bool:
    if any(concern.code == DOMESTIC_ABUSE for concern in facts.concerns):
        return True
    found = (pack.indicators.get(reason.indicator) for reason in reasons)
    return any(one is not None and DOMESTIC_ABUSE in one.about for one in found)


def school_to_tell(facts: ReferralSubmitted) -> bool:
    """Whether a child of school age may have a school that does not know yet (practice rule 11): a
    school that refers one child knows of it. From five on, for the bands of age cannot tell a
    pupil of four from a toddler; whose age is not known counts."""
    pupils = sum(child.age_band in OF_SCHOOL_AGE for child in facts.children)
    knows = facts.source_agency in SCHOOLS
    return pupils > (1 if knows else 0)


def rating_facts(facts: ReferralSubmitted) -> RatingFacts:
    """What the rules look at, of what was submitted."""
    return RatingFacts(
        children=facts.children,
        received_at=facts.received_at,
        concerns=facts.concerns,
        signals=facts.signals,
        texts=facts.texts,
        links=facts.links,
        history=tuple(HistoryFact(one.child_id, one.kind, one.at) for one in facts.history),
        request=facts.request,
        immediate_danger=facts.immediate_danger,
        agreement=facts.agreement,
        source_agency=facts.source_agency,
        referrer_level=facts.referrer_level,
    )


def _rated(case: Case, pack_version: str, *, raised_from: Rag | None) -> TriageRated:
    facts = case.facts
    return TriageRated(
        reference=facts.reference,
        received_at=facts.received_at,
        rag=case.suggested,
        level=case.level,
        urgency=case.urgency,
        children=tuple(child.suggested for child in case.children),
        reasons=case.reasons,
        clauses=case.clauses,
        pack_version=pack_version,
        agreement=facts.agreement,
        agreement_withdrawn_at=case.agreement_withdrawn_at,
        locality=facts.locality,
        school_cluster=facts.school_cluster,
        source_agency=facts.source_agency,
        raised_from=raised_from,
        domestic_abuse=case.domestic_abuse,
        school_to_tell=case.domestic_abuse and school_to_tell(facts),
    )
