"""Whether decisions' messages were useful, as a hub reads it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Because = Literal["why_unclear", "next_unclear", "too_late", "not_agreed", "other"]
SMALL: Final = 5
"""One to five are not published."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What was said of one kind of message of an authority. None where it is not published."""

    authority: str
    kind: str
    useful: int | None = 0
    not_useful: int | None = 0
    because: Mapping[str, int | None] = field(default_factory=dict)


def summed(rows: Iterable[Mapping[str, Any]]) -> list[Kind]:
    """Counts by kind, with the reasons of those for whom it was not useful."""
    found: dict[tuple[str, str], dict[str | None, int]] = {}
    for row in rows:
        said = found.setdefault((row["authority"], row["kind"]), {})
        reason = None if row["useful"] else row["because"]
        said[reason] = said.get(reason, 0) + row["count"]
    return [
        Kind(
            authority,
            kind,
            said.get(None, 0),
            sum(count for reason, count in said.items() if reason),
            {reason: count for reason, count in sorted(said.items(), key=str) if reason},
        )
        for (authority, kind), said in sorted(found.items())
    ]


def published(kinds: Iterable[Kind]) -> list[Kind]:
    """Counts without small ones: with one of them left out nothing beside it tells what it was."""
    return [
        Kind(one.authority, one.kind, None, None, {})
        if any(_is_small(count) for count in (one.useful, one.not_useful))
        else Kind(
            one.authority,
            one.kind,
            one.useful,
            one.not_useful,
            {} if any(map(_is_small, one.because.values())) else one.because,
        )
        for one in kinds
    ]


def _is_small(count: int | None) -> bool:
    return 0 < (count or 0) <= SMALL
