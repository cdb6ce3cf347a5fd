"""What was typed on a page of the web form, and the form that intake takes: one from the other."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from datetime import date
from typing import Any, Final

from contracts.form import FormRefused, read_form
from services.console.forms import Typed, Values
from services.console.referring.shapes import PEOPLE, WORK, Field, Form, Kind, Page, unborn

Tree = dict[str, Any]
NONE: Final = "-none"
"""Ends the name of the boxes by which somebody says that a field has no value."""

_DAY_PARTS: Final = ("day", "month", "year")
_SET_ASIDE: Final = frozenset({"set_aside", "shortened"})
_TO_BORN: Final = ("expected_date_of_delivery",)
_TO_UNBORN: Final = ("date_of_birth", "age_estimate")


def blanks_of(form: Form) -> dict[str, str]:
    """Why fields have no value, by their JSON pointers."""
    return {
        one["field"]: one["answer"]
        for one in form.get("no_values") or ()
        if one.get("field") and one.get("answer")
    }


def pointer(page: Page, field: Field, place: int) -> str:
    """Where a field's answer stands in the form, as a JSON pointer."""
    above = (page.rows, str(place)) if page.rows else ()
    return "".join(f"/{part}" for part in (*above, *field.at))


def row_of(page: Page, form: Form, place: int) -> Form:
    """The part of the form that a page is about; empty for a row that is to be added."""
    if not page.rows:
        return form
    rows: Sequence[Form] = form.get(page.rows) or ()
    return rows[place] if place < len(rows) else {}


def typed_of(page: Page, form: Form, place: int) -> dict[str, list[str]]:
    """What the fields of a page would hold if they were typed anew."""
    row, blanks = row_of(page, form, place), blanks_of(form)
    found: dict[str, list[str]] = {}
    for field in page.fields:
        if field.kind is Kind.BORN:
            gone = unborn(row, blanks, place)
            found[field.name] = ["unborn"] if gone else ["born"] if _was_born(row) else []
            continue
        value = _at(row, field.at)
        found |= _shown(field, value)
        said = blanks.get(pointer(page, field, place))
        if said and field.kind is Kind.YES_NO:
            found[field.name] = [said]
        elif said:
            found[field.name + NONE] = [said]
    return {name: values for name, values in found.items() if values}


def value_of(field: Field, typed: Typed) -> Any:
    """What was typed in a field that stands in no form yet; None for nothing. Raises ValueError, in
    words for whoever typed it."""
    return _read(field, typed, None, {})


def digest(values: Values) -> str:
    """Tells whether two people saw the same answers."""
    said = {name: list(values[name]) for name in sorted(values) if any(values[name])}
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def sent_of(page: Page, typed: Typed) -> dict[str, list[str]]:
    """Of what a browser sent, what the fields of a page hold."""
    names = [name for field in page.fields for name in _names(field)]
    return {name: list(typed.every(name)) for name in names if any(typed.every(name))}


def put(
    page: Page,
    typed: Typed,
    form: Form,
    place: int,
    *,
    today: date,
    authorities: Collection[str],
) -> tuple[Tree, dict[str, str]]:
    """The form with what was typed in it, and what is wrong by the field's name. `today` is the
    day in Europe/London. What the form's own reader would set aside is wrong here."""
    tree: Tree = deepcopy(dict(form))
    row = _own_row(page, tree, place)
    blanks = blanks_of(form)
    errors: dict[str, str] = {}
    for field in page.fields:
        at = pointer(page, field, place)
        blanks.pop(at, None)
        try:
            if field.kind is Kind.BORN:
                _bear(typed.one(field.name), row, blanks, at)
                continue
            value = _read(field, typed, _at(row, field.at), tree)
        except ValueError as wrong:
            errors[field.name] = str(wrong)
            continue
        _set(row, field.at, value)
        _say_blank(field, typed, value, at, blanks, errors)
        if page.name == "child-expected" and value is None:
            # Only asked of a child who is not born, and that has to stay said.
            blanks.setdefault(at, "unknown")
    rows = tree.get(page.rows) if page.rows else None
    if rows and rows[-1] == {}:
        rows.pop()
    _keep_blanks(tree, blanks)
    if not errors:
        errors = _set_aside(page, tree, place, today, authorities)
    return tree, errors


