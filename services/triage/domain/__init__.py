"""What triage decides: the suggested rating, and the rules that a person's decision must keep.

Pure: no input or output, no clock, no random. A case keeps the facts that came in events; words
that people wrote (rationale, analysis, actions) pass through on their way to the vault.
"""

from services.triage.domain.case import (
    Action,
    Attender,
    Awaiting,
    Case,
    Child,
    ChildAgreed,
    ChildToDecide,
    Claim,
    Countersignature,
    Decision,
    DecisionKind,
    Discussion,
    Dismissal,
    DutyDone,
    Person,
    Seen,
    Status,
)
from services.triage.domain.deciding import Decide, decide
from services.triage.domain.discarding import decide_discard
from services.triage.domain.rerating import Rerate, rerate
from services.triage.domain.suggesting import (
    on_submitted,
    on_updated,
    on_withdrawn,
    rating_facts,
)
from services.triage.domain.withdrawing import ConcludeWithdrawal, conclude_withdrawal

__all__ = [
    "Action",
    "Attender",
    "Awaiting",
    "Case",
    "Child",
    "ChildAgreed",
    "ChildToDecide",
    "Claim",
    "ConcludeWithdrawal",
    "Countersignature",
    "Decide",
    "Decision",
    "DecisionKind",
    "Discussion",
    "Dismissal",
    "DutyDone",
    "Person",
    "Rerate",
    "Seen",
    "Status",
    "conclude_withdrawal",
    "decide",
    "decide_discard",
    "on_submitted",
    "on_updated",
    "on_withdrawn",
    "rating_facts",
    "rerate",
]
