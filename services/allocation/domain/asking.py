"""What allocation answers when the hub asks for information: a clock for each request, by the colour
of the moment."""

from datetime import datetime

from chassis.change import Change, Ids
from contracts.envelope import Event
from contracts.events import InformationReceived, InformationRequested, InformationWithdrawn
from policy.loading import PackSet
from services.allocation.domain.case import Case, known
from services.allocation.domain.timing import happen


def on_requested(
    state: Case | None, event: Event[InformationRequested], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    """Start the clock of an answer."""
    del now
    asked = event.data
    trigger = f"triage.information_requested:{asked.of}"
    return happen(known(state), trigger, event.time, policy, ids, subject_id=asked.request_id)


def on_received(
    state: Case | None, event: Event[InformationReceived], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    """The answer came."""
    del now
    said = event.data
    trigger = f"triage.information_received:{said.of}"
    return happen(known(state), trigger, event.time, policy, ids, subject_id=said.request_id)


def on_taken_back(
    state: Case | None, event: Event[InformationWithdrawn], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    """Nobody waits for it any more."""
    del now
    said = event.data
    trigger = f"triage.information_withdrawn:{said.of}"
    return happen(known(state), trigger, event.time, policy, ids, subject_id=said.request_id)
