"""Localities: which one an address or a school belongs to."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_FULL = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9])[A-Z]{2}")
_OUTWARD = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?")
_AREA = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?( [0-9])?")


def _area(text: str) -> str:
    if not _AREA.fullmatch(text):
        raise ValueError(f"{text!r} is neither an outward code (CV31) nor a sector (CV32 4)")
    return text


Area = Annotated[str, AfterValidator(_area)]
WardCode = Annotated[str, Field(pattern=r"^[EW]05[0-9]{6}$")]
Name = Annotated[str, Field(min_length=1, max_length=120)]


class Locality(BaseModel):
    """An area of the authority: whole outward codes, and wards made of postcode sectors. A sector
    goes before its outward code, which may belong to another locality."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    postcodes: tuple[Area, ...] = ()
    wards: dict[Name, tuple[Area, ...]] = Field(default_factory=dict)
    ward_codes: tuple[WardCode, ...] = ()

    @property
    def areas(self) -> tuple[str, ...]:
        """Everything that it claims."""
        return (
            *self.postcodes,
            *(area for ward in self.wards.values() for area in ward),
            *self.ward_codes,
        )

    def claims(self, area: str) -> bool:
        """Whether `area` is among its own."""
        return (
            area in self.postcodes
            or any(area in ward for ward in self.wards.values())
            or area in self.ward_codes
        )


class SchoolCluster(BaseModel):
    """Schools that work together, in one locality."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    locality: str
    schools: tuple[Name, ...] = ()


class Places(Protocol):
    """What of an allocation section says where things are."""

    @property
    def localities(self) -> Mapping[str, Locality]: ...
    @property
    def school_clusters(self) -> Mapping[str, SchoolCluster]: ...
    @property
    def locality_from(self) -> tuple[str, ...]: ...


def locality_of(
    postcode: str | None, school: str | None, section: Places, ward: str | None = None
) -> tuple[str | None, str | None]:
    """The locality and the school cluster, by their codes, of a child with this address and
    school. None where no locality claims the one, or no cluster the other. `ward` is the code of
    the ward that the postcode lies in, where it is known: it goes before the postcode."""
    cluster = _cluster(school, section)
    found = {
        "postcode": _by_postcode(postcode, section, ward),
        "school": section.school_clusters[cluster].locality if cluster else None,
    }
    return next((found[way] for way in section.locality_from if found[way]), None), cluster


def claims_twice(
    localities: Mapping[str, Locality], clusters: Mapping[str, SchoolCluster]
) -> Iterator[str]:
    """Areas and schools that more than one claims."""
    owners: dict[str, str] = {}
    for code, locality in localities.items():
        for area in locality.areas:
            if owners.setdefault(area, code) != code:
                yield f"{area} is claimed by {owners[area]} and by {code}"
    schools: dict[str, str] = {}
    for code, cluster in clusters.items():
        for school in map(_plain, cluster.schools):
            if schools.setdefault(school, code) != code:
                yield f"{school!r} is in {schools[school]} and in {code}"


def _by_postcode(postcode: str | None, section: Places, ward: str | None) -> str | None:
    for area in ((ward,) if ward else ()) + _areas_of(postcode):
        for code, locality in section.localities.items():
            if locality.claims(area):
                return code
    return None


@lru_cache(maxsize=4096)
def _areas_of(postcode: str | None) -> tuple[str, ...]:
    """What a postcode lies in, the smallest first: its sector, then its outward code."""
    plain = re.sub(r"\s", "", postcode or "").upper()
    full = _FULL.fullmatch(plain)
    if full:
        return (f"{full[1]} {full[2]}", full[1])
    return (plain,) if _OUTWARD.fullmatch(plain) else ()


def _cluster(school: str | None, section: Places) -> str | None:
    wanted = _plain(school or "")
    if not wanted:
        return None
    for code, cluster in section.school_clusters.items():
        if any(_plain(each) == wanted for each in cluster.schools):
            return code
    return None


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    """A school's name without case, punctuation and what is said in brackets."""
    return " ".join(re.findall(r"\w+", re.sub(r"\(.*?\)", " ", name.casefold())))
