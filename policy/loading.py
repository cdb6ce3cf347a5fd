"""Loading packs from disk: the one place where policy reads anything.

A folder of packs has a folder for each authority, in it a folder for each version, in it YAML
files that are merged by their top-level keys. `include: [shared/2018.1]` brings in shared files.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from policy.announced import Days, add_announced, read_announced
from policy.consistency import inconsistencies
from policy.pack import Pack
from policy.sources import PackError, PackProblem, Sources, Where
from policy.working_time import Calendar, closed_as_known

__all__ = ["PACKS", "PackError", "PackProblem", "PackSet", "load_packs", "read_packs"]

PACKS = Path(__file__).parent / "packs"
SHARED = "shared"


class UnknownVersion(KeyError):
    """There is no such version of that authority's pack in this installation. An event that names
    it waits until it has."""


@dataclass(frozen=True, slots=True)
class PackSet:
    """The packs of an installation: for each authority its versions, oldest first."""

    packs: Mapping[str, tuple[Pack, ...]]
    _calendars: dict[tuple[str, str, str], Calendar] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def authorities(self) -> tuple[str, ...]:
        """The authorities that have a pack, in alphabetical order."""
        return tuple(sorted(self.packs))

    def current(self, authority: str, on: date) -> Pack:
        """The version in force on a day. KeyError if the authority has none that day."""
        versions = self.packs[authority]
        number = bisect_right(versions, on, key=lambda pack: pack.valid_from)
        if number == 0:
            raise KeyError(authority, on)
        pack = versions[number - 1]
        if pack.valid_until is not None and on > pack.valid_until:
            raise KeyError(authority, on)
        return pack

    def in_force(self, on: date) -> tuple[Pack, ...]:
        """The pack in force on a day of every authority that has one that day."""
        found = []
        for authority in self.authorities:
            with suppress(KeyError):
                found.append(self.current(authority, on))
        return tuple(found)

    def version(self, authority: str, version: str) -> Pack:
        """One version. Raises UnknownVersion."""
        for pack in self.packs[authority]:
            if pack.version == version:
                return pack
        raise UnknownVersion(authority, version)

    def calendar(self, authority: str, version: str, on: date) -> Calendar:
        """The hours of a version, closed on every day that is known to be closed on a day: a
        later version's bank holidays and closures, from its first day on, count for what an
        earlier version started. Raises UnknownVersion."""
        pack = self.version(authority, version)
        try:
            current = self.current(authority, on)
        except KeyError:
            return pack.calendar
        if current.valid_from <= pack.valid_from:
            return pack.calendar
        key = (authority, version, current.version)
        if key not in self._calendars:
            self._calendars[key] = Calendar.of(
                closed_as_known(pack.hours, current.hours, current.valid_from)
            )
        return self._calendars[key]


def load_packs(
    folder: Path | None = None,
    authorities: Collection[str] | None = None,
    announced: Path | Days | None = None,
) -> PackSet:
    """Load every version of every authority's pack, or of those named. `announced` are the days
    that became known later, or their file.

    Raises PackError, saying all that is wrong, if any of them can't be used, or if a named
    authority has no pack.
    """
    days = read_announced(announced) if isinstance(announced, Path | None) else announced
    packs, problems = read_packs(folder or PACKS, authorities, days)
    if problems:
        raise PackError(problems)
    return PackSet(packs)


def read_packs(
    folder: Path, authorities: Collection[str] | None = None, announced: Days | None = None
) -> tuple[dict[str, tuple[Pack, ...]], tuple[PackProblem, ...]]:
    """The packs that could be read, and everything that is wrong with the others."""
    folder = folder.resolve()
    sources = Sources(folder)
    packs: dict[str, tuple[Pack, ...]] = {}
    problems: list[PackProblem] = []
    for authority in _authorities(folder, authorities, problems):
        read = [
            (pack, version)
            for version in sorted(each for each in (folder / authority).iterdir() if each.is_dir())
            if (pack := _read_pack(sources, version, problems, announced or {})) is not None
        ]
        read.sort(key=lambda pair: pair[0].valid_from)
        problems.extend(_date_problems(sources, read))
        packs[authority] = tuple(pack for pack, _ in read)
    return packs, tuple(problems)


def _authorities(
    folder: Path, wanted: Collection[str] | None, problems: list[PackProblem]
) -> Sequence[str]:
    found = sorted(
        each.name
        for each in (folder.iterdir() if folder.is_dir() else ())
        if each.is_dir() and each.name != SHARED and not each.name.startswith(".")
    )
    if wanted is None:
        if not found:
            problems.append(PackProblem(folder.name, 0, "", "there is no pack in this folder"))
        return found
    problems.extend(
        PackProblem(folder.name, 0, name, "there is no pack for this authority")
        for name in sorted(set(wanted) - set(found))
    )
    return [name for name in found if name in wanted]


def _read_pack(
    sources: Sources, folder: Path, problems: list[PackProblem], announced: Days
) -> Pack | None:
    try:
        content, files = sources.merged(folder)
    except PackError as error:
        problems.extend(error.problems)
        return None
    if not files:
        problems.append(PackProblem(sources.name(folder), 0, "", "there are no files in it"))
        return None
    _name_by_key(content)
    content["hours"] = add_announced(content.get("hours"), announced, folder.parent.name)
    try:
        pack = Pack.model_validate(content)
    except ValidationError as error:
        problems.extend(
            sources.locate(files, _where(each["loc"], content), _words(each["msg"]))
            for each in error.errors(include_url=False, include_input=False)
        )
        return None
    found = list(_own_problems(pack, folder))
    problems.extend(sources.locate(files, where, message) for where, message in found)
    return None if found else pack


def _own_problems(pack: Pack, folder: Path) -> Iterator[tuple[Where, str]]:
    if pack.authority != folder.parent.name:
        yield ("authority",), f"stands in the folder of {folder.parent.name!r}"
    if pack.version != folder.name:
        yield ("version",), f"stands in the folder {folder.name!r}"
    yield from inconsistencies(pack)


# Sections written as mappings by key: the key is the thing's own id or code.
_KEYED = {"clauses": "id", "indicators": "code", "combinations": "id", "history": "id"}


def _name_by_key(content: dict[str, Any]) -> None:
    for section, name in _KEYED.items():
        held = content.get(section)
        if isinstance(held, dict):
            content[section] = {
                key: {**value, name: key} if isinstance(value, dict) else value
                for key, value in held.items()
            }


def _where(location: Where, content: Mapping[str, Any]) -> Where:
    """Pydantic's location with numbers of list items that have ids turned into those ids."""
    steps: list[str | int] = []
    held: Any = content
    for step in location:
        found = step
        if isinstance(held, list) and isinstance(step, int) and step < len(held):
            held = held[step]
            if isinstance(held, dict) and isinstance(held.get("id"), str):
                found = held["id"]
        elif isinstance(held, dict):
            held = held.get(step)
        else:
            held = None
        steps.append(found)
    return tuple(steps)


def _words(message: str) -> str:
    known = {
        "Extra inputs are not permitted": "there is no such key",
        "Field required": "is missing",
    }
    return known.get(message, message.removeprefix("Value error, "))


def _date_problems(sources: Sources, read: Sequence[tuple[Pack, Path]]) -> Iterator[PackProblem]:
    for (earlier, _), (later, folder) in pairwise(read):
        file = next((f for f in sorted(folder.glob("*.yaml")) if f.name == "pack.yaml"), None)
        if file is None:
            continue
        if later.valid_from == earlier.valid_from:
            message = f"begins on the same day as version {earlier.version}"
            yield sources.problem(file, ("valid_from",), message)
        elif earlier.valid_until is not None and later.valid_from <= earlier.valid_until:
            message = f"begins before version {earlier.version} ends"
            yield sources.problem(file, ("valid_from",), message)
