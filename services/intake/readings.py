"""Reading stored texts again by another version of the guidance. What the reader finds is handed
over, not what was written, and nothing is kept."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from pydantic_core import from_json

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.clock import Clock
from chassis.database import Database
from contracts.events import NarrativeSignal, TextReading
from policy.pack import Pack
from services.intake.store import IntakeStore
from services.intake.submission import read_texts, stored_texts

Found = tuple[tuple[NarrativeSignal, ...], tuple[TextReading, ...]]


class Readings:
    """Reads again what intake keeps."""

    def __init__(self, database: Database, store: IntakeStore, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._clock = clock

    async def again(self, ids: Sequence[UUID], pack: Pack) -> Mapping[UUID, Found]:
        """What the reader finds in the texts of these referrals by a version. Erased ones are left
        out. That they were opened is audited. Raises DatabaseAway."""
        async with self._database.transaction() as connection:
            words = await self._store.words(connection, ids, ["form", "information"])
            entry = AuditEntry(
                "texts_read_for_trial",
                None,
                pack.authority,
                None,
                {"version": pack.version, "referrals": len(ids)},
            )
            await append_audit(connection, [entry], self._clock())
        written: dict[UUID, dict[str, str]] = {}
        for one in words:
            texts = written.setdefault(one["referral_id"], {})
            if one["kind"] == "form":
                texts.update(stored_texts(from_json(one["content"])))
            else:
                texts[f"information/{one['text_id']}"] = one["content"]
        return {referral_id: read_texts(texts, pack) for referral_id, texts in written.items()}
