"""A copy's page in words: where on the form a value stands, whom it is about, and what a code or a time
means. The JSON beside it keeps pointers and codes. Pure."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from contracts import codes
from policy.working_time import LONDON

ROWS: Final = {
    "children": "Child",
    "household": "Person of the household",
    "concerns": "Worry",
    "agencies_involved": "Agency that works with the family",
    "alleged_perpetrators": "Person who is said to have done harm",
    "risks_to_workers": "Risk to workers",
    "lines": "Line",
}
"""What a list's rows are called, each with its number. Any other list's own name stands."""

ABOUT: Final = {
    "subject": "The person",
    "third_party": "Somebody else",
    "referrer": "Who referred",
    "anybody": "It may be anybody",
    "referral": "The referral",
}
_SHORT: Final = {
    "nhs_number": "NHS number",
    "upn": "Unique pupil number",
    "gp": "GP",
    "rag": "Rating",
}
_CODED: Final[Mapping[str, Mapping[str, Any]]] = {
    "agency": codes.AGENCY_TYPES,
    "source_agency": codes.AGENCY_TYPES,
    "sex": codes.SEXES,
    "ethnicity": codes.ETHNICITIES,
    "disabilities": codes.DISABILITIES,
    "reason_not_informed": codes.REASONS_NOT_INFORMED,
    "scope": codes.AGREEMENT_SCOPES,
    "request": codes.REQUESTS,
    "information_source": codes.INFORMATION_SOURCES,
    "concerns": codes.CONCERN_TYPES,
    "risks_to_workers": codes.RISKS_TO_WORKERS,
}
"""Whose codes a field's are: by its name, or that of the list whose rows have a `code`."""

_PLACES: Final = ("children", "parental_responsibility_for")
_CODE: Final = re.compile(r"[a-z]+(?:_[a-z]+)*")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


def where(pointer: str) -> str:
    """`/children/0/address/lines/1` is `Child 1, address, line 2`."""
    found: list[str] = []
    for part in filter(None, pointer.split("/")):
        if part.isdecimal() and found:
            found[-1] = f"{found[-1]} {int(part) + 1}"
        elif part != "code":
            # Further in, a list of children says by their places whom something is about.
            found.append("About" if part == "children" and found else ROWS.get(part, title(part)))
    said = ", ".join(
        one if not place or one[:3].isupper() or one[:2] == "GP" else one[0].lower() + one[1:]
        for place, one in enumerate(found)
    )
    return said or "The form"


def title(name: str) -> str:
    """A field's name as people read it."""
    return _SHORT.get(name) or name.replace("_", " ").capitalize()


def value_at(pointer: str, value: Any) -> str:
    """What the form says in a place, as people read it."""
    names = [part for part in pointer.split("/") if part and not part.isdecimal()]
    if names and names[-1] == "code":
        names = names[:-1]
    if names and names[-1] in _PLACES and isinstance(value, int):
        return f"Child {value + 1}"
    coded = _CODED.get(names[-1], {}).get(value) if names and isinstance(value, str) else None
    return str(getattr(coded, "title", None) or coded or plain(value))


def plain(value: Any) -> str:
    """A value as people read it: yes and no, days and times in England, codes as words."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        at = value.astimezone(LONDON)
        return f"{at.day} {at:%B %Y, %H:%M}"
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    if not isinstance(value, str):
        return str(value)
    if _CODE.fullmatch(value):
        return title(value)
    try:
        if _DAY.fullmatch(value):
            return plain(date.fromisoformat(value))
        if (
            _DAY.match(value)
            and value[10:11] == "T"
            and (at := datetime.fromisoformat(value)).tzinfo
        ):
            return plain(at)
    except ValueError:
        pass
    return value
