"""What a comparison comes to: linked, a candidate for a person to confirm, or nothing."""

from dataclasses import dataclass
from enum import StrEnum

from policy.matching.comparing import Compared
from policy.matching.person import Person
from policy.matching.section import MatchingSection


class State(StrEnum):
    """How two records stand to each other. `not_same` is only ever said by a person."""

    LINKED = "linked"
    CANDIDATE = "candidate"
    NOT_SAME = "not_same"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`score` is the chance that they are one, 0 to 1. `reasons` are codes, FIELD_LEVEL."""

    state: State
    score: float
    reasons: tuple[str, ...]


def judge(
    one: Person, other: Person, compared: Compared, matching: MatchingSection
) -> Verdict | None:
    """What two records are to each other; None where they are strangers, or siblings.

    Automatic links only on an identical verified number with an agreeing name or birth date, and
    never between twins (practice rule 15); adults are never linked without a person.
    """
    if one.adult != other.adult:
        return None
    score = compared.score
    number = compared.number_same
    alike = twins(compared)
    if not number:
        if score < matching.limits.candidate or alike:
            return None
        given, birth = compared.of("given"), compared.of("birth")
        if given == "other" and not compared.birth_agrees and birth is not None:
            return None
    reasons = compared.reasons
    automatic = (
        number
        and not alike
        and not one.adult
        and score >= matching.limits.linked
        and (compared.name_agrees or compared.of("birth") in {"same", "swapped"})
    )
    if alike:
        reasons = ("may_be_twins", *reasons)
    return Verdict(State.LINKED if automatic else State.CANDIDATE, round(score, 4), reasons)


def twins(compared: Compared) -> bool:
    """Whether these may be twins: one birth date, another given name, and one home, or nobody
    knows that it is another."""
    given = compared.of("given")
    return (
        given in {"other", "initial"}
        and compared.of("birth") in {"same", "swapped"}
        and compared.of("home") != "other"
    )
