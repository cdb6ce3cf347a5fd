"""The forms on the page of a referral: what was typed, what it means to triage, what was wrong."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

Kind = Literal["decision", "rating", "withdrawal", "countersignature"]
Values = Mapping[str, Sequence[str]]

ACTIONS = 6
"""How many actions a decision form has room for."""

PATHS: Mapping[Kind, str] = {
    "decision": "decision",
    "rating": "ratings",
    "withdrawal": "withdrawal",
    "countersignature": "countersignature",
}
"""Where triage takes each of them."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it stands: what was typed and which field is wrong, by the field's name."""

    values: Values = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """The value of a field, or nothing."""
        return next(iter(self.values.get(name, ())), "")

    def every(self, name: str) -> Sequence[str]:
        """The values of a field that may have several."""
        return self.values.get(name, ())

    def error(self, name: str) -> dict[str, str] | None:
        """What is wrong with a field, as the macros want it."""
        return {"text": self.errors[name]} if name in self.errors else None


@dataclass(frozen=True, slots=True)
class Sent:
    """What goes to triage, and which row of the form each of its actions was typed in."""

    body: Mapping[str, Any]
    rows: tuple[int, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)


def read(kind: Kind, typed: Typed) -> Sent:
    """What was typed, as triage takes it; with what a person must still fill in."""
    if kind == "decision":
        return _decision(typed)
    if kind == "rating":
        return _rating(typed)
    if kind == "countersignature":
        return _countersignature(typed)
    return _withdrawal(typed)


def named(errors: Mapping[str, str], children: Sequence[str]) -> dict[str, str]:
    """Errors that say which child they are about, where there are several."""
    found = {}
    for name, text in errors.items():
        child = re.fullmatch(r"(?:rag|outcome|duties)-(\d+)", name)
        place = int(child[1]) if child and len(children) > 1 else len(children)
        found[name] = f"{text} for {children[place]}" if place < len(children) else text
    return found


def pointed(errors: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Errors by the name of the field, where a form's fields are called as what is sent."""
    return {
        pointer.strip("/").split("/")[0]: detail
        for pointer, detail in reversed(errors)
        if pointer.strip("/")
    }


def located(kind: Kind, sent: Sent, errors: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Errors by the name of the field on the page, from JSON pointers into what was sent."""
    return {_field(kind, sent, pointer): detail for pointer, detail in reversed(errors)}


def _decision(typed: Typed) -> Sent:
    errors: dict[str, str] = {}
    children = _children(typed, errors)
    errors |= _words(typed)
    if not typed.every("clauses") and not typed.one("no_clause_because").strip():
        errors["clauses"] = "Choose a clause, or say why none fits"
    services = chosen(typed.every("services"))
    actions, rows = _actions(typed, errors)
    if not actions and not services:
        errors["action-0"] = "Name at least one thing that happens next"
    body = {
        "children": children,
        "rationale": typed.one("rationale").strip(),
        "clauses": list(typed.every("clauses")),
        "actions": actions,
        "services": services,
        **_optional(typed, "analysis", "no_clause_because", "lowered_because"),
        **_optional(typed, "without_agreement", "pack_version"),
    }
    return Sent(body, tuple(rows), errors)


def _children(typed: Typed, errors: dict[str, str]) -> list[dict[str, Any]]:
    children = []
    for number, child_id in enumerate(typed.every("child_id")):
        rag, outcome = typed.one(f"rag-{number}"), typed.one(f"outcome-{number}")
        if not rag:
            errors[f"rag-{number}"] = "Choose a rating"
        if not outcome:
            errors[f"outcome-{number}"] = "Choose an outcome"
        duties = list(typed.every(f"duties-{number}"))
        children.append({"child_id": child_id, "rag": rag, "outcome": outcome, "duties": duties})
    return children


def _actions(typed: Typed, errors: dict[str, str]) -> tuple[list[dict[str, str]], list[int]]:
    """The actions that were typed, and the row of each. A row that was begun is finished."""
    actions, rows = [], []
    missing = {"action": "Say what happens", "owner": "Say who does it", "by": "Say by when"}
    for row in range(ACTIONS):
        typed_here = {part: typed.one(f"{part}-{row}").strip() for part in missing}
        if any(typed_here.values()):
            errors |= {
                f"{part}-{row}": words for part, words in missing.items() if not typed_here[part]
            }
            actions.append({part: value for part, value in typed_here.items() if value})
            rows.append(row)
    return actions, rows


def chosen(said: Sequence[str]) -> list[str]:
    """The ids of the local services that were ticked."""
    return [one for one in dict.fromkeys(said) if _is_id(one)]


def _is_id(said: str) -> bool:
    try:
        return bool(UUID(said))
    except ValueError:
        return False


def _rating(typed: Typed) -> Sent:
    errors = {} if typed.one("rag") else {"rag": "Choose a rating"}
    errors |= _words(typed)
    body = {
        "rag": typed.one("rag"),
        "rationale": typed.one("rationale").strip(),
        "clauses": list(typed.every("clauses")),
        **_optional(typed, "child_id", "analysis", "lowered_because"),
    }
    return Sent(body, errors=errors)


def _withdrawal(typed: Typed) -> Sent:
    errors = {}
    if typed.one("close") not in ("yes", "no"):
        errors["close"] = "Choose whether to close the referral"
    errors |= _words(typed)
    body = {"close": typed.one("close") == "yes", "rationale": typed.one("rationale").strip()}
    return Sent(body, errors=errors)


def _countersignature(typed: Typed) -> Sent:
    errors = {}
    agree, note = typed.one("agree"), typed.one("note").strip()
    if agree not in ("yes", "no"):
        errors["agree"] = "Choose whether you agree"
    if agree == "no" and not note:
        errors["note"] = "Say what has to be looked at again"
    body = {"decision_id": typed.one("decision_id"), "agree": agree == "yes"}
    return Sent({**body, **_optional(typed, "note")}, errors=errors)


def _words(typed: Typed) -> dict[str, str]:
    return {} if typed.one("rationale").strip() else {"rationale": "Write the rationale"}


def _optional(typed: Typed, *names: str) -> dict[str, str]:
    return {name: value for name in names if (value := typed.one(name).strip())}


def _field(kind: Kind, sent: Sent, pointer: str) -> str:
    if kind == "decision":
        child = re.match(r"/children/(\d+)(?:/(\w+))?", pointer)
        if child:
            part = child[2] if child[2] in ("rag", "outcome", "duties") else "outcome"
            return f"{part}-{child[1]}"
        if pointer.startswith("/children"):
            return "outcome-0"
        action = re.match(r"/actions/(\d+)(?:/(\w+))?", pointer)
        if action and int(action[1]) < len(sent.rows):
            part = action[2] if action[2] in ("owner", "by") else "action"
            return f"{part}-{sent.rows[int(action[1])]}"
        if pointer.startswith("/actions"):
            return "action-0"
    name = pointer.strip("/").split("/")[0]
    return name or "rationale"
