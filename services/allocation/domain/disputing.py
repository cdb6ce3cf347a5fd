"""What allocation answers to a disagreement: the clocks of its stages. The case goes on."""

from datetime import datetime

from chassis.change import Change, Ids
from contracts.envelope import Event
from contracts.events import (
    DisagreementAnswered,
    DisagreementEscalated,
    DisagreementRaised,
    DisagreementResolved,
)
from policy.loading import PackSet
from services.allocation.domain.case import Case, known
from services.allocation.domain.timing import happen


def on_raised(
    state: Case | None, event: Event[DisagreementRaised], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    del now
    raised = event.data
    return happen(
        known(state),
        f"disagreement.raised:stage_{raised.stage}",
        event.time,
        policy,
        ids,
        also=_risk(immediate=raised.immediate_risk),
        subject_id=raised.disagreement_id,
    )


def on_escalated(
    state: Case | None,
    event: Event[DisagreementEscalated],
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Case]:
    del now
    further = event.data
    return happen(
        known(state),
        f"disagreement.escalated:stage_{further.stage}",
        event.time,
        policy,
        ids,
        also=_risk(immediate=further.immediate_risk),
        subject_id=further.disagreement_id,
    )


def on_answered(
    state: Case | None, event: Event[DisagreementAnswered], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    del now
    answered = event.data
    return happen(
        known(state),
        f"disagreement.answered:stage_{answered.stage}",
        event.time,
        policy,
        ids,
        subject_id=answered.disagreement_id,
    )


def on_resolved(
    state: Case | None, event: Event[DisagreementResolved], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    del now
    over = event.data
    return happen(
        known(state),
        f"disagreement.resolved:stage_{over.stage}",
        event.time,
        policy,
        ids,
        subject_id=over.disagreement_id,
    )


def _risk(*, immediate: bool) -> tuple[str, ...]:
    return ("immediate",) if immediate else ()
