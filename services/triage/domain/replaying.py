"""Making a suggestion again from what a decider saw (practice rule 28)."""

from dataclasses import dataclass

from contracts.events import ChildRating, Reason
from policy.loading import PackSet
from policy.rating import suggest
from services.triage.domain.case import Seen
from services.triage.domain.suggesting import rating_facts


@dataclass(frozen=True, slots=True)
class Replay:
    """What the rules say today of what was seen then, by the same version of the guidance."""

    same: bool
    suggested: tuple[ChildRating, ...]
    reasons: tuple[Reason, ...]


def replay(authority: str, seen: Seen, policy: PackSet) -> Replay:
    """Rate again. Raises UnknownVersion where the version is no longer kept."""
    pack = policy.version(authority, seen.suggested_by)
    again = suggest(rating_facts(seen.facts), pack)
    return Replay(
        (again.children, again.reasons) == (seen.suggested, seen.reasons),
        again.children,
        again.reasons,
    )
