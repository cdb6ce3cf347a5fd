"""Reading the national postcode directory: CSV, some millions of rows, a part at a time."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from chassis.database import Database
from contracts.form import no_fixed_abode, normal_postcode
from services.intake.postcodes import store
from services.intake.postcodes.store import Line

PART: Final = 50_000
# The names of columns change with the year of the boundaries: osward, wd23cd, wd25cd.
_POSTCODE: Final = ("pcds", "pcd8", "pcd7", "pcd2", "pcd")
_WARD: Final = re.compile(r"osward|wd\d\dcd")
_DISTRICT: Final = re.compile(r"oslaua|lad\d\dcd")
_CODE: Final = re.compile(r"[ENSWJKLM]\d{8}")


class NotADirectory(Exception):
    """The header is not that of the national postcode directory."""


def lines(text: Iterable[str]) -> Iterator[Line | None]:
    """A line for each row; None for one that is no postcode. Raises NotADirectory."""
    rows = csv.reader(text)
    try:
        header = [name.strip().lstrip("\ufeff").casefold() for name in next(rows)]
    except (StopIteration, csv.Error):
        raise NotADirectory("the file has no header") from None
    postcode = next((header.index(name) for name in _POSTCODE if name in header), None)
    ward = next((place for place, name in enumerate(header) if _WARD.fullmatch(name)), None)
    district = next((place for place, name in enumerate(header) if _DISTRICT.fullmatch(name)), None)
    ended = header.index("doterm") if "doterm" in header else None
    if postcode is None or ward is None or district is None or ended is None:
        raise NotADirectory("the header lacks a postcode, a ward, a district or doterm")
    most = max(postcode, ward, district, ended)
    for row in rows:
        found = normal_postcode(row[postcode]) if len(row) > most else None
        if found is None or no_fixed_abode(found):
            yield None
        else:
            yield found, _code(row[ward]), _code(row[district]), bool(row[ended].strip())


async def take(
    database: Database,
    fingerprint: bytes,
    found: Iterator[Line | None],
    done: Callable[[int], None],
) -> int:
    """Take every line that was not taken before. Returns how many rows the file has. `done` hears
    how many were looked at. Raises DatabaseAway."""
    async with database.connection() as connection:
        rows = await store.rows_done(connection, fingerprint)
    for _ in islice(found, rows):
        pass
    while part := list(islice(found, PART)):
        rows += len(part)
        kept: Sequence[Line] = [one for one in part if one is not None]
        async with database.transaction() as connection:
            await store.take(connection, fingerprint, kept, rows)
        done(rows)
    return rows


def _code(text: str) -> str | None:
    """A place's code; the directory's codes for nowhere (all nines) count as none."""
    code = text.strip().upper()
    return code if _CODE.fullmatch(code) and not code.endswith("999999") else None
