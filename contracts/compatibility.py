"""The gate: within a major version an event only gains optional fields.

    python -m contracts.compatibility OLD_DIR NEW_DIR

compares two folders of generated contracts and exits 1 when something published would break. An
event is written by one release and read by another, in both orders, so whatever its reader may
rely on stays. The form and the code sets are only ever sent to us, so they may take more, never
less. News is a code set that we send: it may take more too, because nobody is sent a kind that they
did not name (docs/decisions/0060); what an event may carry of it stands still. Schemas keep to a small part of JSON Schema; a keyword outside it is reported, not guessed at.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

FORM: Final = "referral-form.schema.json"
CODES: Final = "codes.json"
SCHEMAS: Final = "schemas"

_NULL: Final = {"type": "null"}
_LOOSE: Final = frozenset({"title", "description", "$schema", "$id", "$defs", "examples"})
_EXACT: Final = ("type", "const", "format", "pattern", "x-owner", "default")
_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_STRUCTURE: Final = frozenset({
    "$ref", "properties", "required", "enum", "items", "anyOf", "oneOf", "additionalProperties",
})  # fmt: skip
_KNOWN: Final = _LOOSE | frozenset(_EXACT) | frozenset(_LOWER) | frozenset(_UPPER) | _STRUCTURE


@dataclass(frozen=True, slots=True, order=True)
class Break:
    """A change that breaks. `pointer` is a JSON pointer into the old file."""

    file: str
    pointer: str
    detail: str

    def __str__(self) -> str:
        return f"{self.file}#{self.pointer}: {self.detail}"


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Two documents. `sent_to_us`: nobody reads them back, so they may become wider."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]
    sent_to_us: bool
    seen: set[tuple[str, str]] = field(default_factory=set)


def compare(
    old: Mapping[str, Any], new: Mapping[str, Any], *, file: str = "", sent_to_us: bool = False
) -> list[Break]:
    """What breaks between two versions of one schema."""
    found = _schemas(_Comparison(old, new, sent_to_us), old, new, "", "")
    return sorted({Break(file, pointer, detail) for pointer, detail in found})


def compare_folders(old: Path, new: Path) -> list[Break]:
    """What breaks between two folders of generated contracts."""
    found: list[Break] = []
    for path in sorted((old / SCHEMAS).glob("*.json")):
        file = f"{SCHEMAS}/{path.name}"
        if not (new / file).exists():
            found.append(Break(file, "", "the event was removed"))
            continue
        found.extend(compare(_read(path), _read(new / file), file=file))
    if (old / FORM).exists():
        found.extend(compare(_read(old / FORM), _read(new / FORM), file=FORM, sent_to_us=True))
    if (old / CODES).exists():
        kept = _read(new / CODES)
        found.extend(
            Break(CODES, f"/{name}/{code}", "the code was removed")
            for name, table in _read(old / CODES).items()
            for code in table
            if code not in kept.get(name, {})
        )
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Answers the exit code."""
    parser = argparse.ArgumentParser(prog="python -m contracts.compatibility")
    parser.add_argument("old", type=Path, help="the last release, such as contracts/released")
    parser.add_argument("new", type=Path, help="what would be released: contracts/generated")
    chosen = parser.parse_args(arguments)
    found = compare_folders(chosen.old, chosen.new)
    for one in found:
        sys.stderr.write(f"{one}\n")
    return 1 if found else 0


Found = Iterator[tuple[str, str]]


def _schemas(against: _Comparison, old: Any, new: Any, at: str, now_at: str) -> Found:
    old, at = _resolved(against.old, old, at)
    new, now_at = _resolved(against.new, new, now_at)
    if (at, now_at) in against.seen:
        return
    against.seen.add((at, now_at))
    for keyword in sorted({*old, *new} - _KNOWN):
        if old.get(keyword) != new.get(keyword):
            yield f"{at}/{keyword}", "is a keyword that this gate cannot compare"
    for keyword in _EXACT:
        if old.get(keyword, _ABSENT) != new.get(keyword, _ABSENT):
            yield f"{at}/{keyword}", f"{keyword} changed"
    yield from _bounds(old, new, at)
    yield from _choices(against, old, new, at)
    yield from _members(against, old, new, at, now_at)
    if old.get("additionalProperties", True) and not new.get("additionalProperties", True):
        yield (f"{at}/additionalProperties", "fields that are not named are no longer allowed")
    if "items" in old and "items" in new:
        yield from _schemas(against, old["items"], new["items"], f"{at}/items", f"{now_at}/items")
    elif ("items" in old) != ("items" in new):
        yield f"{at}/items", "items changed"
    yield from _unions(against, old, new, at, now_at)


