"""Help that was named and that no team sees (practice rule 24): when whoever was told of it is asked
whether it happened, and how what they say is counted. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from policy.pack import Pack
from policy.small_numbers import is_small
from policy.working_time import due

Answer = Literal["it_happened", "began_and_stopped", "never_got_there", "no_room", "not_known"]
LOOK_AGAIN: Final = frozenset({"never_got_there", "no_room"})
"""After these a person of the hub looks again: nothing is closed or opened by them."""


def ask_at(pack: Pack, named_at: datetime) -> datetime:
    """When to ask after help that was named at a moment."""
    after = pack.messages.help_asked_after
    return due(named_at, after.amount, after.unit, after.count, calendar=pack.calendar).due_at


@dataclass(frozen=True, slots=True)
class Said:
    """How many in an authority gave each answer. None where it is not published."""

    authority: str
    total: int | None
    answers: Mapping[str, int | None]


def summed(rows: Iterable[Mapping[str, Any]]) -> list[Said]:
    """Counts by authority and answer."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["authority"], {})[row["answer"]] = row["count"]
    return [
        Said(authority, sum(answers.values()), dict(sorted(answers.items())))
        for authority, answers in sorted(found.items())
    ]


def published(said: Iterable[Said]) -> list[Said]:
    """Counts without small ones, and then without the total that would tell what they were."""
    return [
        replace(
            one,
            total=None,
            answers={
                answer: None if is_small(count) else count for answer, count in one.answers.items()
            },
        )
        if any(map(is_small, one.answers.values()))
        else one
        for one in said
    ]
