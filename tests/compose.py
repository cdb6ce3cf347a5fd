"""docker-compose.yml as Compose reads it: merged, and with what stands for unset variables."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docker-compose.yml"

_VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")


@cache
def compose() -> dict[str, Any]:
    return _set(yaml.safe_load(FILE.read_text("utf-8")))


def services() -> dict[str, dict[str, Any]]:
    return compose()["services"]


def ours() -> dict[str, dict[str, Any]]:
    """The containers of our own image."""
    return {name: one for name, one in services().items() if one["image"].startswith("frontdoor")}


def _set(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _set(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_set(one) for one in node]
    return _VARIABLE.sub(r"\2", node) if isinstance(node, str) else node
