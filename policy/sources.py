"""Reading a pack's YAML: files, includes, merging; and, when something is wrong, file and line.

The fast road keeps no positions. `locate` composes the files again, only to explain a problem.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Where = tuple[str | int, ...]

# Keys that hold the merge together and are no part of the pack itself.
INCLUDE, REMOVE = "include", "remove"


@dataclass(frozen=True, slots=True)
class PackProblem:
    """What is wrong in a pack. `line` counts from 1; 0 where no line can be named."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.path}: {self.message}"


class PackError(Exception):
    """Packs could not be loaded; `problems` says all that is wrong with them."""

    def __init__(self, problems: tuple[PackProblem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(slots=True)
class Sources:
    """The files of a folder of packs, each parsed once however often it is included."""

    root: Path
    _parsed: dict[Path, dict[str, Any]] = field(default_factory=dict)

    def merged(self, folder: Path) -> tuple[dict[str, Any], tuple[Path, ...]]:
        """The merged content of a version's folder, and its files in the order of merging.

        Included files come first, so that the folder's own words win.
        Raises PackError for YAML that can't be parsed, an unknown include or a cycle of them.
        """
        result: dict[str, Any] = {}
        order: list[Path] = []
        own = sorted(folder.glob("*.yaml"))
        for path in own:
            self._collect(path, (), order)
        # What the folder's own files say comes last, whichever of its files includes the rest.
        order = [*(path for path in order if path not in own), *own]
        for path in order:
            _merge(result, self.parse(path))
        result.pop(INCLUDE, None)
        _remove(result)
        return result, tuple(order)

    def name(self, path: Path) -> str:
        """A file's path as problems show it: from the folder of packs."""
        return path.relative_to(self.root).as_posix()

    def problem(self, path: Path, where: Where, message: str) -> PackProblem:
        """A problem at `where` in one file, with its line."""
        return PackProblem(self.name(path), line_of(path, where), dotted(where), message)

    def locate(self, files: tuple[Path, ...], where: Where, message: str) -> PackProblem:
        """A problem at `where` in the merged content: the last file that says it deepest."""
        best, depth = files[-1], -1
        for path in reversed(files):
            reached = _depth(self.parse(path), where)
            if reached > depth:
                best, depth = path, reached
        return self.problem(best, where, message)

    def _collect(self, path: Path, above: tuple[Path, ...], order: list[Path]) -> None:
        if path in above:
            names = " -> ".join(self.name(each) for each in (*above, path))
            raise PackError((self.problem(above[-1], (INCLUDE,), f"includes itself: {names}"),))
        if path in order:
            return
        includes = self.parse(path).get(INCLUDE, [])
        if not isinstance(includes, list):
            problem = self.problem(path, (INCLUDE,), "must be a list of files or folders")
            raise PackError((problem,))
        for number, include in enumerate(includes):
            for each in self._included(path, str(include), number):
                self._collect(each, (*above, path), order)
        order.append(path)

    def _included(self, path: Path, include: str, number: int) -> Iterator[Path]:
        target = (self.root / include).resolve()
        if not target.is_relative_to(self.root):
            found: list[Path] = []
        elif target.is_dir():
            found = sorted(target.glob("*.yaml"))
        else:
            found = [
                each
                for each in (target, target.with_name(f"{target.name}.yaml"))
                if each.is_file() and each.suffix == ".yaml"
            ][:1]
        if not found:
            message = f"there is nothing to include at {include!r}"
            raise PackError((self.problem(path, (INCLUDE, number), message),))
        yield from found

    def parse(self, path: Path) -> dict[str, Any]:
        """A file's content. Raises PackError if it is no YAML mapping."""
        if path not in self._parsed:
            self._parsed[path] = self._read(path)
        return self._parsed[path]

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            # CSafeLoader builds plain data only.
            content = yaml.load(path.read_bytes(), Loader=Loader)  # noqa: S506
        except (yaml.YAMLError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark is not None else 0
            reason = getattr(error, "problem", None) or "not text that can be read"
            message = f"this is not YAML: {reason}"
            raise PackError((PackProblem(self.name(path), line, "", message),)) from error
        if content is None:
            return {}
        if not isinstance(content, dict):
            message = "a pack's file must be a mapping of sections"
            raise PackError((PackProblem(self.name(path), 1, "", message),))
        return content


def _merge(into: dict[str, Any], new: Mapping[str, Any]) -> None:
    """Lay `new` over `into`: mappings by key, lists of things with ids by id, else replaced."""
    for key, value in new.items():
        old = into.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            _merge(old, value)
        elif isinstance(old, list) and _has_ids(old) and _has_ids(value):
            into[key] = _merge_lists(old, value)
        else:
            into[key] = _copied(value)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_copied(each) for each in value]
    return value


def _has_ids(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(each, dict) and isinstance(each.get("id"), str) for each in value)
    )


def _merge_lists(old: list[Any], new: list[Any]) -> list[Any]:
    by_id = {each["id"]: each for each in old}
    for each in new:
        if each["id"] in by_id:
            _merge(by_id[each["id"]], each)
        else:
            by_id[each["id"]] = _copied(each)
    return list(by_id.values())


def _remove(content: dict[str, Any]) -> None:
    """Take out what `remove: {section: [ids]}` names."""
    for section, ids in content.pop(REMOVE, {}).items():
        held = content.get(section)
        if isinstance(held, dict):
            for each in ids:
                held.pop(each, None)
        elif isinstance(held, list):
            content[section] = [each for each in held if each.get("id") not in ids]


def _depth(content: Any, where: Where) -> int:
    for depth, step in enumerate(where):
        content = _step(content, step)
        if content is None:
            return depth
    return len(where)


def _step(content: Any, step: str | int) -> Any:
    if isinstance(content, dict):
        return content.get(step, content.get(str(step)))
    if isinstance(content, list):
        if isinstance(step, int):
            return content[step] if step < len(content) else None
        return next((e for e in content if isinstance(e, dict) and e.get("id") == step), None)
    return None


def dotted(where: Where) -> str:
    """A place in a pack as problems show it."""
    return ".".join(str(step) for step in where)


def line_of(path: Path, where: Where) -> int:
    """The line, from 1, of the deepest step of `where` that the file has; 0 for an empty file."""
    node = yaml.compose(path.read_bytes(), Loader=Loader)
    if node is None:
        return 0
    line = int(node.start_mark.line) + 1
    for step in where:
        found = _node(node, step)
        if found is None:
            break
        line, node = found
    return line


def _node(node: yaml.Node, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return int(key.start_mark.line) + 1, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        found = node.value[step]
        return int(found.start_mark.line) + 1, found
    return None


def repeated_keys(path: Path) -> Iterator[tuple[Where, int]]:
    """Where a mapping says a key again, with that line; YAML keeps the last and hides the first."""
    node = yaml.compose(path.read_bytes(), Loader=Loader)
    if node is not None:
        yield from _repeated(node, ())


def _repeated(node: yaml.Node, above: Where) -> Iterator[tuple[Where, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            where = (*above, str(key.value))
            if key.value in seen:
                yield where, int(key.start_mark.line) + 1
            seen.add(key.value)
            yield from _repeated(value, where)
    elif isinstance(node, yaml.SequenceNode):
        for number, each in enumerate(node.value):
            yield from _repeated(each, (*above, number))
