"""Every code that a problem can carry, read from the sources, for the reference and its test."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from chassis import errors
from chassis.http.problems import CODES

STATUSES = {
    name: kind.status
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.DomainError)
}


@dataclass(frozen=True, slots=True, order=True)
class Code:
    """A code, its HTTP status, and the sentence that comes with it; empty where that varies."""

    code: str
    status: int
    detail: str


def codes(folders: Iterable[Path]) -> list[Code]:
    """The codes that the Python files of `folders` give, in order."""
    found = {
        code
        for folder in folders
        for file in folder.rglob("*.py")
        if "node_modules" not in file.parts
        for code in _codes_in(ast.parse(file.read_text()))
    }
    found.update(Code(code, status, "") for status, code in CODES.items())
    return sorted(found)


def _codes_in(module: ast.Module) -> Iterator[Code]:
    for node in ast.walk(module):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        given = [_text(argument) for argument in node.args]
        if name == "problem" and len(given) > 1 and isinstance(node.args[0], ast.Constant):
            status, given = int(str(node.args[0].value)), given[1:]
        elif name in STATUSES:
            status = STATUSES[name]
        else:
            continue
        if given and given[0]:
            yield Code(given[0], status, given[1] if len(given) > 1 else "")
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef):
            yield from _codes_of_kind(node)


def _codes_of_kind(node: ast.ClassDef) -> Iterator[Code]:
    """What a module's own kind of refusal gives: its code stands in `super().__init__`."""
    bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
    status = next((STATUSES[base] for base in bases if base in STATUSES), None)
    if status is None:
        return
    for part in ast.walk(node):
        if isinstance(part, ast.Assign) and isinstance(part.value, ast.Constant):
            names = [target.id for target in part.targets if isinstance(target, ast.Name)]
            if names == ["status"]:
                status = int(str(part.value.value))
    for part in ast.walk(node):
        if (
            isinstance(part, ast.Call)
            and isinstance(part.func, ast.Attribute)
            and part.func.attr == "__init__"
            and part.args
            and _text(part.args[0])
        ):
            detail = _text(part.args[1]) if len(part.args) > 1 else ""
            yield Code(_text(part.args[0]), status, detail)


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""
