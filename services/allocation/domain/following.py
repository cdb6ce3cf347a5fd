"""What allocation answers to events of other services.

A suggested Red goes to the duty team at once, before and beside the decision. What is decided is
assigned by the first of the pack's rules that fits.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.change import Change, Ids
from contracts.envelope import Event, EventData
from contracts.events import (
    DiscussionRecorded,
    MessageSent,
    Outcome,
    Rag,
    ReferralCorrected,
    ReferralLinked,
    ReferralSubmitted,
    ReferralUnlinked,
    TriageClaimed,
    TriageCountersigned,
    TriageDecided,
    TriageRated,
    TriageRerated,
    TriageReturned,
    TriageWithdrawn,
)
from policy.allocation import WITHOUT_WORK
from policy.loading import PackSet
from policy.ruleset import RAG_ORDER
from services.allocation.clocks import domain as clockwork
from services.allocation.domain.assigning import assign_work, at_duty, end_work
from services.allocation.domain.case import Case, known
from services.allocation.domain.timing import happen, hear, recalculate, then

# Outcomes for which somebody outside takes over, in their own time: until then whoever holds the
# referral goes on holding it (practice rules 4 and 15).
HELD_ON = frozenset({Outcome.ALREADY_OPEN, Outcome.ANOTHER_AUTHORITY})


SECTION_47 = "section_47"


def on_submitted(
    state: Case | None, event: Event[ReferralSubmitted], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Start the clocks that run from receipt, whatever the colour."""
    del now
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
        locality=facts.locality,
        school_cluster=facts.school_cluster,
        agreement=facts.agreement,
        age_bands=tuple(child.age_band for child in facts.children),
        children=tuple(child.child_id for child in facts.children),
        restricted=facts.restricted,
        earlier=tuple(sorted({link.earlier_referral_id for link in facts.links})),
        concerns=tuple(dict.fromkeys(concern.code for concern in facts.concerns)),
    )
    also = tuple(tag for tag in ("telephoned", "restricted") if getattr(facts, tag))
    return happen(case, "referral.submitted", facts.received_at, policy, ids, also=also)


