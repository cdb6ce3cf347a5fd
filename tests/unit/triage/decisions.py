"""Decisions for tests."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from contracts.envelope import EventData
from contracts.events import Outcome, Rag
from policy.loading import PackSet
from services.triage.domain import Action, Case, ChildToDecide, Decide, Person, decide
from tests.unit.triage.cases import OPEN, Ids

OUTCOMES = {
    Rag.RED: Outcome.STRATEGY_DISCUSSION,
    Rag.AMBER: Outcome.CHILD_AND_FAMILY_ASSESSMENT,
    Rag.GREEN: Outcome.EARLY_HELP_ASSESSMENT,
    Rag.NONE: Outcome.NO_FURTHER_ACTION,
}
IDS = Ids()


def decision(case: Case, who: Person, rag: Rag, **said: Any) -> Decide:
    """A whole decision, the same for every child."""
    return Decide(
        **{
            "person": who,
            "expected_version": case.version,
            "children": tuple(
                ChildToDecide(child.child_id, rag, OUTCOMES[rag]) for child in case.children
            ),
            "rationale": "It meets the guidance as you describe it.",
            "analysis": None,
            "clauses": (),
            "no_clause_because": "None of them is about this.",
            "actions": (Action("Ring the family", "Duty team"),),
            **said,
        }
    )


def decided(
    case: Case, who: Person, rag: Rag, packs: PackSet, *, now: datetime = OPEN, **said: Any
) -> tuple[Case, tuple[EventData, ...]]:
    """The case once it is decided and saved, and what was said of it."""
    change, _ = decide(case, decision(case, who, rag, **said), packs, IDS, now)
    return replace(change.state, added=(), signatures=()), change.events
