"""What a practitioner who asks for advice is told at once: clauses of the guidance, and questions to
think about. Pure.

It can say that something has to be referred now. It can never say that something need not be:
there is no colour below Red in an answer, no level, and no word that a worry is too small.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from contracts.events import (
    AgeBand,
    ChildFacts,
    ConcernFact,
    NarrativeSignal,
    Rag,
    TextReading,
)
from policy.pack import Clause, Pack
from policy.rating import RatingFacts, suggest
from policy.working_time import Due, due

SOMEBODY: Final = UUID(int=1)

QUESTIONS: Final = (
    "What have you seen or heard yourself, and what were you told by somebody else?",
    "What is life like for the child, day by day, while this goes on?",
    "What does the child say, or show, about it?",
    "Is it getting worse, and what could happen if nothing changes?",
    "Who else lives in the home or comes to it, and who else is worried?",
    "What has been tried already, and did it change anything for the child?",
    "What do the parents say? Would talking to them put the child at greater risk?",
)
_BY_CONCERN: Final = {
    "domestic_abuse": (
        "Who is safe to be spoken to, when, and how?",
        "Where is the child when it happens?",
    ),
    "neglect": ("Is it now and then, or most days? Since when?",),
    "physical_abuse": (
        "Could the child have hurt themselves in that way, at that age?",
        "Does what you were told fit what you saw?",
    ),
    "injury_to_non_mobile_child": (
        "Could a child who cannot move about have hurt themselves in that way?",
    ),
    "sexual_abuse": (
        "What were the child's own words? Don't ask the child to say them again.",
    ),
    "self_harm": ("Who is with the child now, and what could they hurt themselves with?",),
    "parental_substance_misuse": ("Who looks after the child when the parent cannot?",),
    "parental_mental_ill_health": ("Who looks after the child when the parent cannot?",),
    "criminal_exploitation": ("Who has money, telephones or clothes that nobody can explain?",),
    "sexual_exploitation": ("Who is the child with, and who is older or holds power?",),
    "missing": ("Where does the child go, with whom, and what has changed before it?",),
    "young_carer": ("What does the child do for others that a child should not have to?",),
    "unborn_child": ("When is the baby due, and has the mother been seen?",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Advice:
    """`refer_now`: what was asked about has to be referred, at once."""

    refer_now: bool
    clauses: tuple[Clause, ...]
    questions: tuple[str, ...]


def advise(
    pack: Pack,
    *,
    concerns: Sequence[str],
    age: AgeBand,
    signals: Sequence[NarrativeSignal],
    readings: Sequence[TextReading],
    at: datetime,
) -> Advice:
    """What can be said at once about a question. `concerns` are codes; what was not read in the
    text is left to the practitioner who answers."""
    suggestion = suggest(
        RatingFacts(
            children=(ChildFacts(child_id=SOMEBODY, age_band=age),),
            received_at=at,
            concerns=tuple(ConcernFact(code=code) for code in concerns),
            signals=tuple(signals),
            texts=tuple(one for one in readings if one.read),
        ),
        pack,
    )
    clauses = tuple(
        pack.clauses[clause]
        for clause in dict.fromkeys(reason.clause for reason in suggestion.reasons)
    )
    about = dict.fromkeys(
        (
            *concerns,
            *(
                code
                for signal in signals
                if signal.indicator in pack.indicators
                for code in pack.indicators[signal.indicator].about
            ),
        )
    )
    special = [question for code in about for question in _BY_CONCERN.get(code, ())]
    return Advice(suggestion.rag is Rag.RED, clauses, tuple(dict.fromkeys((*special, *QUESTIONS))))


def answer_due(pack: Pack, at: datetime) -> Due:
    """By when a practitioner answers what was asked at a moment."""
    period = pack.consultations.answer_within
    return due(at, period.amount, period.unit, period.count, calendar=pack.calendar)
