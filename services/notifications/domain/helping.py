"""Help that no team takes on: when whoever referred is asked whether it happened (practice rule 24)."""

from dataclasses import replace
from typing import Final

from contracts.events import Outcome, TriageCountersigned, TriageDecided
from policy.helping import ask_at
from policy.loading import PackSet
from policy.working_time import LONDON
from services.notifications.domain.case import Case, Help

NO_TEAMS: Final = frozenset(
    {
        Outcome.SINGLE_AGENCY_SUPPORT,
        Outcome.INFORMATION_AND_ADVICE,
        Outcome.NO_FURTHER_ACTION,
    }
)
"""Outcomes after which nobody of the hub sees whether the help began."""

# What a digest says of it, in the place of a clock's name.
NO_HELP: Final = "help_did_not_begin"


def noted(case: Case, decision: TriageDecided | TriageCountersigned, policy: PackSet) -> Case:
    """`case` with the time at which to look whether to ask, where no child's outcome is a team's. What
    is decided of the public's referrals, and of restricted ones, is not theirs to be told."""
    outcomes = {child.outcome for child in decision.children}
    if not outcomes or not outcomes <= NO_TEAMS or case.public or case.restricted:
        return case
    try:
        pack = policy.current(case.authority, decision.decided_at.astimezone(LONDON).date())
    except KeyError:
        return case
    asked = Help(decision.decision_id, ask_at(pack, decision.decided_at))
    return replace(case, helps=(*case.helps, asked))
