"""Opening cases: what many people ask for at the same moment is read, and written to the audit
trail, in one transaction. Nobody is answered before that is committed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.clock import Clock
from chassis.database import Database
from chassis.gathering import Gathering
from chassis.identity import Caller
from services.triage.domain import Case
from services.triage.store import TriageStore

NEW = 1
"""The version of a case of which nobody has decided anything."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A case and its decisions, with their words; `refusals` are earlier referrals of its children
    whose family refused."""

    case: Case
    decisions: Sequence[Mapping[str, Any]]
    refusals: Sequence[UUID] = ()


class Openings:
    """Opens cases for people of the cases' authorities. Raises DatabaseAway."""

    def __init__(self, database: Database, store: TriageStore, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._clock = clock
        self._opening = Gathering(self._open)
        self._finding = Gathering(self._find)

    async def open(self, caller: Caller, referral_id: UUID) -> Opened | None:
        """A case for somebody who reads it, audited; None where they have none such."""
        return await self._opening.ask((caller, referral_id))

    async def authority(self, caller: Caller, referral_id: UUID) -> str | None:
        """Whose case it is; None where this caller has none such."""
        return await self._finding.ask((caller, referral_id))

    async def _open(self, group: Sequence[tuple[Caller, UUID]]) -> list[Opened | None]:
        async with self._database.transaction() as connection:
            ids = sorted({referral_id for _, referral_id in group})
            cases = await self._store.load(connection, ids)
            allowed = [
                (caller, cases[referral_id])
                for caller, referral_id in group
                if referral_id in cases and cases[referral_id].authority in caller.authorities
            ]
            changed = {case.referral_id for _, case in allowed if case.version > NEW}
            records = await self._store.decisions(connection, sorted(changed)) if changed else []
            decisions: dict[UUID, list[Mapping[str, Any]]] = {}
            for record in records:
                decisions.setdefault(record["referral_id"], []).append(record)
            refusals = {
                case.referral_id: await self._store.refused(connection, case) for _, case in allowed
            }
            entries = [
                AuditEntry("case_opened", caller, case.authority, case.referral_id)
                for caller, case in allowed
            ]
            await append_audit(connection, entries, self._clock())
        return [
            Opened(case, decisions.get(referral_id, ()), refusals.get(referral_id, ()))
            if (case := cases.get(referral_id)) and case.authority in caller.authorities
            else None
            for caller, referral_id in group
        ]

    async def _find(self, group: Sequence[tuple[Caller, UUID]]) -> list[str | None]:
        async with self._database.connection() as connection:
            known = await self._store.authorities(
                connection, sorted({referral_id for _, referral_id in group})
            )
        return [
            authority
            if (authority := known.get(referral_id)) and authority in caller.authorities
            else None
            for caller, referral_id in group
        ]
