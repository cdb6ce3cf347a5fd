"""The scorecard over HTTP, as JSON or CSV."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic_core import to_jsonable_python

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.errors import FieldError, InvalidInput, NotFound
from chassis.identity import Caller, staff
from chassis.restriction import seer_of
from policy.working_time import LONDON
from services.allocation.offers.desk import Desk
from services.allocation.scorecard import domain, flows, store
from services.allocation.scorecard.definitions import LISTS, MEASURES
from services.allocation.scorecard.store import EARLY_HELP, STATUTORY, Period

LONGEST: Final = timedelta(days=5 * 366)
YEAR: Final = timedelta(days=365)
OUTCOMES: Final[Mapping[str, Sequence[str] | None]] = {
    "contacts": None,
    "early_help": EARLY_HELP,
    "referrals": STATUTORY,
}
COLUMNS: Final = (
    "measure",
    "authority",
    "locality",
    "agency",
    "category",
    "count",
    "total",
    "percent",
)
LIST_COLUMNS: Final = (
    "reference", "received_at", "agency", "locality", "rag", "outcomes", "children", "accepted_at",
    "ended_on", "ended_because",
)  # fmt: skip
FLOW_COLUMNS: Final = ("authority", "locality", "agency", *flows.STAGES, "referrals")
READERS = staff("manager", "analyst")
Day = Annotated[date | None, Query()]


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which period, told apart by what, and how it is answered."""

    start: Day = None
    end: Day = None
    by: Annotated[Literal["authority", "locality", "agency"], Query()] = "authority"
    published: Annotated[bool, Query()] = False
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json"

    @property
    def apart(self) -> dict[str, bool]:
        """What figures are told apart by, beside the authority."""
        return {"by_locality": self.by == "locality", "by_agency": self.by == "agency"}


def router(desk: Desk) -> APIRouter:
    """What analysts and inspectors read."""
    routes = APIRouter(tags=["scorecard"])
    service = desk.kernel.service
    database = service.database

    @routes.get("/v1/scorecard/definitions")
    async def definitions(caller: Annotated[Caller, Depends(READERS)]) -> Mapping[str, Any]:
        """What each measure counts, in words."""
        del caller
        return {
            "items": [
                {
                    "measure": one.code,
                    "title": one.title,
                    "counted": one.counted,
                    "of": one.of,
                    "when": one.when,
                }
                for one in MEASURES
            ],
            "lists": LISTS,
            "small_numbers": "In published form, figures with one to five on either side are left "
            "out, and where that is a single one, the next smallest too.",
        }

    @routes.get("/v1/scorecard")
    async def scorecard(
        caller: Annotated[Caller, Depends(READERS)], asked: Annotated[Asked, Depends()]
    ) -> Response:
        """The figures of a period, `end` not included; the last year by default. `published` leaves
        small numbers out."""
        period = _period(asked.start, asked.end, desk.today())
        async with database.connection() as connection:
            found = await store.figures(connection, sorted(caller.authorities), period)
        figures = domain.shared_totals(domain.summed(found, **asked.apart))
        if asked.published:
            figures = domain.published(figures)
        return _told(asked, period, COLUMNS, figures)

    @routes.get("/v1/scorecard/flows")
    async def flow(
        caller: Annotated[Caller, Depends(READERS)], asked: Annotated[Asked, Depends()]
    ) -> Response:
        """The ways of a period's referrals from contact to outcome, and how many went each; `end`
        not included. `published` leaves out what would tell small numbers."""
        period = _period(asked.start, asked.end, desk.today())
        async with database.connection() as connection:
            found = await store.flows(connection, sorted(caller.authorities), period)
        paths = flows.summed(found, **asked.apart)
        if asked.published:
            paths = flows.published(paths)
        words = {"definition": flows.DEFINITION, "small_numbers": flows.SMALL_NUMBERS}
        return _told(asked, period, FLOW_COLUMNS, paths, **words)

    @routes.get("/v1/scorecard/{authority}/lists/{list_name}")
    async def listed(
        caller: Annotated[Caller, Depends(READERS)],
        authority: Annotated[str, Path(max_length=80)],
        list_name: Annotated[str, Path(max_length=40)],
        start: Day = None,
        end: Day = None,
    ) -> Response:
        """A list that inspectors ask for, as CSV: contacts, early_help or referrals. References and
        codes, no names; times are England's. What the reader may not see is left out. Reading it is
        written to the audit trail. More than 100,000 rows are refused: none is left out in silence."""
        if authority not in caller.authorities or list_name not in LISTS:
            raise NotFound("list_not_found", "There is no such list.")
        period = _period(start, end, desk.today())
        async with database.transaction() as connection:
            seer = seer_of(caller, service.clock())
            rows = await store.listed(connection, authority, period, OUTCOMES[list_name], seer)
            if len(rows) > store.MOST_ROWS:
                raise InvalidInput(
                    "list_too_long",
                    f"There are more than {store.MOST_ROWS:,} rows. Take a shorter period, and put "
                    "the lists together.",
                    errors=(FieldError("/end", "The list would end before the period does."),),
                )
            details = {
                "list": list_name,
                "start": period.first_day.isoformat(),
                "end": period.end_day.isoformat(),
                "rows": len(rows),
            }
            entry = AuditEntry("list_taken", caller, authority, None, details)
            await append_audit(connection, [entry], service.clock())
        return _csv(LIST_COLUMNS, rows)

    return routes


def _period(start: date | None, end: date | None, today: date) -> Period:
    """Raises InvalidInput for a period that is the wrong way round or too long."""
    last = end or today + timedelta(days=1)
    first = start or last - YEAR
    wrong = None
    if last <= first:
        wrong = "The period ends before it begins."
    elif last - first > LONGEST:
        wrong = "A period is five years at most."
    if wrong:
        raise InvalidInput(
            "invalid_period", "Some fields are wrong.", errors=(FieldError("/end", wrong),)
        )
    begin, finish = (datetime.combine(day, time(0), LONDON) for day in (first, last))
    return Period(first, last, begin, finish)


def _told(
    asked: Asked, period: Period, columns: Sequence[str], found: Iterable[object], **words: str
) -> Response:
    """What was found, as JSON or CSV; JSON with `words` about it."""
    items = [{name: getattr(one, name) for name in columns} for one in found]
    if asked.form == "csv":
        return _csv(columns, items)
    return JSONResponse(
        to_jsonable_python(
            {
                "items": items,
                "start": period.first_day,
                "end": period.end_day,
                "by": asked.by,
                "published": asked.published,
                **words,
            }
        )
    )


def _csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Response:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows([_cell(row[name]) for name in columns] for row in rows)
    return Response(file.getvalue(), media_type="text/csv; charset=utf-8")


def _cell(value: Any) -> Any:
    """A value for a spreadsheet; text that it would take for a formula is marked as text."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@"}:
        return f"'{value}"
    if isinstance(value, datetime):
        return f"{value.astimezone(LONDON):%Y-%m-%d %H:%M}"
    return "" if value is None else value