def _bounds(old: Mapping[str, Any], new: Mapping[str, Any], at: str) -> Found:
    for keyword in _LOWER:
        if keyword in new and (keyword not in old or new[keyword] > old[keyword]):
            yield f"{at}/{keyword}", f"{keyword} was raised"
    for keyword in _UPPER:
        if keyword in new and (keyword not in old or new[keyword] < old[keyword]):
            yield f"{at}/{keyword}", f"{keyword} was lowered"


def _choices(
    against: _Comparison, old: Mapping[str, Any], new: Mapping[str, Any], at: str
) -> Found:
    before, after = old.get("enum"), new.get("enum")
    if before is None and after is not None:
        yield f"{at}/enum", "was narrowed to a list of values"
    elif before is not None and after is None:
        if not against.sent_to_us:
            yield f"{at}/enum", "is no longer a list of values"
    elif before is not None and after is not None:
        for value in before:
            if value not in after:
                yield f"{at}/enum", f"the value {value} was removed"
        for value in after:
            if value not in before and not against.sent_to_us:
                yield (f"{at}/enum", f"the value {value} was added, which older readers refuse")


def _members(
    against: _Comparison, old: Mapping[str, Any], new: Mapping[str, Any], at: str, now_at: str
) -> Found:
    before, after = old.get("properties", {}), new.get("properties", {})
    required_before, required_after = (set(old.get("required", ())), set(new.get("required", ())))
    for name in before:
        path = f"{at}/properties/{_escaped(name)}"
        if name not in after:
            yield path, "was removed or renamed"
            continue
        now_path = f"{now_at}/properties/{_escaped(name)}"
        yield from _schemas(against, before[name], after[name], path, now_path)
    for name in sorted(required_after - required_before):
        yield f"{at}/required", f"{name} became required"
    for name in sorted(required_before - required_after):
        if name in after and not against.sent_to_us:
            yield f"{at}/required", f"{name} is no longer always there"


def _unions(
    against: _Comparison, old: Mapping[str, Any], new: Mapping[str, Any], at: str, now_at: str
) -> Found:
    for keyword in ("anyOf", "oneOf"):
        before, after = old.get(keyword), new.get(keyword)
        if before is None and after is None:
            continue
        place, now_place = f"{at}/{keyword}", f"{now_at}/{keyword}"
        if before is None or after is None:
            yield place, "became, or is no longer, a choice of types"
            continue
        if _NULL in before and _NULL not in after:
            yield place, "may no longer be null"
        if _NULL in after and _NULL not in before and not against.sent_to_us:
            yield place, "may now be null, which older readers refuse"
        kinds = [(number, one) for number, one in enumerate(before) if one != _NULL]
        now_kinds = [(number, one) for number, one in enumerate(after) if one != _NULL]
        if len(now_kinds) < len(kinds) or (len(now_kinds) > len(kinds) and not against.sent_to_us):
            yield place, "the choice of types changed"
        for (number, one), (now_number, other) in zip(kinds, now_kinds, strict=False):
            yield from _schemas(
                against, one, other, f"{place}/{number}", f"{now_place}/{now_number}"
            )


_ABSENT: Final = object()


def _resolved(
    document: Mapping[str, Any], schema: Mapping[str, Any], at: str
) -> tuple[Mapping[str, Any], str]:
    """The schema that `schema` refers to, with what stands beside the reference, and its place."""
    beside = {key: value for key, value in schema.items() if key != "$ref"}
    while "$ref" in schema:
        at = schema["$ref"].removeprefix("#")
        schema = document
        for part in at.removeprefix("/").split("/"):
            schema = schema[part.replace("~1", "/").replace("~0", "~")]
    return {**schema, **beside}, at


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _read(path: Path) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return tree


if __name__ == "__main__":
    sys.exit(main())
