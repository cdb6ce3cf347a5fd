"""Rules of the house that no linter knows, held over the source itself."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("contracts", "policy", "chassis", "services", "frontdoor")
MOST_LINES = 400

# SQL outside the rooms for it, and why.
SQL_ELSEWHERE: dict[str, str] = {
    "chassis/database/migrate.py": "makes the schemas in which the stores live",
    "chassis/database/rights.py": "makes the roles that the stores work under",
    "frontdoor/epochs.py": "moves every service to a new epoch, as the database's owner",
    "frontdoor/installation.py": "makes the database that the stores live in",
}

SQL = re.compile(
    r"\s*(SELECT\s.+|INSERT\s+INTO\s.+|UPDATE\s+\w+\s.*SET\s.+|DELETE\s+FROM\s.+|WITH\s+\w+.*\sAS\s.+"
    r"|CREATE\s+(TABLE|INDEX|ROLE|SCHEMA|FUNCTION)\s.+|ALTER\s+TABLE\s.+|TRUNCATE\s.+"
    r"|LISTEN\s\w+|NOTIFY\s\w+|GRANT\s.+)",
    re.DOTALL,
)

# What makes a decision give another answer the next time, by the last words of its name.
IMPURE = (
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time",
    "time.monotonic", "time.time_ns", "uuid.uuid4", "uuid4", "uuid1", "uuid7", "new_id",
    "system_clock", "secrets.token_bytes", "secrets.token_hex", "secrets.token_urlsafe",
)  # fmt: skip
IMPURE_MODULES = {"random", "secrets", "time", "asyncpg", "httpx2", "socket", "asyncio"}
NOW = IMPURE[:4]

# Who may ask for the time, and why.
ASKS_THE_TIME: dict[str, str] = {
    "chassis/clock.py": "the one place that asks",
}


@cache
def sources() -> tuple[str, ...]:
    """Every Python file of the packages."""
    return tuple(
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "node_modules" not in path.parts
    )


@cache
def tree(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text("utf-8"), path)


def is_store(path: str) -> bool:
    parts = Path(path).parts
    return parts[-1] == "store.py" or not {"store", "migrations"}.isdisjoint(parts[:-1])


def is_pure(path: str) -> bool:
    """Decisions: each service's domain (a file or a folder), and the policy."""
    parts = Path(path).parts
    if parts[0] == "policy":
        return path != "policy/loading.py"
    return parts[0] == "services" and any(
        part == "domain" or part.startswith("domain") for part in parts[2:]
    )


@dataclass(frozen=True, slots=True)
class Text:
    value: str
    lineno: int


def texts(module: ast.Module) -> Iterator[Text]:
    """Every string of a module but its docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(module)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(module):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
        ):
            yield Text(node.value, node.lineno)


def calls(module: ast.Module) -> Iterator[tuple[str, int]]:
    """The dotted name of everything that is called, or handed on to be called, and its line."""
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute | ast.Name):
            yield ast.unparse(node), node.lineno


def named(called: str, names: tuple[str, ...]) -> bool:
    return any(called == name or called.endswith(f".{name}") for name in names)


def imported(module: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0], node.lineno


def test_sql_stands_in_stores_and_migrations() -> None:
    found = [
        f"{path}:{text.lineno}: {text.value.strip()[:50]!r}"
        for path in sources()
        if not is_store(path) and path not in SQL_ELSEWHERE
        for text in texts(tree(path))
        if SQL.fullmatch(text.value)
    ]
    assert found == []


def test_every_query_says_what_it_is_for() -> None:
    found = []
    for path in sources():
        if not is_store(path) or "migrations" in Path(path).parts:
            continue
        lines = (ROOT / path).read_text("utf-8").splitlines()
        for node in tree(path).body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and any(
                isinstance(part, ast.Constant)
                and isinstance(part.value, str)
                and SQL.fullmatch(part.value)
                for part in ast.walk(node)
            ):
                above = lines[node.lineno - 2].strip()
                if not (above.startswith("#") and above.endswith((".", "?", ":"))):
                    found.append(f"{path}:{node.lineno}")
    assert found == []


def test_queries_stand_by_name_at_the_top_of_their_store() -> None:
    found = [
        f"{path}:{text.lineno}: {text.value.strip()[:50]!r}"
        for path in sources()
        if is_store(path) and "migrations" not in Path(path).parts
        for function in ast.walk(tree(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for text in texts(ast.Module(function.body, []))
        if SQL.fullmatch(text.value)
    ]
    assert found == []


def test_no_query_asks_the_database_for_the_time() -> None:
    asks = re.compile(r"\b(now\(\)|current_timestamp|current_date|clock_timestamp\(\))", re.I)
    found = [
        f"{path}:{text.lineno}"
        for path in sources()
        for text in texts(tree(path))
        if asks.search(text.value)
    ]
    assert found == []


def test_decisions_have_no_clock_no_dice_and_no_doors() -> None:
    found = [
        f"{path}:{line}: {name}"
        for path in sources()
        if is_pure(path)
        for name, line in (
            *((one, at) for one, at in calls(tree(path)) if named(one, IMPURE)),
            *((one, at) for one, at in imported(tree(path)) if one in IMPURE_MODULES),
        )
    ]
    assert found == []


def test_one_place_asks_what_time_it_is() -> None:
    found = [
        f"{path}:{line}: {name}"
        for path in sources()
        if path.startswith(("chassis/", "services/")) and path not in ASKS_THE_TIME
        for name, line in calls(tree(path))
        if named(name, NOW)
    ]
    assert found == []


def test_only_the_command_line_prints() -> None:
    found = [
        f"{path}:{line}"
        for path in sources()
        if not path.startswith("frontdoor/")
        for name, line in calls(tree(path))
        if name == "print"
    ]
    assert found == []


def test_no_service_imports_another() -> None:
    found = []
    for path in sources():
        parts = Path(path).parts
        if parts[0] != "services" or len(parts) < 3:
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = node.module.split(".")
                if names[0] == "services" and names[1:2] != [parts[1]]:
                    found.append(f"{path}:{node.lineno}: {node.module}")
    assert found == []


def test_files_are_short() -> None:
    found = {
        path: lines
        for path in sources()
        if (lines := len((ROOT / path).read_text("utf-8").splitlines())) > MOST_LINES
    }
    assert found == {}


@pytest.mark.parametrize("exceptions", [SQL_ELSEWHERE, ASKS_THE_TIME])
def test_no_exception_outlives_its_file(exceptions: dict[str, str]) -> None:
    assert set(exceptions) <= set(sources())
