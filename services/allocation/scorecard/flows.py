"""The way of referrals from contact to outcome, counted by path, and what of it may be published.
Pure."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from policy.small_numbers import SMALL

STAGES: Final = ("came", "decided", "then", "ended")

DEFINITION: Final = (
    "Counted: each referral that was received in the period, once. `came`: whether a child of it is "
    "of an earlier referral that was received in the 12 months before, and what the last of those "
    "was decided as. `decided`: the most intensive outcome of its children, social care (strategy "
    "discussion, child and family assessment) before early help (early help assessment, locality "
    "panel, single agency support) before advice or no further action. `then` and `ended`, for "
    "social care and early help: the last step up or down that was accepted, otherwise whether "
    "somebody took it on; and why it ended, or that it is open."
)
SMALL_NUMBERS: Final = (
    "In published form paths of one to five referrals are left out, and others with them until what "
    "is left out at a place, of a stage there, or of a path across places is more than five in two "
    "or more. Sums are of what is shown."
)


@dataclass(frozen=True, slots=True)
class Path:
    """How many referrals of a place went one way. `then` and `ended` are None where it ends
    before."""

    authority: str
    locality: str | None
    agency: str | None
    came: str
    decided: str
    then: str | None
    ended: str | None
    referrals: int

    @property
    def place(self) -> tuple[str, str | None, str | None]:
        return self.authority, self.locality, self.agency

    @property
    def way(self) -> tuple[str | None, ...]:
        return self.came, self.decided, self.then, self.ended


def summed(paths: Iterable[Path], *, by_locality: bool, by_agency: bool) -> list[Path]:
    """Paths added up over what they are not told apart by, in order of their places."""
    sums: Counter[Path] = Counter()
    for one in paths:
        told = replace(
            one,
            locality=one.locality if by_locality else None,
            agency=one.agency if by_agency else None,
            referrals=0,
        )
        sums[told] += one.referrals
    found = [replace(path, referrals=number) for path, number in sums.items()]
    return sorted(found, key=lambda one: tuple(part or "" for part in (*one.place, *one.way)))


def published(paths: Sequence[Path]) -> list[Path]:
    """Paths as `summed` gives them, without those from which a small number could be told, also
    with the help of the whole authority's published paths and of any sum over a stage."""
    whole = summed(paths, by_locality=False, by_agency=False)
    hidden = _hidden({one: one.referrals for one in whole}, ())
    if any(one.place != (one.authority, None, None) for one in paths):
        ways = {(one.authority, one.way) for one in hidden}
        forced = [one for one in paths if (one.authority, one.way) in ways]
        hidden = _hidden({one: one.referrals for one in paths}, forced)
    return [one for one in paths if one not in hidden]


def groups_of(path: Path) -> list[Hashable]:
    """Sums that somebody may know and of which a path is a part: of its place, of each stage there,
    and of its way over all places of the authority."""
    stages = [(path.place, place, code) for place, code in enumerate(path.way) if code is not None]
    return [path.place, *stages, (path.authority, path.way)]


def _hidden(counts: Mapping[Path, int], forced: Collection[Path]) -> set[Path]:
    hidden = {one for one, number in counts.items() if 1 <= number <= SMALL} | set(forced)
    groups: dict[Hashable, list[Path]] = {}
    for one in counts:
        for group in groups_of(one):
            groups.setdefault(group, []).append(one)
    changed = True
    while changed:
        changed = False
        for members in groups.values():
            left_out = [one for one in members if one in hidden]
            shown = [one for one in members if one not in hidden]
            told = len(left_out) == 1 or sum(counts[one] for one in left_out) <= SMALL
            if left_out and shown and told:
                hidden.add(min(shown, key=lambda one: counts[one]))
                changed = True
    return hidden
