"""Whether decisions' messages were useful, as a hub reads it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from policy.small_numbers import is_small

Because = Literal["why_unclear", "next_unclear", "too_late", "not_agreed", "other"]
SHIPPED: Final = "shipped"


@dataclass(frozen=True, slots=True)
class Kind:
    """What was said of one kind of message of an authority, as a template wrote it: `shipped`, or the
    version of the pack that brought the authority's own. None where it is not published."""

    authority: str
    kind: str
    useful: int | None = 0
    not_useful: int | None = 0
    because: Mapping[str, int | None] = field(default_factory=dict)
    template: str = SHIPPED


def summed(rows: Iterable[Mapping[str, Any]]) -> list[Kind]:
    """Counts by kind and template, with the reasons of those for whom it was not useful."""
    found: dict[tuple[str, str, str], dict[str | None, int]] = {}
    for row in rows:
        said = found.setdefault((row["authority"], row["kind"], row["template"] or SHIPPED), {})
        reason = None if row["useful"] else row["because"]
        said[reason] = said.get(reason, 0) + row["count"]
    return [
        Kind(
            authority,
            kind,
            said.get(None, 0),
            sum(count for reason, count in said.items() if reason),
            {reason: count for reason, count in sorted(said.items(), key=str) if reason},
            template,
        )
        for (authority, kind, template), said in sorted(found.items())
    ]


def published(kinds: Iterable[Kind]) -> list[Kind]:
    """Counts without small ones: with one of them left out nothing beside it tells what it was."""
    return [
        replace(one, useful=None, not_useful=None, because={})
        if any(is_small(count) for count in (one.useful, one.not_useful))
        else replace(one, because={} if any(map(is_small, one.because.values())) else one.because)
        for one in kinds
    ]
