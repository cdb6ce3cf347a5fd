"""Figures over HTTP, as JSON with their definition, or as CSV."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import httpx2
from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.errors import FieldError, Forbidden, InvalidInput, Unavailable
from chassis.identity import Caller, staff
from chassis.stream.kernel import Service
from contracts.events import Outcome, Rag
from policy.loading import PackSet, UnknownVersion
from services.triage.consistency import domain, store
from services.triage.domain import Case

READERS = staff("manager", "analyst")
A_YEAR = timedelta(days=365)
A_MOMENT = timedelta(microseconds=1)
MOST_YEARS = timedelta(days=5 * 366)
BATCH = 400
SECONDS = 10.0
UNKNOWN = "unknown"

Measure = Literal["suggested", "referrer", "agency", "practitioner", "clause", "drift", "equality"]


def router(service: Service[Case], reads: httpx2.AsyncClient) -> APIRouter:
    """What managers and analysts call."""
    routes = APIRouter(tags=["consistency"])

    @routes.get("/v1/triage/consistency", response_model=None)
    async def figures(
        caller: Annotated[Caller, Depends(READERS)],
        measure: Annotated[Measure, Query()] = "suggested",
        authority: Annotated[str | None, Query(max_length=80)] = None,
        since: AwareDatetime | None = None,
        until: AwareDatetime | None = None,
        published: bool = False,
        as_csv: Annotated[bool, Query(alias="csv")] = False,
    ) -> Response | Mapping[str, Any]:
        """One measure over a time, by default the last year. `published` hides small counts.
        Reading it is audited. Figures by practitioner are a manager's, and never published."""
        if measure == "practitioner" and (published or "manager" not in caller.roles):
            raise Forbidden(
                "supervision_only", "Figures by practitioner are for a manager's supervision."
            )
        end = until or service.clock() + A_MOMENT
        start = since or end - A_YEAR
        if not timedelta(0) < end - start <= MOST_YEARS:
            wrong = FieldError("/query/since", "It begins before it ends, within five years.")
            raise InvalidInput("invalid_request", "Some fields are wrong.", errors=(wrong,))
        mine = sorted(caller.authorities & ({authority} if authority else caller.authorities))
        rows = await _rows(service, reads, measure, (mine, start, end))
        await _note(service, caller, mine, measure)
        if published:
            rows = domain.publishable(rows)
        if as_csv:
            return Response(
                _csv(rows),
                media_type="text/csv; charset=utf-8",
                headers={"Content-Disposition": f'attachment; filename="{measure}.csv"'},
            )
        return {
            "measure": measure,
            "definition": domain.DEFINITIONS[measure],
            "since": start,
            "until": end,
            "fewest_published": domain.FEWEST_PUBLISHED if published else None,
            "items": rows,
        }

    return routes


async def _note(
    service: Service[Case], caller: Caller, authorities: Sequence[str], measure: str
) -> None:
    entries = [
        AuditEntry("figures_read", caller, one, None, {"measure": measure}) for one in authorities
    ]
    async with service.database.transaction() as connection:
        await append_audit(connection, entries, service.clock())


async def _rows(
    service: Service[Case], reads: httpx2.AsyncClient, measure: str, span: store.Span
) -> list[dict[str, Any]]:
    if measure == "equality":
        return await _equality(service, reads, span)
    async with service.database.connection() as connection:
        if measure == "referrer":
            return _levels(await store.by_referrer_level(connection, span), service.policy)
        found = await store.compared(connection, measure, span)
    if measure == "suggested":
        return [
            {
                "authority": row["key"],
                "suggested": row["suggested"],
                "decided": row["decided"],
                "decisions": row["decisions"],
            }
            for row in found
        ]
    decided = [
        domain.Decided((row["key"],), Rag(row["suggested"]), Rag(row["decided"]), row["decisions"])
        for row in found
    ]
    return domain.compared(decided, ({"drift": "month"}.get(measure, measure),))


def _levels(rows: Sequence[Mapping[str, Any]], policy: PackSet) -> list[dict[str, Any]]:
    """The referrer's level beside the highest level of what was cited, as the pack has it."""
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        try:
            clauses = policy.version(row["authority"], row["pack_version"]).clauses
        except UnknownVersion:
            clauses = {}
        level = max(
            (clauses[clause].level for clause in row["clauses"] if clause in clauses), default=None
        )
        found[row["referrer_level"] or UNKNOWN, str(level or UNKNOWN)] += row["decisions"]
    return [
        {"referrer_level": said, "decided_level": level, "decisions": decisions}
        for (said, level), decisions in sorted(found.items())
    ]


async def _equality(
    service: Service[Case], reads: httpx2.AsyncClient, span: store.Span
) -> list[dict[str, Any]]:
    """Characteristics are read from intake in batches, counted, and kept nowhere."""
    counted: list[tuple[Mapping[str, str], Rag, Outcome, bool]] = []
    after = UUID(int=0)
    while True:
        async with service.database.connection() as connection:
            rows = await store.children(connection, span, after, BATCH)
        whole = rows
        if len(rows) == BATCH:
            # The last referral of a full page may go on on the next.
            last = rows[-1]["referral_id"]
            whole = [row for row in rows if row["referral_id"] != last] or rows
        if not whole:
            break
        known = await _characteristics(reads, sorted({row["referral_id"] for row in whole}))
        for row in whole:
            said = {
                "sex": UNKNOWN,
                "ethnicity": UNKNOWN,
                "disability": UNKNOWN,
                **known.get(row["child_id"], {}),
                "age": row["age_band"] or UNKNOWN,
            }
            counted.append((said, Rag(row["rag"]), Outcome(row["outcome"]), row["disputed"]))
        after = whole[-1]["referral_id"]
        if len(rows) < BATCH:
            break
    return domain.by_characteristic(counted)


async def _characteristics(
    reads: httpx2.AsyncClient, referral_ids: Sequence[UUID]
) -> dict[str, Mapping[str, str]]:
    try:
        answer = await reads.post(
            "/internal/v1/intake/characteristics:batch",
            json={"ids": [str(one) for one in referral_ids], "purpose": "equality_figures"},
            timeout=SECONDS,
        )
        answer.raise_for_status()
    except httpx2.HTTPError as fault:
        raise Unavailable("characteristics_away", "Characteristics can't be read now.") from fault
    return {
        item["child_id"]: {
            name: item[name] or UNKNOWN for name in ("sex", "ethnicity", "disability")
        }
        for item in answer.json()["items"]
    }


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(
            {name: "fewer" if value is None else value for name, value in row.items()}
            for row in rows
        )
    return out.getvalue()
