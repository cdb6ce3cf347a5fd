"""Small numbers: what is published tells of nobody. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from policy.small_numbers import SMALL


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a measure: `count` of `total`. None where it is not published."""

    measure: str
    authority: str
    locality: str | None
    agency: str | None
    category: str | None
    count: int | None
    total: int | None

    @property
    def percent(self) -> float | None:
        """Of a hundred, to one decimal."""
        if self.count is None or not self.total:
            return None
        return round(100 * self.count / self.total, 1)


def summed(figures: Iterable[Figure], *, by_locality: bool, by_agency: bool) -> list[Figure]:
    """Figures added up over what they are not told apart by."""
    sums: dict[tuple[str, ...], Figure] = {}
    for one in figures:
        told = replace(
            one,
            locality=one.locality if by_locality else None,
            agency=one.agency if by_agency else None,
        )
        key = (
            told.measure,
            told.authority,
            told.locality or "",
            told.agency or "",
            told.category or "",
        )
        before = sums.get(key)
        if before is not None:
            told = replace(
                told,
                count=(before.count or 0) + (told.count or 0),
                total=(before.total or 0) + (told.total or 0),
            )
        sums[key] = told
    return [sums[key] for key in sorted(sums)]


def shared_totals(figures: Sequence[Figure]) -> list[Figure]:
    """Figures by category, each of the total of its group."""
    totals: dict[tuple[str, str, str | None, str | None], int] = {}
    for one in figures:
        key = (one.measure, one.authority, one.locality, one.agency)
        totals[key] = totals.get(key, 0) + (one.count or 0)
    return [
        replace(one, total=totals[one.measure, one.authority, one.locality, one.agency])
        if one.category is not None
        else one
        for one in figures
    ]


def published(figures: Sequence[Figure]) -> list[Figure]:
    """Figures without small numbers. Where one figure of a measure alone would be left out it could
    be found by subtraction, so that the next smallest goes too."""
    hidden = {place for place, one in enumerate(figures) if _small(one)}
    groups: dict[tuple[str, str], list[int]] = {}
    for place, one in enumerate(figures):
        groups.setdefault((one.measure, one.authority), []).append(place)
    for places in groups.values():
        left_out = [place for place in places if place in hidden]
        if len(left_out) == 1 and len(places) > 1:
            shown = [place for place in places if place not in hidden]
            hidden.add(min(shown, key=lambda place: (figures[place].total or 0, place)))
    return [
        replace(one, count=None, total=None) if place in hidden else one
        for place, one in enumerate(figures)
    ]


def _small(one: Figure) -> bool:
    count, total = one.count or 0, one.total or 0
    return any(1 <= number <= SMALL for number in (count, total, total - count))
