"""Reading the tables of the Standard Safeguarding Dataset as CSV files: `ssd_person.csv` and
`ssd_cin_episodes.csv`, and beside them what there is of early help, plans, legal status, care,
involvements and professionals. Names of columns are the data set's own; case doesn't matter."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from contracts.form.identifiers import nhs_number, unique_pupil_number
from policy.matching import Person
from services.intake.elsewhere.known import Fact

PERSONS: Final = "ssd_person.csv"
_LONGEST: Final = 10_000
_NO: Final = frozenset({"", "n", "no", "0", "false"})
_UPN: Final = "unique pupil number"
_NHS: Final = "nhs number"
# What an authority calls a worker on its register. It goes into events, so what has no figure in it is
# taken for a name, and left out.
_CODE: Final = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
# Single episodes of short breaks: agreed with the parents, and no legal status of the child's.
_SHORT_BREAKS: Final = ("v1", "v3", "v4")


class NotTheDataset(Exception):
    """A folder without a table that is needed, or a table without a column that is."""


class _Worker(NamedTuple):
    """Who has a case: what they are called, and the authority's own code for them."""

    name: str | None = None
    code: str | None = None


_NOBODY: Final = _Worker()


@dataclass(frozen=True, slots=True)
class Known:
    """One child of the data set with what is known of them. Personal: never log it."""

    person: Person = field(repr=False)
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    """One table: its file, the columns of person, beginning and end, what it means, and where it
    says more. The first of several columns that a file has is taken."""

    file: str
    kind: str
    person: str
    since: tuple[str, ...]
    until: tuple[str, ...]
    what: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    worker: tuple[str, ...] = ()


_EPISODES: Final = _Table(
    "ssd_cin_episodes.csv", "social_care", "cine_person_id", ("cine_referral_date",),
    ("cine_close_date",), (), ("cine_referral_team_name", "cine_referral_team"),
    ("cine_referral_worker_id",),
)  # fmt: skip
_TABLES: Final = (
    _EPISODES,
    _Table("ssd_early_help_episodes.csv", "early_help", "earl_person_id",
           ("earl_episode_start_date",), ("earl_episode_end_date",), ("earl_episode_reason",),
           ("earl_episode_organisation",), ("earl_episode_worker_id",)),
    _Table("ssd_cp_plans.csv", "protection_plan", "cppl_person_id", ("cppl_cp_plan_start_date",),
           ("cppl_cp_plan_end_date",), ("cppl_cp_plan_latest_category",)),
    _Table("ssd_cla_episodes.csv", "looked_after", "clae_person_id",
           ("clae_cla_episode_start_date",),
           ("clae_cla_episode_ceased_date", "clae_cla_episode_ceased")),
    _Table("ssd_legal_status.csv", "legal_status", "lega_person_id",
           ("lega_legal_status_start_date",), ("lega_legal_status_end_date",),
           ("lega_legal_status",)),
)  # fmt: skip


def known(folder: Path) -> Iterator[Known]:
    """Everybody of the data set of whom something is known. Raises NotTheDataset."""
    workers = dict(_professionals(folder))
    holders = dict(_holders(folder, workers))
    facts: dict[str, list[Fact]] = {}
    for table in _TABLES:
        for person_id, fact in _facts(folder, table, workers, holders):
            facts.setdefault(person_id, []).append(fact)
    numbers = dict(_numbers(folder))
    for row in _rows(folder, PERSONS, ("pers_person_id",), needed=True):
        held = facts.get(row["pers_person_id"])
        if held:
            yield Known(_person(row, numbers), tuple(sorted(held, key=_order)))


def _person(row: Mapping[str, str], numbers: Mapping[tuple[str, str], str]) -> Person:
    person_id = row["pers_person_id"]
    nhs = row.get("pers_common_child_id") or numbers.get((person_id, _NHS))
    upn = row.get("pers_upn") or numbers.get((person_id, _UPN))
    return Person.named(
        row.get("pers_forename"),
        row.get("pers_surname"),
        born=_day(row.get("pers_dob")),
        expected=_day(row.get("pers_expected_dob")),
        nhs_number=nhs_number(nhs),
        upn=unique_pupil_number(upn),
    )


