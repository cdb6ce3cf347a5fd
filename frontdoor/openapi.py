"""Each service's OpenAPI file, made from its routes, what of it partners' systems call, and the
catalogue of errors, made from the sources. Nothing is connected for it."""

import json
from pathlib import Path
from typing import Any

import yaml

from chassis.clock import system_clock
from chassis.http import documented
from chassis.http.catalogue import codes
from chassis.settings import Settings
from chassis.vault import KeyRing
from contracts.deprecations import deprecated
from frontdoor import reference
from frontdoor.house import House, Parts
from policy.loading import load_packs

DESCRIPTIONS = {
    "intake": "Receiving referrals, and what their referrers may know of them. Tokens.",
    "triage": "The hub's queue, suggested ratings, decisions and re-ratings.",
    "allocation": "Who takes a referral on, and by when.",
    "notifications": "What was told to whom.",
    "console": "The web pages.",
}

_LOCAL = "#/$defs/"
SOURCES = Path(__file__).parents[1]
ERRORS = (
    "# Errors",
    "",
    (
        "Every `code` that an error can carry, with its status and what it says to people. Codes are"
        " stable; words may change. Generated from the sources."
    ),
    "",
    "| code | status | says |",
    "|---|---|---|",
)


def files() -> dict[str, str]:
    """The content of each file by its name. A service without an API of its own has none."""
    house = House(Parts(Settings(), {}, load_packs(), KeyRing.new(), system_clock))
    found, documents = {}, {}
    for name, running in house.build_unconnected().items():
        document = documented(f"Frontdoor {name}", running.routers, DESCRIPTIONS[name]).openapi()
        for method, path in deprecated():
            if path in document["paths"]:
                document["paths"][path][method.lower()]["deprecated"] = True
        for (method, path), scope in reference.scopes(running.routers).items():
            if path in document["paths"]:
                document["paths"][path][method]["security"] = [{"token": [scope]}]
        if document["paths"]:
            documents[name] = _plain(document)
            found[f"{name}.yaml"] = _text(documents[name])
    found["errors.md"] = _errors()
    found["partners.json"] = json.dumps(reference.groups(documents), indent=1) + "\n"
    return found


def _errors() -> str:
    """Every code that an error can carry, as a page."""
    said: dict[tuple[str, int], list[str]] = {}
    for one in codes([SOURCES / "chassis", SOURCES / "services"]):
        said.setdefault((one.code, one.status), []).append(one.detail)
    rows = [
        f"| `{code}` | {status} | {' '.join(detail for detail in details if detail)} |"
        for (code, status), details in sorted(said.items())
    ]
    return "\n".join([*ERRORS, *rows, ""])


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(document))
    _lift(plain, plain.setdefault("components", {}).setdefault("schemas", {}))
    return plain


def _text(plain: dict[str, Any]) -> str:
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100)


def _lift(part: Any, shared: dict[str, Any]) -> None:
    """Move definitions that stand inside a body's own schema to where references find them. Raises
    ValueError for two of one name that say different things."""
    if isinstance(part, list):
        for one in part:
            _lift(one, shared)
    if not isinstance(part, dict):
        return
    for name, definition in part.pop("$defs", {}).items():
        _lift(definition, shared)
        if shared.setdefault(name, definition) != definition:
            raise ValueError(f"two schemas are called {name}")
    reference = part.get("$ref")
    if isinstance(reference, str) and reference.startswith(_LOCAL):
        part["$ref"] = f"#/components/schemas/{reference.removeprefix(_LOCAL)}"
    for one in list(part.values()):
        _lift(one, shared)
