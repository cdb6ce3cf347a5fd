"""What a referral leaves out about agreement and about telling the parents, asked of its referrer by
the house itself. Pure.

Practice rule 12: the rating comes first, nothing is sent back unread, and nothing waits for the
answer. The hub's people do not do the referrer's asking: the referrer is asked, under a clock.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from chassis.change import Change, Ids
from contracts.codes import AGENCY_TYPES, AgencyGroup
from contracts.envelope import Event
from contracts.events import (
    AgreementStatus,
    InformationReceived,
    Rag,
    ReferralAgreementRecorded,
    ReferralSubmitted,
)
from policy.loading import PackSet
from services.triage import domain
from services.triage.checks.domain import Ask, ask, clock_of
from services.triage.checks.request import REFERRER, By, Request, RequestState
from services.triage.domain.case import Case, known
from services.triage.domain.suggesting import again, rated

ABOUT: Final = "agreement"
ASKED: Final = (
    "Your referral has been received and rated, and nothing waits for this. Please tell us: {}. "
    "Do not ask the family where asking would put somebody at risk: say that instead."
)


def missing(facts: ReferralSubmitted) -> tuple[str, ...]:
    """What a referral doesn't say that its referrer could: nobody asks that of a member of the
    public, or of a child."""
    agency = AGENCY_TYPES.get(facts.source_agency)
    if agency is not None and agency.group is AgencyGroup.INDIVIDUAL:
        return ()
    return tuple(_missing(facts))


def _missing(facts: ReferralSubmitted) -> Iterator[str]:
    if facts.agreement in {AgreementStatus.UNKNOWN, AgreementStatus.NOT_SOUGHT}:
        yield "whether the family agrees to help, who said so and when"
    if facts.parents_informed is None:
        yield "whether the parents know of this referral"
    elif not facts.parents_informed and facts.reason_not_informed is None:
        yield "why the parents were not told"


def on_submitted(
    state: Case | None, event: Event[ReferralSubmitted], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Rate, then ask for what is missing, where the pack does so and Red is not suggested."""
    change = domain.on_submitted(state, event, policy, ids, now)
    if change is None:
        return None
    case, facts = change.state, event.data
    wanted = missing(facts)
    pack = policy.version(case.authority, facts.pack_version)
    if not pack.checks.agreement or not wanted or case.suggested is Rag.RED:
        return change
    command = Ask(
        person=None,
        of=REFERRER,
        by=By.LINK,
        basis=facts.basis,
        need=ASKED.format("; ".join(wanted)),
        shared="",
        parents_told=facts.parents_informed is True,
        not_told_because=None,
        organisation_id=facts.organisation_id,
        address=None,
        about=ABOUT,
    )
    asked, _ = ask(case, command, policy, ids, now)
    return Change(asked.state, (*change.events, *asked.events))


def on_recorded(
    state: Case | None,
    event: Event[ReferralAgreementRecorded],
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Case]:
    """Keep what the family says now: whoever decides must have seen it. What was decided stands. An
    agreement that is taken back is shown from then on; it closes nothing."""
    del ids
    case, said = known(state), event.data
    told = said.parents_informed is not None
    facts = case.facts.model_copy(
        update={
            "agreement": said.agreement,
            **({"parents_informed": said.parents_informed} if told else {}),
            **({"reason_not_informed": said.reason_not_informed} if told else {}),
        }
    )
    changed = replace(
        again(case, facts, policy, now),
        agreement_withdrawn_at=said.recorded_at if said.withdrawn else None,
    )
    answered = () if missing(facts) else tuple(_asked(case))
    if answered:
        ended = {
            one.request_id: replace(one, state=RequestState.ANSWERED, ended_at=now)
            for one in answered
        }
        requests = tuple(ended.get(one.request_id, one) for one in case.requests)
        changed = replace(changed, requests=requests)
    pack = policy.version(case.authority, facts.pack_version)
    events = tuple(
        InformationReceived(
            request_id=one.request_id, of=clock_of(pack, one.of, one.rag, one.asked_at)[0]
        )
        for one in answered
    )
    return Change(changed, (*events, rated(changed, case)))


def _asked(case: Case) -> Iterator[Request]:
    for one in case.requests:
        if one.about == ABOUT and one.state is RequestState.OPEN:
            yield one