def without_row(form: Form, rows: str, place: int) -> Tree:
    """The form without one row of a list; what pointed to later rows still does."""
    tree: Tree = deepcopy(dict(form))
    kept = tree.get(rows) or []
    if not place < len(kept):
        return tree
    del kept[place]
    if rows == "children":
        for part, name in (
            ("concerns", "children"),
            ("alleged_perpetrators", "children"),
            ("household", "parental_responsibility_for"),
        ):
            for one in tree.get(part) or ():
                if name in one:
                    one[name] = [n - (n > place) for n in one[name] if n != place]
    moved = {}
    for at, answer in blanks_of(tree).items():
        parts = at.split("/")
        if parts[1] == rows and len(parts) > 2:
            if int(parts[2]) == place:
                continue
            parts[2] = str(int(parts[2]) - (int(parts[2]) > place))
        moved["/".join(parts)] = answer
    _keep_blanks(tree, moved)
    return tree


def say_nobody(form: Form, rows: str, *, nobody: bool) -> Tree:
    """The form of somebody who asked who belongs in a list, and knows of nobody."""
    tree: Tree = deepcopy(dict(form))
    blanks = blanks_of(tree)
    blanks.pop(f"/{rows}", None)
    if nobody and not tree.get(rows):
        blanks[f"/{rows}"] = "unknown"
    _keep_blanks(tree, blanks)
    return tree


def _was_born(row: Form) -> bool:
    return bool(row.get("date_of_birth")) or row.get("age_estimate") is not None


def _names(field: Field) -> tuple[str, ...]:
    if field.kind is Kind.DAY:
        own = tuple(f"{field.name}-{part}" for part in _DAY_PARTS)
    else:
        own = (field.name,)
    return (*own, field.name + NONE) if field.blank else own


def _own_row(page: Page, tree: Tree, place: int) -> Tree:
    if not page.rows:
        return tree
    rows: list[Tree] = tree.setdefault(page.rows, [])
    if place >= len(rows):
        rows.append({})
    return rows[place]


def _at(row: Form, path: tuple[str, ...]) -> Any:
    value: Any = row
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _set(row: Tree, path: tuple[str, ...], value: Any) -> None:
    """Put a value where it belongs, or take it away; nothing empty stays."""
    first, *rest = path
    if rest:
        inner = row.get(first) or {}
        _set(inner, tuple(rest), value)
        value = inner or None
    if value is None:
        row.pop(first, None)
    else:
        row[first] = value


def _shown(field: Field, value: Any) -> dict[str, list[str]]:
    if value is None:
        return {}
    name = field.name
    match field.kind:
        case Kind.DAY:
            parts = str(value).split("-")
            return {
                f"{name}-{part}": [str(int(said))]
                for part, said in zip(_DAY_PARTS, reversed(parts), strict=True)
            }
        case Kind.LINES:
            return {name: ["\n".join(value)]} if value else {}
        case Kind.YES_NO:
            return {name: ["yes" if value else "no"]}
        case Kind.TICKED:
            return {name: ["yes"]} if value else {}
        case Kind.ROWS:
            return {name: [one["code"] for one in value if one.get("code")]}
        case Kind.SEVERAL | Kind.PLACES:
            return {name: [str(one) for one in value]}
        case Kind.WHO:
            return {name: [value if value in dict(PEOPLE) else WORK]}
        case _:
            return {name: [str(value)]}


def _read(field: Field, typed: Typed, before: Any, tree: Tree) -> Any:
    """What was typed in a field as the form has it; None for nothing. Raises ValueError, in words
    for whoever typed it."""
    said = typed.one(field.name).strip()
    many = [one for one in typed.every(field.name) if one]
    match field.kind:
        case Kind.LINE | Kind.WORDS:
            return said or None
        case Kind.LINES:
            return [line.strip() for line in said.splitlines() if line.strip()] or None
        case Kind.NUMBER:
            return _number(field, said)
        case Kind.LEVEL:
            return int(_one_of(field, said)) if said else None
        case Kind.CHOICE | Kind.LIST:
            return _one_of(field, said) if said else None
        case Kind.YES_NO:
            answer = _one_of(field, said) if said else None
            return {"yes": True, "no": False}.get(answer or "")
        case Kind.TICKED:
            return True if said == "yes" else None
        case Kind.SEVERAL:
            return [_one_of(field, one) for one in many] or None
        case Kind.ROWS:
            return _rows(field, many, before or [])
        case Kind.PLACES:
            most = len(tree.get("children") or ())
            return sorted({int(n) for n in many if n.isdecimal() and int(n) < most}) or None
        case Kind.WHO:
            return _who(field, said, before)
        case _:
            return _day(field, [typed.one(f"{field.name}-{part}").strip() for part in _DAY_PARTS])


