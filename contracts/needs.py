"""What each service reads of the events of others: contracts/consumers/SERVICE/EVENT.json.

`reads` lists JSON pointers into the event's data. A pointer goes through lists without a number:
`/children/rag` is the rag of each child.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from contracts.compatibility import SCHEMAS
from contracts.generate import GENERATED

CONSUMERS: Final = Path(__file__).parent / "consumers"


def unmet(consumers: Path = CONSUMERS, generated: Path = GENERATED) -> list[str]:
    """A line for each field that a service reads and an event does not have."""
    return [
        f"{path.parent.name} reads {pointer} of {path.stem}: {why}"
        for path in sorted(consumers.glob("*/*.json"))
        for pointer, why in _unmet(path, generated / SCHEMAS / path.name)
    ]


def _unmet(path: Path, schema_path: Path) -> Iterator[tuple[str, str]]:
    reads: list[str] = json.loads(path.read_text(encoding="utf-8"))["reads"]
    if not schema_path.exists():
        yield from ((pointer, "there is no such event") for pointer in reads)
        return
    schema = json.loads(schema_path.read_text(encoding="utf-8"))
    if schema["x-owner"] == path.parent.name:
        yield "", "a service does not receive its own events"
    for pointer in reads:
        place = schema["properties"]["data"]
        for name in pointer.removeprefix("/").split("/"):
            place = _members(schema, place).get(name)
            if place is None:
                yield pointer, "there is no such field"
                break


def _members(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of an object, of what a list holds, or of what may be null."""
    if "$ref" in schema:
        return _members(document, document["$defs"][schema["$ref"].rpartition("/")[2]])
    if "items" in schema:
        return _members(document, schema["items"])
    for one in schema.get("anyOf", ()):
        found = _members(document, one)
        if found:
            return found
    members: Mapping[str, Any] = schema.get("properties", {})
    return members
