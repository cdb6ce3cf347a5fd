"""Gathers what every service holds about a person's referrals."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx2
from pydantic_core import from_json

from chassis.database import Database
from chassis.errors import Unavailable
from chassis.restriction import Seer
from chassis.restriction import store as restrictions
from services.intake.access import store
from services.intake.access.domain import Request
from services.intake.access.marking import lines
from services.intake.domain import Case
from services.intake.later import LATER
from services.intake.store import IntakeStore

PURPOSE = "subject_access"
SERVICES = ("intake", "triage", "allocation", "notifications", "console")
SECONDS = 20.0


class Gathering:
    """Reads of all services. Whatever is away makes the whole fail: half a copy would be taken for
    all of it."""

    def __init__(self, database: Database, cases: IntakeStore, reads: httpx2.AsyncClient) -> None:
        self._database = database
        self._cases = cases
        self._reads = reads

    async def gather(self, request: Request, seer: Seer) -> tuple[Mapping[str, Any], int]:
        """What is held, and how many restricted referrals this person may not see and so are left
        out. Raises Unavailable."""
        async with self._database.connection() as connection:
            people = await store.person_in(
                connection, request.authority, request.referral_id, request.person_id
            )
            kept = await restrictions.read(connection, list(people))
            left_out = {one for one in kept if not kept[one].restriction.shows(seer)}
            cases = await self._cases.load(connection, sorted(set(people) - left_out))
            words = await self._cases.words(connection, list(cases), ["form", *LATER])
        ids = sorted(cases)
        decisions = await self._read("/internal/v1/decisions:batch", ids)
        messages = await self._read("/internal/v1/notifications/messages:batch", ids)
        trails = [
            {"service": service, **one}
            for service in SERVICES
            for one in await self._read(f"/internal/v1/{service}/audit:batch", ids)
        ]
        content = {
            "request_id": request.request_id,
            "released_at": request.released_at,
            "considered": request.considered,
            "referrals": [
                {
                    **_referral(case, people[case.referral_id], words),
                    "decisions": _of(decisions, case.referral_id),
                    "messages": _of(messages, case.referral_id),
                    "audit": _of(trails, case.referral_id),
                }
                for case in sorted(cases.values(), key=_order)
            ],
        }
        return content, len(left_out)

    async def _read(self, path: str, ids: Sequence[UUID]) -> list[dict[str, Any]]:
        body = {"ids": [str(one) for one in ids], "purpose": PURPOSE}
        try:
            answer = await self._reads.post(path, json=body, timeout=SECONDS)
            answer.raise_for_status()
        except httpx2.HTTPError as away:
            raise Unavailable(
                "part_away", "A part of what is held cannot be read now. Try again."
            ) from away
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


def _of(items: Sequence[Mapping[str, Any]], referral_id: UUID) -> list[Mapping[str, Any]]:
    return [one for one in items if one["referral_id"] == str(referral_id)]


def _order(case: Case) -> tuple[datetime, UUID]:
    return case.received_at, case.referral_id


def _referral(case: Case, mine: set[UUID], words: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    written = [one for one in words if one["referral_id"] == case.referral_id]
    form: dict[str, Any] = next(
        (from_json(one["content"]) for one in written if one["kind"] == "form"), {}
    )
    subject = next(iter(mine))
    return {
        "referral_id": case.referral_id,
        "reference": case.reference,
        "received_at": case.received_at,
        "stage": case.stage,
        "outcomes": [child for child in case.outcomes if child.child_id in mine],
        "lines": [
            {
                "pointer": line.pointer,
                "value": line.value,
                "about": line.about,
                "redact": line.redact,
            }
            for line in lines(form, subject)
        ],
        "later": [
            {"kind": one["kind"], "received_at": one["received_at"], "text": one["content"]}
            for one in written
            if one["kind"] != "form"
        ],
    }
