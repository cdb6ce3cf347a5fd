"""The written schema of a pack, for editors and for whoever writes one: JSON Schema of what the YAML
files of a version say together."""

from typing import Any, Final

from policy.pack import Pack

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

# Sections written by key: the key is the thing's own name, which is not written again.
_KEYED: Final = {
    "Clause": "id",
    "Indicator": "code",
    "Combination": "id",
    "HistoryRule": "id",
    "ClockRule": "name",
}
# What people write as words.
_WRITTEN: Final = {
    "Period": r"^(\d+(\.\d+)? ((working )?(minute|hour)|working day)s?"
    r"(, the first day counted)?(, from opening)?|before [0-2]\d:[0-5]\d on the next school day)$",
    "Opening": r"^([0-2]\d:[0-5]\d to [0-2]\d:[0-5]\d|closed)$",
    "Warn": r"^(\d{1,2}%|\d+(\.\d+)? ((working )?(minute|hour)|working day)s? before)$",
}

_SPAN_OF_DAYS: Final = r"^\d{4}-\d{2}-\d{2}( to \d{4}-\d{2}-\d{2})?$"

# What a clock says once or as a list.
_ONCE_OR_MORE: Final = ("pause", "warn")


def schema() -> dict[str, Any]:
    """The JSON Schema of a pack as it is written."""
    found = Pack.model_json_schema(mode="validation")
    parts = found["$defs"]
    for name, key in _KEYED.items():
        part = parts[name]
        part["properties"].pop(key, None)
        part["required"] = [each for each in part.get("required", ()) if each != key]
    for name, pattern in _WRITTEN.items():
        parts[name] = {
            "description": parts[name].get("description", ""),
            "type": "string",
            "pattern": pattern,
        }
    holidays = parts["HoursSection"]["properties"]["school_holidays"]
    holidays["propertyNames"] = {"pattern": _SPAN_OF_DAYS}
    rule = parts["ClockRule"]["properties"]
    for name in _ONCE_OR_MORE:
        several = rule[name]
        rule[name] = {"anyOf": [several["items"], several]}
    properties = {
        "include": {
            "description": "Files or folders of the packs whose words come first.",
            "type": "array",
            "items": {"type": "string"},
        },
        **found["properties"],
    }
    return {"$schema": DIALECT, **found, "title": "Authority pack", "properties": properties}
