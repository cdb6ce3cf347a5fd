"""What changes from one pack to another, in plain lines: `frontdoor policy diff`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from policy.clocks.periods import Period, Warn
from policy.pack import Pack
from policy.ruleset import ruleset
from policy.working_time import Opening

# What a thing in a list is known by; the order of such a list is a rule of its own.
_KEYS = ("id", "rule", "stage")


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs in one thing. `path`: where it stands, such as `indicators.self_harm`;
    `title`: its name in words, where it has one in both packs."""

    path: str
    said: str
    title: str = ""

    def __str__(self) -> str:
        named = f" ({self.title})" if self.title else ""
        return f"{self.path}{named}: {self.said}"


def diff(a: Pack, b: Pack) -> tuple[Difference, ...]:
    """Every difference, one for each thing that differs, in the order of the pack's sections;
    empty if none. Signs also say where their colour changes, whatever changes it."""
    return tuple(_lines("", _pack(a), _pack(b)))


def _pack(pack: Pack) -> Any:
    written = _written(pack)
    effects = ruleset(pack).effects
    for code, indicator in written["indicators"].items():
        indicator["colour"] = effects[code].rag.value
    return written


def _written(value: Any) -> Any:
    """A value as people write it in a pack."""
    if isinstance(value, Period | Warn | Opening):
        return str(value)
    if isinstance(value, BaseModel):
        return {name: _written(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        return {str(key): _written(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_written(each) for each in value]
    return None if value is None else str(value)


def _lines(path: str, before: Any, after: Any) -> Iterator[Difference]:
    if before == after:
        return
    if _is_thing(before) and _is_thing(after):
        changes = "; ".join(f"{each.path} {each.said}" for each in _within("", before, after))
        yield Difference(path, changes, _title(after))
    else:
        yield from _within(path, before, after)


def _within(path: str, before: Any, after: Any) -> Iterator[Difference]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            where = f"{path}.{key}" if path else key
            if key not in after:
                yield Difference(where, f"removed ({_shown(before[key])})")
            elif key not in before:
                yield Difference(where, f"added ({_shown(after[key])})")
            else:
                yield from _lines(where, before[key], after[key])
    elif isinstance(before, list) and isinstance(after, list):
        yield from _list_lines(path, before, after)
    elif before != after:
        yield Difference(path, f"{_shown(before)} -> {_shown(after)}")


def _list_lines(path: str, before: list[Any], after: list[Any]) -> Iterator[Difference]:
    key = next((each for each in _KEYS if _keyed(before, each) and _keyed(after, each)), None)
    if key is not None:
        yield from _within(
            path, {each[key]: each for each in before}, {each[key]: each for each in after}
        )
        kept = {each[key] for each in before} & {each[key] for each in after}
        if _order(before, key, kept) != _order(after, key, kept):
            yield Difference(path, f"the order changes to {', '.join(each[key] for each in after)}")
        return
    gone = [_shown(each) for each in before if each not in after]
    new = [_shown(each) for each in after if each not in before]
    parts = [f"no longer {', '.join(gone)}"] if gone else []
    parts += [f"now also {', '.join(new)}"] if new else []
    yield Difference(path, ", ".join(parts) or f"the order changes to {_shown(after)}")


def _keyed(items: Sequence[Any], key: str) -> bool:
    return bool(items) and all(isinstance(each, Mapping) and key in each for each in items)


def _order(items: Sequence[Any], key: str, kept: set[str]) -> list[str]:
    return [each[key] for each in items if each[key] in kept]


def _is_thing(value: Any) -> bool:
    return isinstance(value, Mapping) and "valid_from" not in value and bool(_title(value))


def _title(value: Mapping[str, Any]) -> str:
    found = value.get("title") or value.get("because") or value.get("name")
    return found if isinstance(found, str) else ""


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        if title := _title(value):
            level = value.get("level")
            return f"{title}, level {level}" if level is not None else title
        parts = [f"{key} {_shown(each)}" for key, each in value.items() if each]
        return " ".join(parts) or "nothing"
    if isinstance(value, list):
        return ", ".join(_shown(each) for each in value) or "nothing"
    return "nothing" if value is None else str(value)
