"""Rows of a file, one at a time and none longer than a bound: JSON lines, or CSV with a header."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import IO, Any, Final

LONGEST: Final = 1_048_576
_CHUNK: Final = 65_536
_TOO_LONG: Final = "\x01too long"

# Column: where its value goes in the form of one child.
COLUMNS: Final[Mapping[str, tuple[str | int, ...]]] = {
    "your_reference": ("your_reference",),
    "received_at": ("received_at",),
    "request": ("request",),
    "referrer_name": ("referrer", "name"),
    "referrer_role": ("referrer", "role"),
    "agency": ("referrer", "agency"),
    "organisation": ("referrer", "organisation"),
    "email": ("referrer", "email"),
    "phone": ("referrer", "phone"),
    "given_name": ("children", 0, "given_name"),
    "family_name": ("children", 0, "family_name"),
    "date_of_birth": ("children", 0, "date_of_birth"),
    "sex": ("children", 0, "sex"),
    "ethnicity": ("children", 0, "ethnicity"),
    "nhs_number": ("children", 0, "nhs_number"),
    "upn": ("children", 0, "upn"),
    "address": ("children", 0, "address", "lines"),
    "postcode": ("children", 0, "address", "postcode"),
    "school": ("children", 0, "school"),
    "parent_name": ("household", 0, "name"),
    "parent_relationship": ("household", 0, "relationship"),
    "concern": ("concerns", 0, "code"),
    "impact": ("concerns", 0, "impact"),
    "narrative": ("narrative",),
    "parents_informed": ("parents_informed",),
    "reason_not_informed": ("reason_not_informed",),
    "incident_number": ("incident_number",),
}
NEEDED: Final = frozenset({"given_name", "family_name", "narrative"})
_YES_NO: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


class WrongHeader(Exception):
    """The first line is not the header of a file that can be taken."""


@dataclass(frozen=True, slots=True)
class Row:
    """One referral of a file: its number, from 1, and its form; or the code of what is wrong with
    it. `form` is personal: never log it."""

    number: int
    form: Mapping[str, Any] | None = field(default=None, repr=False)
    wrong: str | None = None


def json_rows(file: IO[bytes]) -> Iterator[Row]:
    """The rows of JSON lines; blank lines are none."""
    number = 0
    while line := file.readline(LONGEST + 1):
        if not line.strip():
            continue
        number += 1
        if len(line) > LONGEST:
            _pass_over(file, line)
            yield Row(number, wrong="line_too_long")
            continue
        try:
            form = json.loads(line)
        except (ValueError, RecursionError):
            yield Row(number, wrong="malformed_json")
            continue
        if isinstance(form, dict):
            yield Row(number, form)
        else:
            yield Row(number, wrong="not_an_object")


def csv_rows(file: IO[bytes]) -> Iterator[Row]:
    """The rows of CSV. Raises WrongHeader before the first."""
    csv.field_size_limit(LONGEST)
    records = csv.reader(_lines(file), strict=True)
    header = _header(records)
    number = 0
    while True:
        try:
            record = next(records)
        except StopIteration:
            return
        except (csv.Error, UnicodeDecodeError):
            number += 1
            yield Row(number, wrong="malformed_csv")
            continue
        if not record:
            continue
        number += 1
        if any(_TOO_LONG in value for value in record):
            yield Row(number, wrong="line_too_long")
        elif len(record) != len(header):
            yield Row(number, wrong="wrong_number_of_columns")
        else:
            yield Row(number, _form(header, record))


def _header(records: Iterator[list[str]]) -> list[str]:
    try:
        header = [name.strip().casefold() for name in next(records)]
    except (StopIteration, csv.Error, UnicodeDecodeError):
        raise WrongHeader("the file has no header") from None
    unknown = [str(place) for place, name in enumerate(header, 1) if name not in COLUMNS]
    missing = sorted(NEEDED - set(header))
    if unknown:
        raise WrongHeader(f"column {', '.join(unknown)} of the header is none of ours")
    if missing:
        raise WrongHeader(f"the header lacks {', '.join(missing)}")
    if len(set(header)) != len(header):
        raise WrongHeader("the header has a column twice")
    return header


def _lines(file: IO[bytes]) -> Iterator[str]:
    """Lines as text. A line over the bound is passed over and stands as a mark of its own."""
    first = True
    while line := file.readline(LONGEST + 1):
        if len(line) > LONGEST:
            _pass_over(file, line)
            yield _TOO_LONG + "\n"
            continue
        yield line.decode("utf-8-sig" if first else "utf-8", errors="replace")
        first = False


def _pass_over(file: IO[bytes], line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = file.readline(_CHUNK)


def _form(header: list[str], record: list[str]) -> dict[str, Any]:
    form: dict[str, Any] = {}
    for name, text in zip(header, record, strict=True):
        value: Any = text.strip()
        if not value:
            continue
        if name == "parents_informed":
            value = _YES_NO.get(value.casefold(), value)
        elif name == "address":
            value = [part.strip() for part in value.replace("\n", ",").split(",") if part.strip()]
        _put(form, COLUMNS[name], value)
    return form


def _put(form: dict[str, Any], path: tuple[str | int, ...], value: Any) -> None:
    owner: Any = form
    for part, following in pairwise(path):
        blank: Any = [{}] if isinstance(following, int) else {}
        owner = owner[part] if isinstance(part, int) else owner.setdefault(part, blank)
    owner[path[-1]] = value


def rows_of(name: str, file: IO[bytes]) -> Iterator[Row]:
    """The rows of a file by the ending of its name: `.csv`, else JSON lines."""
    buffered = io.BufferedReader(file) if isinstance(file, io.RawIOBase) else file
    return csv_rows(buffered) if name.lower().endswith(".csv") else json_rows(buffered)