def _one_of(field: Field, said: str) -> str:
    if said not in dict(field.options):
        raise ValueError("Choose one of these answers")
    return said


def _number(field: Field, said: str) -> int | None:
    if not said:
        return None
    if not (said.isascii() and said.isdecimal() and len(said) < 4):
        raise ValueError("Write a whole number, such as 7")
    return int(said)


def _day(field: Field, parts: Sequence[str]) -> str | None:
    if not any(parts):
        return None
    try:
        day, month, year = (int(part) for part in parts)
        return date(year, month, day).isoformat() if year > 1000 else _no_day(field)
    except (ValueError, OverflowError):
        return _no_day(field)


def _no_day(field: Field) -> str:
    raise ValueError("This must be a real date with day, month and year, such as 4 3 2017")


def _rows(field: Field, codes: Sequence[str], before: Sequence[Tree]) -> list[Tree] | None:
    chosen = [_one_of(field, code) for code in codes]
    kept = [one for one in before if one.get("code") in chosen]
    held = {one["code"] for one in kept}
    added: list[Tree] = [{"code": code} for code in dict.fromkeys(chosen) if code not in held]
    return [*kept, *added] or None


def _who(field: Field, said: str, before: str | None) -> str | None:
    if not said:
        return None
    if _one_of(field, said) != WORK:
        return said
    # Which kind of organisation it is stands on the next page.
    return before if before and before not in dict(PEOPLE) else "other"


def _bear(said: str, row: Tree, blanks: dict[str, str], at: str) -> None:
    """Take away the dates that a child can't have, born or not."""
    expected = f"{at}/expected_date_of_delivery"
    for name in _TO_UNBORN if said == "unborn" else _TO_BORN if said == "born" else ():
        row.pop(name, None)
    if said == "born":
        blanks.pop(expected, None)
    elif said == "unborn" and "expected_date_of_delivery" not in row:
        blanks[expected] = "unknown"


def _say_blank(
    field: Field, typed: Typed, value: Any, at: str, blanks: dict[str, str], errors: dict[str, str]
) -> None:
    if field.kind is Kind.YES_NO and typed.one(field.name) == "unknown":
        blanks[at] = "unknown"
    said = [one for one in typed.every(field.name + NONE) if one] if field.blank else []
    if not said:
        return
    if value is not None or len(said) > 1 or said[0] not in {"unknown", "not_applicable"}:
        errors[field.name] = "Give an answer, or choose one reason why there is none"
    else:
        blanks[at] = said[0]


def _keep_blanks(tree: Tree, blanks: Mapping[str, str]) -> None:
    said = [{"field": at, "answer": answer} for at, answer in blanks.items()]
    _set(tree, ("no_values",), said or None)


def _set_aside(
    page: Page, tree: Tree, place: int, today: date, authorities: Collection[str]
) -> dict[str, str]:
    """What the form's reader would leave out of what a page asks, by the field's name."""
    # Urgent and findable, the form is read to its end however little of it is there yet.
    probe = {
        **tree,
        "immediate_danger": True,
        "children": tree.get("children") or [{"school": "x"}],
    }
    try:
        body = json.dumps(probe).encode()
        reading = read_form(body, today=today, authorities=authorities, lenient=True)
    except (FormRefused, UnicodeEncodeError):
        return {page.fields[0].name: "This cannot be read. Write it without special characters"}
    wrong = [one for one in reading.warnings if one.code in _SET_ASIDE]
    found: dict[str, str] = {}
    for field in page.fields:
        at = pointer(page, field, place)
        for one in wrong:
            if one.pointer == at or one.pointer.startswith(f"{at}/"):
                found.setdefault(field.name, f"This {one.detail}")
    return found
