"""Gathers what every service holds about a person's referrals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx2
from pydantic_core import from_json

from chassis.database import Connection
from chassis.errors import Unavailable
from chassis.restriction import Seer
from chassis.restriction import store as restrictions
from chassis.stream.kernel import Service
from chassis.vault import Vault
from policy.working_time import LONDON
from services.intake.access import store
from services.intake.access.domain import Request
from services.intake.access.marking import lines
from services.intake.attachments import store as attachments
from services.intake.attachments.file import File
from services.intake.consultations.domain import Consultation
from services.intake.consultations.store import ConsultationStore
from services.intake.consultations.telling import written
from services.intake.domain import Case
from services.intake.elsewhere import known as elsewhere
from services.intake.elsewhere import store as systems
from services.intake.later import LATER
from services.intake.people.finding import LookUp
from services.intake.people.store import PeopleStore
from services.intake.restricting.domain import KIND as RESTRICTION
from services.intake.store import IntakeStore

PURPOSE = "subject_access"
SERVICES = ("intake", "triage", "allocation", "notifications", "console")
SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that is held: as JSON, and the files with their places in the bundle. `left_out`: how many
    restricted referrals this person may not see."""

    content: Mapping[str, Any]
    files: Sequence[tuple[str, bytes]] = field(repr=False)
    left_out: int


class Gathering:
    """Reads of all services. Whatever is away makes the whole fail: half a copy would be taken for
    all of it."""

    def __init__(
        self,
        service: Service[Case],
        cases: IntakeStore,
        people: PeopleStore,
        look_up: LookUp,
        vault: Vault,
        reads: httpx2.AsyncClient,
    ) -> None:
        self._service = service
        self._cases = cases
        self._people = people
        self._look_up = look_up
        self._vault = vault
        self._reads = reads

    async def gather(self, request: Request, seer: Seer) -> Gathered:
        """Everything that is held about the person of a request, as `seer` may see it. Raises
        Unavailable."""
        async with self._service.database.connection() as connection:
            people = await store.person_in(
                connection, request.authority, request.referral_id, request.person_id
            )
            kept = await restrictions.read(connection, list(people))
            left_out = {one for one in kept if not kept[one].restriction.shows(seer)}
            cases = await self._cases.load(connection, sorted(set(people) - left_out))
            words = await self._cases.words(connection, list(cases), ["form", *LATER, RESTRICTION])
            asked = await ConsultationStore(self._vault).of_referrals(connection, list(cases))
            files = {one: await self._files(connection, one) for one in cases}
            outside = await self._elsewhere(connection, request, people, sorted(cases))
        ids = sorted(cases)
        decided = await self._read("/internal/v1/triage/held:batch", ids)
        worked = await self._read("/internal/v1/allocation/held:batch", ids)
        messages = await self._read("/internal/v1/notifications/messages:batch", ids)
        trails = [
            {"service": service, **one}
            for service in SERVICES
            for one in await self._read(f"/internal/v1/{service}/audit:batch", ids)
        ]
        in_order = sorted(cases.values(), key=_order)
        content = {
            "request_id": request.request_id,
            "released_at": request.released_at,
            "considered": request.considered,
            "elsewhere": outside,
            "referrals": [
                {
                    **_referral(case, people[case.referral_id], words),
                    "files": [_told(case, file) for file in files[case.referral_id]],
                    "advice": [_advice(*one) for one in asked.get(case.referral_id, ())],
                    **_held(case.referral_id, decided, worked),
                    "messages": _of(messages, case.referral_id),
                    "audit": _of(trails, case.referral_id),
                }
                for case in in_order
            ],
        }
        placed = [
            (_place(case, file), file.content)
            for case in in_order
            for file in files[case.referral_id]
        ]
        return Gathered(content, placed, len(left_out))

    async def _files(self, connection: Connection, referral_id: UUID) -> list[File]:
        listed = await attachments.listed(connection, self._vault, referral_id)
        found = [
            await attachments.read(connection, self._vault, referral_id, one["attachment_id"])
            for one in listed
        ]
        return [one for one in found if one is not None]

    async def _elsewhere(
        self,
        connection: Connection,
        request: Request,
        people: Mapping[UUID, set[UUID]],
        ids: Sequence[UUID],
    ) -> Mapping[str, Any]:
        """What other systems of the authority hold of a child, with when they were asked."""
        records = await self._people.people_of(connection, ids, [request.authority])
        mine = [one for one in records if one.person_id in people.get(one.referral_id, ())]
        found = await self._look_up.elsewhere(connection, request.authority, mine)
        as_of = await systems.as_of(connection, request.authority)
        now = self._service.clock()
        today = now.astimezone(LONDON).date()
        matching = self._service.policy.current(request.authority, today).matching
        return elsewhere.told(found, as_of, now, matching.stale_days)

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


def _held(
    referral_id: UUID, decided: Sequence[Mapping[str, Any]], worked: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any]:
    """What triage and allocation hold of one referral: decisions, discussions, milestones, and all
    that was written beside them."""
    parts: dict[str, list[Any]] = {}
    for one in (*_of(decided, referral_id), *_of(worked, referral_id)):
        for name, found in one.items():
            if name != "referral_id":
                parts.setdefault(name, []).extend(found)
    return parts


def _place(case: Case, file: File) -> str:
    """Where a file stands in the bundle. Two may have been sent under one name."""
    return f"files/{case.reference}/{file.attachment_id.hex[-6:]}-{file.name}"


def _told(case: Case, file: File) -> Mapping[str, Any]:
    return {
        "name": file.name,
        "kind": file.kind,
        "received_at": file.received_at,
        "place": _place(case, file),
    }


def _advice(one: Consultation, words: Mapping[str, str]) -> Mapping[str, Any]:
    """Advice that was asked before, without names, as it became this referral."""
    return {
        "asked_at": one.asked_at,
        "answered_at": one.answered_at,
        **written(words),
        "help_answer": one.help_answer,
    }


def _of(items: Sequence[Mapping[str, Any]], referral_id: UUID) -> list[Mapping[str, Any]]:
    return [one for one in items if one["referral_id"] == str(referral_id)]


def _order(case: Case) -> tuple[datetime, UUID]:
    return case.received_at, case.referral_id


def _referral(case: Case, mine: set[UUID], words: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    written = [one for one in words if one["referral_id"] == case.referral_id]
    form: dict[str, Any] = next(
        (from_json(one["content"]) for one in written if one["kind"] == "form"), {}
    )
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
            for line in lines(form, case.referral_id, mine)
        ],
        "later": [
            {"kind": one["kind"], "received_at": one["received_at"], "text": one["content"]}
            for one in written
            if one["kind"] != "form"
        ],
    }