def on_rated(
    state: Case | None, event: Event[TriageRated], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    """Start the clocks of the suggested colour; a suggested Red goes to duty at once. What is said
    later of whom to tell starts the clocks that wait for that alone."""
    rated = event.data
    before = known(state)
    said = _whom_to_tell(rated)
    news = said - _whom_to_tell(before)
    # Work goes on: whoever holds it sees what the family says now.
    case = replace(
        before,
        agreement=rated.agreement,
        agreement_withdrawn_at=rated.agreement_withdrawn_at,
        domestic_abuse=rated.domestic_abuse,
        school_to_tell=rated.school_to_tell,
    )
    first = case.rag is None
    raised = case.rag is not None and RAG_ORDER[rated.rag] > RAG_ORDER[case.rag]
    if not first and not raised:
        if not news:
            return Change(case)
        also = tuple(sorted(news))
        return happen(case, "triage.rated", event.time, policy, ids, also=also, newly=news)
    change = Change(replace(case, rag=rated.rag, level=rated.level))
    if raised:
        change = recalculate(change, rated.rag, event.time, policy)
    # What was told of before is no news: its clock may have been met.
    also = tuple(sorted(said if first else news))
    change = then(change, happen(change.state, "triage.rated", event.time, policy, ids, also=also))
    if rated.rag is Rag.RED and not at_duty(change.state):
        change = then(change, assign_work(change.state, None, event.time, policy, ids, now))
    return change


def _whom_to_tell(said: TriageRated | Case) -> frozenset[str]:
    return frozenset(tag for tag in ("domestic_abuse", "school_to_tell") if getattr(said, tag))


def on_claimed(
    state: Case | None, event: Event[TriageClaimed], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    del now
    return happen(known(state), "triage.claimed", event.time, policy, ids)


def on_decided(
    state: Case | None, event: Event[TriageDecided], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    """Stop the clocks of deciding, start those of what was decided, and assign the work. What was
    held until then, by duty or after an earlier decision, ends once the work is assigned."""
    case = known(state)
    decided = event.data
    change = Change(
        replace(
            case,
            rag=decided.rag,
            level=decided.level or case.level,
            decided=True,
            agreement=decided.agreement,
            outcomes=tuple(child.outcome for child in decided.children),
            ended=None,
        )
    )
    tags = {
        *(str(child.outcome) for child in decided.children),
        *(str(duty) for child in decided.children for duty in child.duties),
        *(("to_countersign",) if decided.to_countersign else ()),
    }
    change = then(
        change,
        happen(
            change.state,
            "triage.decided",
            decided.decided_at,
            policy,
            ids,
            also=tuple(sorted(tags)),
            children=tuple(
                (child.child_id, child.rag, child.outcome, tuple(map(str, child.duties)))
                for child in decided.children
            ),
        ),
    )
    before = change.state.allocations
    groups: dict[Outcome, list[UUID]] = {}
    for child in decided.children:
        if child.outcome not in WITHOUT_WORK:
            groups.setdefault(child.outcome, []).append(child.child_id)
    for outcome in sorted(groups):
        change = then(
            change,
            assign_work(
                change.state, outcome, event.time, policy, ids, now, tuple(groups[outcome])
            ),
        )
    if not HELD_ON.isdisjoint(change.state.outcomes):
        return change
    # Only now that whoever was decided on has the work: somebody holds it at every moment.
    for urgent, reason in ((True, "decided"), (False, "decided_again")):
        over = {one.allocation_id for one in before if one.urgent is urgent}
        change = then(change, end_work(change.state, over, reason, decided.decided_at, policy, ids))
    return change


def on_countersigned(
    state: Case | None,
    event: Event[TriageCountersigned],
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Case]:
    """A manager has looked: the clock that waited for them stops."""
    del now
    at = event.data.countersigned_at
    return happen(known(state), "triage.countersigned", at, policy, ids)


def on_returned(
    state: Case | None, event: Event[TriageReturned], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    """A decision is undone: the clocks of deciding run again, from receipt, and whoever has the
    work keeps it until it is decided again. A Red stands on duty's desk."""
    case = known(state)
    undone = event.data
    change = happen(
        replace(case, rag=undone.rag, decided=False, outcomes=()),
        "triage.returned",
        undone.returned_at,
        policy,
        ids,
    )
    if undone.rag is Rag.RED and not at_duty(change.state):
        change = then(change, assign_work(change.state, None, event.time, policy, ids, now))
    return change


def on_discussed(
    state: Case | None, event: Event[DiscussionRecorded], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    """Agencies have talked: what waited for that stops, and what follows from an enquiry under
    section 47 starts for each child, from when they talked."""
    del now
    case = known(state)
    held = event.data
    enquiry = {
        child.child_id: (SECTION_47, str(child.enquiry)) if child.enquiry else ()
        for child in held.children
    }
    return happen(
        case,
        "triage.discussion_recorded",
        held.held_at,
        policy,
        ids,
        also=(str(held.kind), *sorted({tag for tags in enquiry.values() for tag in tags})),
        children=tuple(
            (child_id, case.rag or Rag.RED, Outcome.STRATEGY_DISCUSSION, (str(held.kind), *tags))
            for child_id, tags in enquiry.items()
        ),
    )


def on_rerated(
    state: Case | None, event: Event[TriageRerated], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    """Move the clocks by the stated rule; a re-rating to Red goes to duty at once."""
    case = known(state)
    rerated = event.data
    if rerated.rag is case.rag:
        return Change(case)
    change = Change(replace(case, rag=rerated.rag))
    change = recalculate(change, rerated.rag, rerated.rated_at, policy)
    change = then(change, happen(change.state, "triage.rerated", rerated.rated_at, policy, ids))
    if rerated.rag is Rag.RED and not at_duty(change.state):
        change = then(change, assign_work(change.state, None, event.time, policy, ids, now))
    return change


def on_withdrawn(
    state: Case | None, event: Event[TriageWithdrawn], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    """The referral is closed: its clocks stop, and nobody has it any more."""
    del now
    case = known(state)
    at = event.data.concluded_at
    change = happen(case, "triage.withdrawn", at, policy, ids)
    clocks, events = clockwork.cancel_all(change.state.clocks, at, "withdrawn")
    change = then(change, Change(replace(change.state, clocks=clocks), events))
    held = {one.allocation_id for one in change.state.allocations}
    return then(change, end_work(change.state, held, "withdrawn", at, policy, ids))


def on_corrected(
    state: Case | None, event: Event[ReferralCorrected], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Who takes it on may depend on how old a child is, and on where the family lives."""
    del policy, ids, now
    if state is None:
        return None
    right, home = event.data.child, event.data.home
    changed = state
    if home is not None:
        changed = replace(changed, locality=home.locality, school_cluster=home.school_cluster)
    if right is not None and right.child_id in changed.children:
        place = changed.children.index(right.child_id)
        bands = (*changed.age_bands[:place], right.age_band, *changed.age_bands[place + 1 :])
        changed = replace(changed, age_bands=bands)
    return None if changed == state else Change(changed)


def on_linked(
    state: Case | None, event: Event[ReferralLinked], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """A child was met before: who worked with the family then goes first."""
    del policy, ids, now
    if state is None or event.data.other_referral_id in state.earlier:
        return None
    return Change(replace(state, earlier=(*state.earlier, event.data.other_referral_id)))


def on_unlinked(
    state: Case | None, event: Event[ReferralUnlinked], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """It was another family after all."""
    del policy, ids, now
    if state is None or event.data.other_referral_id not in state.earlier:
        return None
    left = tuple(one for one in state.earlier if one != event.data.other_referral_id)
    return Change(replace(state, earlier=left))


def on_heard(
    state: Case | None, event: Event[EventData], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """An event that only clocks listen to, because a pack says so."""
    del now
    return hear(state, event.data, event.time, policy, ids) if state is not None else None


def on_message_sent(
    state: Case | None, event: Event[MessageSent], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """A message that was sent stops the clocks that wait for it."""
    del now
    case = known(state)
    sent = event.data
    if sent.audience != "referrer":
        return None
    return happen(case, f"message.sent:{sent.kind}", sent.sent_at, policy, ids)
