"""Reading the national register of schools: the CSV of Get Information about Schools, some tens of
thousands of rows, a part at a time."""

import csv
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from chassis.database import Database
from contracts.form import normal_postcode
from services.intake.schools import store
from services.intake.schools.store import School

PART: Final = 5_000
_NEEDED: Final = ("urn", "establishmentname", "typeofestablishment", "establishmentstatus")
# Characters of a field: a quotation mark without an end makes one of all that follows.
_LONGEST: Final = 10_000
_OPEN: Final = "open"
_COLLEGE: Final = ("college", "sixth form", "further education", "16 plus")


class NotARegister(Exception):
    """The header is not that of the register of schools."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file. `passed_over`: rows that are no school, or of another authority."""

    rows: int = 0
    changed: int = 0
    closed: int = 0
    passed_over: int = 0


def schools(text: Iterable[str], la_codes: Collection[str] = ()) -> Iterator[School | None]:
    """A school for each row; None for one that is passed over. `la_codes` leaves only schools of
    these local authorities. Raises NotARegister."""
    rows = csv.reader(text)
    try:
        header = [_column(name) for name in next(rows)]
    except (StopIteration, csv.Error):
        raise NotARegister("the file has no header") from None
    missing = [name for name in _NEEDED if name not in header]
    if missing:
        raise NotARegister(f"the header lacks {', '.join(missing)}")
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield None
            continue
        if any(len(field) > _LONGEST for field in row):
            yield None
            continue
        yield _school(dict(zip(header, map(_said, row), strict=False)), la_codes)


async def take(
    database: Database,
    found: Iterator[School | None],
    now: datetime,
    done: Callable[[int], None] = lambda _: None,
) -> Taken:
    """Take every school. A stopped import is started again: what is known already does not change.
    `done` hears how many rows were looked at. Raises DatabaseAway."""
    rows = changed = closed = passed_over = 0
    while part := list(islice(found, PART)):
        kept = {one.urn: one for one in part if one is not None}
        async with database.transaction() as connection:
            changed += await store.take(connection, list(kept.values()), now)
        rows += len(part)
        closed += sum(not one.open for one in kept.values())
        passed_over += part.count(None)
        done(rows)
    return Taken(rows, changed, closed, passed_over)


def _school(row: Mapping[str, str], la_codes: Collection[str]) -> School | None:
    urn, name = row["urn"], row.get("establishmentname")
    la_code = row.get("la", "") or row.get("lacode", "")
    if not (urn.isascii() and urn.isdigit() and 5 <= len(urn) <= 7 and name):
        return None
    if la_codes and la_code not in la_codes:
        return None
    return School(
        urn=urn,
        name=name[:200],
        agency=_agency(row.get("typeofestablishment", ""), row.get("phaseofeducation", "")),
        la_code=la_code or None,
        postcode=normal_postcode(row.get("postcode") or None),
        open=row.get("establishmentstatus", "").lower().startswith(_OPEN),
    )


def _agency(kind: str, phase: str) -> str:
    """Our code for a kind of establishment: it decides what the census calls its referrals."""
    said = f"{kind} {phase}".lower()
    if any(word in said for word in _COLLEGE):
        return "college"
    return "early_years" if "nursery" in said else "school"


def _column(name: str) -> str:
    """`TypeOfEstablishment (name)` and `LA (code)` by what they are about; the code of what we read
    by its name stays another column."""
    plain = name.strip().lstrip("\ufeff").lower()
    about, _, which = plain.partition(" (")
    kept = {"la": "code)"}.get(about, "name)")
    return plain.replace(" ", "") if which not in {"", kept} else about.replace(" ", "")


def _said(value: str) -> str:
    """A field as it was meant: the register comes in Windows' letters."""
    try:
        value.encode()
    except UnicodeEncodeError:
        value = value.encode(errors="surrogateescape").decode("cp1252", errors="replace")
    return " ".join(value.replace("\x00", "").split())
