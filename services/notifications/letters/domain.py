"""Whether the family may be given a letter, and what to mind before it is. Pure.

A letter can be found by somebody else in the home. So it is not offered where telling the family
would put somebody at risk, or would warn whoever may have done harm (practice rules 11 and 21).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from contracts.codes import NOT_REACHED
from contracts.events import Outcome
from services.notifications.domain import Case
from services.notifications.reads import Decision

# Whoever may have done one of these learns of it from the police and social workers together.
NOT_BY_LETTER: Final = frozenset(
    {"fabricated_illness", "female_genital_mutilation", "honour_based_abuse", "sexual_abuse"}
)


class Withheld(StrEnum):
    """Why no letter is offered."""

    RESTRICTED = "restricted"
    NOT_DECIDED = "not_decided"
    DISCUSSION_FIRST = "discussion_first"
    PARENTS_NOT_TOLD = "parents_not_told"
    HARM_MAY_BE_HIDDEN = "harm_may_be_hidden"


class Caution(StrEnum):
    """What whoever gives the letter has to mind."""

    SAFE_CONTACT = "safe_contact"
    NOT_REACHED = "not_reached"
    ASK_WHETHER_TOLD = "ask_whether_told"


@dataclass(frozen=True, slots=True)
class Offer:
    """`because` says why there is no letter, `reason` with which of the codes for not telling
    parents; `decision` is the one to write about."""

    because: Withheld | None = None
    reason: str | None = None
    cautions: tuple[Caution, ...] = ()
    decision: Decision | None = None


def offer(case: Case, decisions: Sequence[Decision]) -> Offer:
    """Whether there is a letter for the family. `decisions` are all that may be told of this
    referral; the latest that gives each child an outcome counts."""
    if case.restricted:
        return Offer(Withheld.RESTRICTED)
    told = [one for one in decisions if one.children]
    if not told:
        return Offer(Withheld.NOT_DECIDED)
    decision = max(told, key=lambda one: one.decided_at)
    family = decision.family
    if any(child.outcome is Outcome.STRATEGY_DISCUSSION for child in decision.children):
        return Offer(Withheld.DISCUSSION_FIRST)
    reason = family.reason_not_informed
    if family.parents_informed is False and reason != NOT_REACHED:
        return Offer(Withheld.PARENTS_NOT_TOLD, reason)
    concerns = frozenset(family.concerns)
    if concerns & NOT_BY_LETTER:
        return Offer(Withheld.HARM_MAY_BE_HIDDEN)
    minded = {
        Caution.SAFE_CONTACT: "domestic_abuse" in concerns,
        Caution.NOT_REACHED: family.parents_informed is False,
        Caution.ASK_WHETHER_TOLD: family.parents_informed is None,
    }
    return Offer(cautions=tuple(one for one, holds in minded.items() if holds), decision=decision)
