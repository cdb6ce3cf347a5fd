"""What changes from one pack to another, in plain lines: `frontdoor policy diff`."""

from collections.abc import Iterator, Mapping
from typing import Any

from policy.pack import Pack


def diff(a: Pack, b: Pack) -> tuple[str, ...]:
    """Every difference, one line each, in the order of the pack's sections; empty if none."""
    return tuple(_lines("", a.model_dump(mode="json"), b.model_dump(mode="json")))


def _lines(path: str, before: Any, after: Any) -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            where = f"{path}.{key}" if path else str(key)
            if key not in after:
                yield f"{where}: removed ({_shown(before[key])})"
            elif key not in before:
                yield f"{where}: added ({_shown(after[key])})"
            else:
                yield from _lines(where, before[key], after[key])
    elif isinstance(before, list) and isinstance(after, list):
        yield from _list_lines(path, before, after)
    else:
        yield f"{path}: {_shown(before)} -> {_shown(after)}"


def _list_lines(path: str, before: list[Any], after: list[Any]) -> Iterator[str]:
    if _named(before) and _named(after):
        yield from _lines(
            path, {each["id"]: each for each in before}, {each["id"]: each for each in after}
        )
        if [each["id"] for each in before] != [each["id"] for each in after] and (
            {each["id"] for each in before} == {each["id"] for each in after}
        ):
            yield f"{path}: the order changes"
        return
    gone = [each for each in before if each not in after]
    new = [each for each in after if each not in before]
    yield from (f"{path}: no longer {_shown(each)}" for each in gone)
    yield from (f"{path}: now also {_shown(each)}" for each in new)
    if not gone and not new:
        yield f"{path}: the order changes"


def _named(items: list[Any]) -> bool:
    return bool(items) and all(isinstance(each, dict) and "id" in each for each in items)


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        title = value.get("title") or value.get("name")
        level = value.get("level")
        parts = [str(title)] if title else [f"{len(value)} entries"]
        return ", ".join([*parts, f"level {level}"] if level is not None else parts)
    if isinstance(value, list):
        return ", ".join(_shown(each) for each in value) or "nothing"
    return "nothing" if value is None else str(value)
