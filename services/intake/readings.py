"""Reading stored texts again by another version of the guidance. What the reader finds is handed
over, not what was written, and nothing is kept."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.beside import Beside
from chassis.clock import Clock
from chassis.database import Database
from chassis.errors import NotFound
from chassis.identity import Caller, service
from contracts.events import NarrativeSignal, TextReading
from policy.loading import PackSet
from policy.pack import Pack
from services.intake.store import IntakeStore
from services.intake.submission import read_texts, stored_texts

Found = tuple[tuple[NarrativeSignal, ...], tuple[TextReading, ...]]


Texts = Mapping[UUID, Mapping[str, str]]


class AgainBody(BaseModel):
    """Which referrals of an authority, by which of its versions, for whom."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: tuple[UUID, ...] = Field(max_length=500)
    authority: str = Field(max_length=80)
    version: str = Field(max_length=80)
    on_behalf_of: UUID


class Readings:
    """Reads again what intake keeps."""

    def __init__(self, database: Database, store: IntakeStore, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._clock = clock

    async def again(self, ids: Sequence[UUID], pack: Pack) -> Mapping[UUID, Found]:
        """What the reader finds in the texts of these referrals by a version. Erased ones are left
        out. That they were opened is audited. Raises DatabaseAway."""
        return _read((pack,), (pack.version, await self.texts(ids, pack)))

    async def texts(
        self,
        ids: Sequence[UUID],
        pack: Pack,
        caller: Caller | None = None,
        on_behalf_of: UUID | None = None,
    ) -> Texts:
        """What was written freely in each that belongs to the version's authority. Personal; that
        they were opened, and for whom, is audited. Raises DatabaseAway."""
        async with self._database.transaction() as connection:
            cases = await self._store.load(connection, ids)
            own = [one for one, case in cases.items() if case.authority == pack.authority]
            words = await self._store.words(connection, own, ["form", "information"])
            details = {"version": pack.version, "referrals": len(own)}
            if on_behalf_of:
                details["on_behalf_of"] = str(on_behalf_of)
            entry = AuditEntry("texts_read_for_trial", caller, pack.authority, None, details)
            await append_audit(connection, [entry], self._clock())
        written: dict[UUID, dict[str, str]] = {}
        for one in words:
            texts = written.setdefault(one["referral_id"], {})
            if one["kind"] == "form":
                texts.update(stored_texts(from_json(one["content"])))
            else:
                texts[f"information/{one['text_id']}"] = one["content"]
        return written


def _read(packs: Sequence[Pack], asked: tuple[str, Texts]) -> Mapping[UUID, Found]:
    """What the reader finds by one of an authority's versions."""
    version, written = asked
    pack = next(one for one in packs if one.version == version)
    return {referral_id: read_texts(texts, pack) for referral_id, texts in written.items()}


def internal_router(readings: Readings, policy: PackSet, beside: Beside) -> APIRouter:
    """What triage asks while somebody tries a version of the guidance."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/internal/v1/intake/readings:batch")
    async def again(
        caller: Annotated[Caller, Depends(service())], body: AgainBody
    ) -> Mapping[str, Any]:
        """What the reader finds by a version in each referral's texts; none of their words."""
        try:
            pack = policy.version(body.authority, body.version)
        except KeyError:
            raise NotFound("guidance_not_found", "There is no such version.") from None
        written = await readings.texts(body.ids, pack, caller, body.on_behalf_of)
        asked = (pack.version, written)
        packs = policy.packs[pack.authority]
        found = await beside.run(_read, packs, asked, pieces=len(written))
        return {
            "items": [
                {"referral_id": referral_id, "signals": signals, "texts": texts}
                for referral_id, (signals, texts) in found.items()
            ]
        }

    return routes