def _facts(
    folder: Path,
    table: _Table,
    workers: Mapping[str, _Worker],
    holders: Mapping[str, tuple[str | None, _Worker]],
) -> Iterator[tuple[str, Fact]]:
    for row in _rows(folder, table.file, (table.person, *table.since), needed=table is _EPISODES):
        since = _day(_first(row, table.since))
        if since is None or row.get("cine_referral_nfa", "").lower() not in _NO:
            continue
        what = _first(row, table.what)
        if table.kind == "legal_status" and (what or "").lower().startswith(_SHORT_BREAKS):
            continue
        until = _day(_first(row, table.until))
        worker = _worker(_first(row, table.worker), workers)
        team = _first(row, table.team)
        if until is None and table.kind != "early_help":
            held = holders.get(row[table.person], (None, _NOBODY))
            # Who has the case now, before who took the first referral down.
            team, worker = held[0] or team, held[1] if held[1].name else worker
        yield row[table.person], Fact(table.kind, since, until, what, team, *worker)


def _holders(
    folder: Path, workers: Mapping[str, _Worker]
) -> Iterator[tuple[str, tuple[str | None, _Worker]]]:
    """(person, (team, worker)) of involvements that go on, the newest last."""
    columns = ("invo_person_id", "invo_involvement_start_date")
    going_on = [
        row
        for row in _rows(folder, "ssd_involvements.csv", columns)
        if _day(row.get("invo_involvement_end_date")) is None
    ]
    for row in sorted(going_on, key=lambda one: str(_day(one["invo_involvement_start_date"]))):
        team = row.get("invo_professional_team") or None
        yield row["invo_person_id"], (team, _worker(row.get("invo_professional_id"), workers))


def _professionals(folder: Path) -> Iterator[tuple[str, _Worker]]:
    for row in _rows(folder, "ssd_professionals.csv", ("prof_professional_id",)):
        number = row["prof_professional_id"]
        name = row.get("prof_professional_name") or number
        yield number, _Worker(name, _code(row.get("prof_staff_id") or number))


def _worker(number: str | None, workers: Mapping[str, _Worker]) -> _Worker:
    if not number:
        return _NOBODY
    return workers.get(number) or _Worker(number, _code(number))


def _code(said: str) -> str | None:
    return said if _CODE.fullmatch(said) else None


def _numbers(folder: Path) -> Iterator[tuple[tuple[str, str], str]]:
    columns = ("link_person_id", "link_identifier_type", "link_identifier_value")
    for row in _rows(folder, "ssd_linked_identifiers.csv", columns):
        if _day(row.get("link_valid_to_date")) is None:
            kind = row["link_identifier_type"].lower()
            yield (row["link_person_id"], kind), row["link_identifier_value"]


def _rows(
    folder: Path, file: str, columns: tuple[str, ...], *, needed: bool = False
) -> Iterator[Mapping[str, str]]:
    """The rows of a table that have its columns; none where the table isn't there, unless it is
    needed. Raises NotTheDataset."""
    path = folder / file
    if not path.exists():
        if needed:
            raise NotTheDataset(f"there is no {file}")
        return
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        rows = csv.reader(text)
        try:
            header = [name.strip().lower() for name in next(rows, [])]
            lacks = [name for name in columns if name not in header]
            if lacks:
                raise NotTheDataset(f"{file} has no column {', '.join(lacks)}")
            for row in rows:
                said = {
                    name: "" if value.strip().upper() == "NULL" else value.strip()[:_LONGEST]
                    for name, value in zip(header, row, strict=False)
                }
                if all(name in said for name in columns) and said[columns[0]]:
                    yield said
        except csv.Error as wrong:
            raise NotTheDataset(f"{file} is no CSV: {wrong}") from wrong


def _first(row: Mapping[str, str], columns: tuple[str, ...]) -> str | None:
    return next((row[name] for name in columns if row.get(name)), None)


def _day(text: str | None) -> date | None:
    """A date as 2026-03-04, with or without a time, or as 04/03/2026; None for a blank. Raises
    NotTheDataset for another: an end that can't be read must not be taken for none."""
    said = (text or "").replace("T", " ").split(" ")[0]
    if not said:
        return None
    try:
        if "/" in said:
            day, month, year = said.split("/")
            return date(int(year), int(month), int(day))
        return date.fromisoformat(said)
    except ValueError:
        raise NotTheDataset("a date is neither like 2026-03-04 nor like 04/03/2026") from None


def _order(fact: Fact) -> tuple[bool, str, str]:
    return fact.until is not None, fact.since.isoformat(), fact.kind
