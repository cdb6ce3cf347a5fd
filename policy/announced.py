"""Days that were announced after the packs were written: a bank holiday, a closure of one
authority. They stand in a file of the installation's own, and hold for every version of a pack: a
version that was in force is never edited."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from policy.sources import PackError, PackProblem
from policy.working_time.hours import Name

EVERYWHERE = "everywhere"


class Announced(BaseModel):
    """The days of one authority, or of all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bank_holidays: dict[date, Name] = Field(default_factory=dict)
    closures: dict[date, Name] = Field(default_factory=dict)


Days = Mapping[str, Announced]


def read_announced(path: Path | None) -> Days:
    """The days in a file, by authority; none where there is no file.

    Raises PackError, naming the line's key, for what is no such file.
    """
    if path is None or not path.exists():
        return {}
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise _error(path, "", f"is no YAML: {error}") from None
    if not isinstance(content, dict):
        raise _error(path, "", f"must name authorities, or {EVERYWHERE!r}")
    found: dict[str, Announced] = {}
    for authority, days in content.items():
        try:
            found[str(authority)] = Announced.model_validate(days)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, (authority, *first["loc"])))
            raise _error(path, where, first["msg"]) from None
    return found


def write_announced(path: Path, days: Days) -> None:
    """Replace the file, whole or not at all."""
    content = {
        authority: each.model_dump(exclude_defaults=True)
        for authority, each in sorted(days.items())
    }
    draft = path.with_suffix(".new")
    draft.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    draft.replace(path)


def announce(days: Days, authority: str, day: date, name: str, *, closure: bool) -> Days:
    """The days and one more."""
    kind = "closures" if closure else "bank_holidays"
    known = days.get(authority, Announced())
    changed = {**known.model_dump(), kind: {**getattr(known, kind), day: name}}
    return {**days, authority: Announced.model_validate(changed)}


def add_announced(hours: Any, days: Days, authority: str) -> Any:
    """The `hours` section of a pack, as read, with the days that hold for it."""
    if not isinstance(hours, dict):
        return hours
    for each in (days.get(EVERYWHERE), days.get(authority)):
        for kind in ("bank_holidays", "closures"):
            new = getattr(each, kind, None)
            if new:
                hours = {**hours, kind: {**(hours.get(kind) or {}), **new}}
    return hours


def _error(path: Path, where: str, message: str) -> PackError:
    return PackError((PackProblem(path.name, 0, where, message),))
