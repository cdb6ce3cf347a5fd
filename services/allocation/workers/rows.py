"""A file of workers: CSV with a header, one worker a row."""

import csv
import io
from collections.abc import Mapping
from typing import Any, Final

from chassis.errors import FieldError, InvalidInput

NEEDED: Final = frozenset({"code", "name", "agency", "team", "hours", "leads_up_to"})
LISTS: Final = frozenset({"skills", "localities", "wards", "school_clusters"})
COLUMNS: Final = NEEDED | LISTS | {"staff_id", "organisation_id"}
MOST: Final = 5_000


def read(body: bytes) -> list[Mapping[str, Any]]:
    """The rows as they are said of one worker each; lists are parted by semicolons.

    Raises InvalidInput, pointing at /rows/N, where N is 1 for the first row after the header.
    """
    try:
        text = body.decode("utf-8-sig")
        table = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise _wrong("", "This is not CSV in UTF-8.") from None
    lines = [line for line in table if any(value.strip() for value in line)]
    header = [name.strip().casefold() for name in lines[0]] if lines else []
    missing = sorted(NEEDED - set(header))
    if missing:
        raise _wrong("/header", f"The header lacks {', '.join(missing)}.")
    unknown = [str(place) for place, name in enumerate(header, 1) if name not in COLUMNS]
    if unknown or len(set(header)) != len(header):
        detail = "A column stands there twice." if not unknown else "There is no such column: "
        raise _wrong("/header", detail + ", ".join(unknown))
    if len(lines) - 1 > MOST:
        raise _wrong("/rows", f"A file has {MOST} workers at most.")
    for number, line in enumerate(lines[1:], 1):
        if len(line) != len(header):
            raise _wrong(f"/rows/{number}", "This row has another number of columns.")
    return [_said(header, line) for line in lines[1:]]


def _said(header: list[str], line: list[str]) -> Mapping[str, Any]:
    said: dict[str, Any] = {}
    for name, text in zip(header, line, strict=True):
        value = text.strip()
        if name in LISTS:
            said[name] = [part.strip() for part in value.split(";") if part.strip()]
        elif value:
            said[name] = value
    return said


def _wrong(pointer: str, detail: str) -> InvalidInput:
    return InvalidInput(
        "invalid_file", "The file is wrong.", errors=(FieldError(pointer or "/", detail),)
    )
