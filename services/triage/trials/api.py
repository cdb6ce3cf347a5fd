"""Trying a version of the guidance over HTTP, before it is adopted. Nothing is stored but that
somebody did."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID

import httpx2
from fastapi import APIRouter, Depends
from pydantic import Field, TypeAdapter

from chassis import audit
from chassis.beside import Beside
from chassis.errors import DomainError, FieldError, InvalidInput, NotFound, Unavailable
from chassis.identity import Caller, staff
from chassis.restriction import seer_of, visible
from chassis.stream.kernel import Kernel
from contracts.events import NarrativeSignal, TextReading
from policy.loading import PackSet
from policy.pack import Pack
from policy.trying import Tried
from policy.working_time import LONDON
from services.triage.checks.desk import SentBody
from services.triage.domain import Case
from services.triage.store import TriageStore
from services.triage.trials import Asked, Read, Trial, stored, tried
from services.triage.trials import store as trials
from services.triage.trials.counting import Counted

TRYING = staff("manager", "operator")
MOST = 10_000
"""How many referrals one trial takes."""
ENOUGH = timedelta(seconds=40)
"""For so long a trial goes on; what it has by then is answered."""
READ_SECONDS = 30.0

_SIGNALS = TypeAdapter(tuple[NarrativeSignal, ...])
_TEXTS = TypeAdapter(tuple[TextReading, ...])


class TrialBody(SentBody):
    """Days are days in England: from the beginning of one up to the beginning of another."""

    authority: str = Field(max_length=80)
    version: str = Field(max_length=80)
    against: str | None = Field(default=None, max_length=80)
    since: date
    until: date


def router(
    kernel: Kernel[Case], store: TriageStore, reads: httpx2.AsyncClient, beside: Beside
) -> APIRouter:
    """What managers and operators call."""
    routes = APIRouter(tags=["triage"])
    service = kernel.service
    running = asyncio.Lock()

    @routes.post("/v1/triage/trials")
    async def try_version(
        caller: Annotated[Caller, Depends(TRYING)], body: TrialBody
    ) -> Mapping[str, Any]:
        """Rate what was received in a time again by an installed version, and say what would change
        and why. Compared with the version that held when each came, or with `against`. Restricted
        referrals count; only who may see them is shown them. Operators get the counts alone.
        Takes up to 40 seconds: `complete` says whether all were tried. One trial at a time."""
        trial = _trial(body, caller, service.policy)
        if running.locked():
            raise DomainError("trial_running", "Somebody else tries a version now. Wait a minute.")
        async with running:
            return await _tried(caller, trial)

    async def _tried(caller: Caller, trial: Trial) -> Mapping[str, Any]:
        pack = trial.new
        against = trial.against.version if trial.against else None
        async with service.database.connection() as connection:
            total = await trials.received(connection, pack.authority, trial.span)
        if total > MOST:
            wrong = FieldError("/since", f"{total:,} came in this time. {MOST:,} can be tried.")
            raise InvalidInput("too_many_to_try", "Choose a shorter time.", errors=(wrong,))
        counted = Counted()
        loop = asyncio.get_running_loop()
        enough = loop.time() + ENOUGH.total_seconds()

        async def read_again(ids: Sequence[UUID], by: Pack) -> Mapping[UUID, Read]:
            return await _read(reads, ids, by, caller)

        async def rate_again(asked: Sequence[Asked]) -> Sequence[Tried]:
            packs = service.policy.packs[pack.authority]
            return await beside.run(_rate, packs, (pack.version, against, asked), pieces=len(asked))

        async for case, found in stored(service.database, store, read_again, rate_again, trial):
            counted.count(case, found)
            if loop.time() > enough:
                break
        shown = await _noted(caller, trial, counted)
        return {
            "authority": pack.authority,
            "version": pack.version,
            "against": against,
            "received": total,
            "complete": counted.referrals >= total,
            **shown,
        }

    async def _noted(caller: Caller, trial: Trial, counted: Counted) -> Mapping[str, Any]:
        """What is shown; that it was tried, and what is about to be seen, is audited."""
        now = service.clock()
        pack = trial.new
        details = {
            "version": pack.version,
            "against": trial.against and trial.against.version,
            "referrals": counted.referrals,
        }
        seen: set[UUID] = set()
        async with service.database.transaction() as connection:
            if "manager" in caller.roles:
                seen = await visible(connection, counted.changed, seer_of(caller, now))
            day = now.astimezone(LONDON).date()
            shown = counted.shown(seen)
            listed = [one["referral_id"] for one in shown["items"]]
            await audit.note_list_read(connection, caller, pack.authority, listed, day, now)
            entry = audit.AuditEntry("guidance_tried", caller, pack.authority, None, details)
            await audit.append(connection, [entry], now)
        return shown

    return routes


def _trial(body: TrialBody, caller: Caller, policy: PackSet) -> Trial:
    """What is asked for. Raises NotFound, InvalidInput."""
    if body.authority not in caller.authorities or body.authority not in policy.authorities:
        raise NotFound("authority_not_found", "You don't work for this authority.")
    wrong = []
    known = {pack.version: pack for pack in policy.packs[body.authority]}
    for name, version in (("version", body.version), ("against", body.against)):
        if version and version not in known:
            wrong.append(FieldError(f"/{name}", "This version is not installed."))
    if body.since >= body.until:
        wrong.append(FieldError("/until", "It ends after it begins."))
    if wrong:
        raise InvalidInput("invalid_request", "Some fields are wrong.", errors=tuple(wrong))
    span = (_midnight(body.since), _midnight(body.until))
    return Trial(known[body.version], span, known[body.against] if body.against else None)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def _rate(
    packs: tuple[Pack, ...], wanted: tuple[str, str | None, Sequence[Asked]]
) -> Sequence[Tried]:
    """Try some referrals by versions of their authority. What doesn't change comes back bare."""
    new, against, asked = wanted
    known = {pack.version: pack for pack in packs}
    policy = PackSet({packs[0].authority: packs})
    found = [tried(one, known[new], policy, known[against] if against else None) for one in asked]
    return [one if one.changes else Tried(one.number, error=one.error) for one in found]


async def _read(
    reads: httpx2.AsyncClient, ids: Sequence[UUID], by: Pack, caller: Caller
) -> Mapping[UUID, Read]:
    body = {
        "ids": [str(one) for one in ids],
        "authority": by.authority,
        "version": by.version,
        "on_behalf_of": str(caller.id),
    }
    try:
        answer = await reads.post(
            "/internal/v1/intake/readings:batch", json=body, timeout=READ_SECONDS
        )
        answer.raise_for_status()
    except httpx2.HTTPError as fault:
        raise Unavailable("texts_away", "The texts can't be read again now.") from fault
    return {
        UUID(one["referral_id"]): (
            _SIGNALS.validate_python(one["signals"]),
            _TEXTS.validate_python(one["texts"]),
        )
        for one in answer.json()["items"]
    }
