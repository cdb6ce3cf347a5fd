"""The part of a pack that says when two people on two forms may be one.

Weights are those of Fellegi and Sunter: `m` is how often a field agrees so for the same person,
`u` how often for two people picked at random. A field that is blank says nothing.
"""

from collections.abc import Mapping
from functools import cached_property
from math import log2
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Chance = Annotated[float, Field(gt=0, lt=1)]
Comparison = Literal["given", "family", "names", "birth", "home", "sex", "nhs_number", "upn"]

LEVELS: Mapping[Comparison, tuple[str, ...]] = MappingProxyType(
    {
        "given": ("same", "nickname", "similar", "sounds", "initial", "other"),
        "family": ("same", "part", "similar", "sounds", "other"),
        "names": ("swapped", "crossed"),
        "birth": ("same", "swapped", "digit", "near", "expected", "not_expected", "other"),
        "home": ("same", "postcode", "neighbour", "line", "near", "other"),
        "sex": ("same", "other"),
        "nhs_number": ("same", "other"),
        "upn": ("same", "other"),
    }
)


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Weight(Part):
    """How often a field agrees so: for the same person, and by chance."""

    m: Chance
    u: Chance


class Limits(Part):
    """Scores from which two records are candidates, and from which a link may be automatic."""

    candidate: Chance
    linked: Chance

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.candidate > self.linked:
            raise ValueError("the lower limit is above the upper one")
        return self


class MatchingSection(Part):
    """How people are matched. `prior`: the chance that a record met by a look-up is the same
    person, before anything is compared. `shown`: how many matches of one person are kept.
    `recent_days`: until when a closed referral counts as recently closed. `incident_days`: how
    far apart two agencies may tell of one incident. `stale_days`: for how many days what other systems
    said holds; after that it is not known. `nicknames`: names that stand for each other,
    the first being the root."""

    prior: Chance
    limits: Limits
    weights: dict[Comparison, dict[str, Weight]]
    shown: Annotated[int, Field(ge=1, le=200)] = 30
    repeat_days: Annotated[int, Field(ge=1)] = 365
    recent_days: Annotated[int, Field(ge=1)] = 182
    incident_days: Annotated[int, Field(ge=0)] = 3
    stale_days: Annotated[int, Field(ge=1, le=31)] = 3
    placeholders: frozenset[str] = frozenset()
    nicknames: tuple[tuple[str, ...], ...] = ()

    @model_validator(mode="after")
    def _weighs_every_level(self) -> Self:
        for comparison, levels in LEVELS.items():
            given = set(self.weights.get(comparison, {}))
            if given != set(levels):
                wrong = ", ".join(sorted(given ^ set(levels)))
                raise ValueError(f"the weights of {comparison} lack or do not know: {wrong}")
        return self

    @cached_property
    def bits(self) -> Mapping[Comparison, Mapping[str, float]]:
        """What each level adds to the score, in bits: each doubles the odds."""
        return {
            comparison: {level: log2(one.m / one.u) for level, one in levels.items()}
            for comparison, levels in self.weights.items()
        }

    @cached_property
    def prior_bits(self) -> float:
        """The odds before anything is compared, in bits."""
        return log2(self.prior / (1 - self.prior))

    @cached_property
    def roots(self) -> Mapping[str, frozenset[str]]:
        """The roots of each name that has other forms; a name may belong to several."""
        found: dict[str, set[str]] = {}
        for forms in self.nicknames:
            for form in forms:
                found.setdefault(form, set()).add(forms[0])
        return {name: frozenset(roots) for name, roots in found.items()}

    def roots_of(self, name: str) -> frozenset[str]:
        """The roots of a plain name; the name itself where it has no other forms."""
        return self.roots.get(name) or frozenset((name,))
