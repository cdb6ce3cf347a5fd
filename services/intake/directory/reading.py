"""Reading a directory in Open Referral UK's form: JSON of a feed's services, as version 1 and
version 3 write them, or the tables of a data package as CSV files of one folder."""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from contracts.codes import CONCERN_TYPES
from services.intake.directory.domain import Entry
from services.intake.directory.needs import needs_in

Item = Mapping[str, Any]

_PLACE: Final = re.compile(r"\b[ENSW]\d{8}\b")
_TAGS: Final = re.compile(r"<[^>]{0,500}>")
_LISTS: Final = ("contents", "services", "service", "content")
_CLOSED: Final = frozenset({"inactive", "defunct", "temporarily closed", "closed"})
# Tables of a data package, and the list of a service that each makes.
_TABLES: Final[Mapping[str, str]] = {
    "phone": "phones",
    "service_area": "service_areas",
    "eligibility": "eligibilitys",
    "service_taxonomy": "service_taxonomys",
    "attribute": "attributes",
}
MOST_AGE: Final = 150
MOST_PLACES: Final = 4
MOST_TEXT: Final = 5_000
LARGEST: Final = 200_000_000
"""Bytes of a JSON file that are read at most."""


class NotADirectory(Exception):
    """The file is not a directory in Open Referral UK's form."""


def entries(path: Path) -> Iterator[Entry | None]:
    """An entry for each service; None for one without an id or a name. Raises NotADirectory."""
    found = _of_json(path) if path.is_file() and path.suffix.lower() == ".json" else _of_csv(path)
    for one in found:
        yield entry(one)


def entry(one: object) -> Entry | None:
    """One service as it is written; None where it has no id or no name."""
    if not isinstance(one, Mapping):
        return None
    source_id, name = _text(one.get("id"), 200), _text(one.get("name"), 300)
    if source_id is None or name is None:
        return None
    organisation = one.get("organization") or one.get("organisation") or {}
    description = _text(one.get("description"))
    categories = list(_categories(one))
    return Entry(
        source_id=source_id,
        name=name,
        description=description,
        organisation=_text(organisation.get("name"), 300)
        if isinstance(organisation, Mapping)
        else None,
        how_to_join=_text(one.get("application_process") or one.get("referral_process")),
        telephone=_telephone(one),
        email=_text(one.get("email"), 254),
        url=_url(one.get("url")),
        minimum_age=min(_ages(one, "minimum_age"), default=None),
        maximum_age=max(_ages(one, "maximum_age"), default=None),
        needs=tuple(
            sorted(
                {*needs_in([name, description, *categories]), *CONCERN_TYPES.keys() & {*categories}}
            )
        ),
        areas=tuple(sorted(set(_areas(one)))),
        area=_area(one),
        checked_on=max(
            filter(None, (_day(one.get("assured_date")), _day(one.get("last_modified")))),
            default=None,
        ),
        open=str(one.get("status") or "active").strip().lower() not in _CLOSED,
    )


def _of_json(path: Path) -> Sequence[object]:
    if path.stat().st_size > LARGEST:
        raise NotADirectory("the file is larger than 200 MB")
    try:
        said = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise NotADirectory("the file is not JSON") from None
    if isinstance(said, list):
        return said
    if isinstance(said, dict):
        for name in _LISTS:
            if isinstance(said.get(name), list):
                return list(said[name])
        if "id" in said and "name" in said:
            return [said]
    raise NotADirectory("there is no list of services in it")


def _of_csv(path: Path) -> Iterator[object]:
    folder = path if path.is_dir() else path.parent
    services = _rows(folder, "service")
    if services is None:
        raise NotADirectory("there is no services.csv")
    of: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    terms = {row.get("id"): row for row in _rows(folder, "taxonomy_term") or ()}
    terms |= {row.get("id"): row for row in _rows(folder, "taxonomy") or ()}
    for table, name in _TABLES.items():
        for row in _rows(folder, table) or ():
            made: dict[str, Any] = dict(row)
            made["taxonomy_term"] = terms.get(row.get("taxonomy_term_id") or row.get("taxonomy_id"))
            of[row.get("service_id") or row.get("link_id") or ""][name].append(made)
    organisations = {row.get("id"): row for row in _rows(folder, "organization") or ()}
    for row in services:
        yield {
            **row,
            **of.get(row.get("id") or "", {}),
            "organization": organisations.get(row.get("organization_id")),
        }


def _rows(folder: Path, table: str) -> Iterator[dict[str, str]] | None:
    """The rows of a table, whichever way its file's name is counted; None where it has no file."""
    for name in (f"{table}s.csv", f"{table}.csv", f"{table[:-1]}ies.csv", f"{table}ies.csv"):
        if (folder / name).is_file():
            return _read(folder / name)
    return None


def _read(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="", errors="replace") as text:
        rows = csv.DictReader(text)
        if "id" not in (rows.fieldnames or ()):
            raise NotADirectory(f"the header of {file.name} has no id")
        yield from rows


def _each(one: Item, *names: str) -> list[Item]:
    found = (one.get(name) for name in names)
    return [
        each
        for held in found
        if isinstance(held, list)
        for each in held
        if isinstance(each, Mapping)
    ]


def _categories(one: Item) -> Iterator[str]:
    for link in _each(one, "attributes", "service_taxonomys", "service_taxonomies", "taxonomies"):
        for term in (link, link.get("taxonomy_term"), link.get("taxonomy")):
            if isinstance(term, Mapping):
                yield from filter(
                    None, (_text(term.get(name), 300) for name in ("name", "label", "term"))
                )


def _areas(one: Item) -> Iterator[str]:
    for area in _each(one, "service_areas"):
        for name in ("uri", "extent", "name", "service_area"):
            yield from _PLACE.findall(str(area.get(name) or ""))


def _area(one: Item) -> str | None:
    """Where it is there for, as people read it. A code, an address of the web or a shape is none."""
    said = (
        next(filter(None, (_text(area.get(name), 100) for name in ("name", "service_area"))), None)
        for area in _each(one, "service_areas")
    )
    words = dict.fromkeys(
        name for name in said if name and not _PLACE.search(name) and "//" not in name
    )
    found = list(words)
    more = f" and {len(found) - MOST_PLACES} more places" if len(found) > MOST_PLACES else ""
    return f"{', '.join(found[:MOST_PLACES])}{more}" if found else None


def _telephone(one: Item) -> str | None:
    phones = _each(one, "phones")
    for contact in _each(one, "contacts"):
        phones += _each(contact, "phones")
    return next(filter(None, (_text(each.get("number"), 60) for each in phones)), None)


def _text(value: object, most: int = MOST_TEXT) -> str | None:
    if not isinstance(value, str):
        return None
    plain = " ".join(_TAGS.sub(" ", value.replace("\x00", " ")).split())
    return plain[:most] or None


def _url(value: object) -> str | None:
    """An address of the web; a page that runs a script is none."""
    found = _text(value, 2_000)
    return found if found and found.lower().startswith(("https://", "http://")) else None


def _ages(one: Item, name: str) -> Iterator[int]:
    """Ages in whole years, as version 1 writes them beside a service and version 3 in it."""
    for each in _each(one, "eligibilitys", "eligibilities") or [one]:
        try:
            age = int(float(str(each.get(name))))
        except (ValueError, OverflowError):
            continue
        if 0 <= age <= MOST_AGE:
            yield age


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
