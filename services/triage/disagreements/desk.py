"""What both sides of a disagreement are served with: whose it is, and the way of a command to the
case."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.change import Decide
from chassis.http.claims import Claim
from chassis.identity import Caller
from chassis.identity.links import Links
from chassis.stream.kernel import Answer, Command, Kernel
from chassis.telemetry import traces
from chassis.vault import Vault
from contracts.form import CLEAN_LINE, CLEAN_WORDS
from services.triage.checks.desk import SentBody
from services.triage.disagreements import domain
from services.triage.disagreements.disagreement import Disagreement
from services.triage.domain import Case
from services.triage.store import TriageStore
from services.triage.written import store as written

Reason = Annotated[str, Field(min_length=10, max_length=20_000), CLEAN_WORDS]


class RaiseBody(SentBody):
    """What you disagree with, and why. `immediate_risk`: a child is at risk now; `stage` may then
    be any, otherwise it begins at the first. `raised_by` is a name and a role."""

    because: Reason
    raised_by: Annotated[str, Field(min_length=1, max_length=200), CLEAN_LINE]
    immediate_risk: bool = False
    stage: Annotated[int, Field(ge=1, le=9)] = 1


class FurtherBody(SentBody):
    """Why the answer does not convince."""

    because: Reason


@dataclass(frozen=True, slots=True)
class Desk:
    """Disagreements, and the parts that they need."""

    kernel: Kernel[Case]
    store: TriageStore
    vault: Vault
    links: Links

    async def case(self, referral_id: UUID) -> Case | None:
        """The case of a referral, wherever it belongs."""
        async with self.kernel.service.database.connection() as connection:
            return (await self.store.load(connection, [referral_id])).get(referral_id)

    async def deciders(self, referral_id: UUID) -> frozenset[UUID]:
        """Who decided or rated this referral."""
        async with self.kernel.service.database.connection() as connection:
            records = await self.store.decisions(connection, [referral_id])
        return frozenset(record["staff_id"] for record in records)

    async def words(self, case: Case) -> dict[UUID, dict[str, str]]:
        """What was written in the disagreements of a case."""
        async with self.kernel.service.database.connection() as connection:
            return await written.read(
                connection, self.vault, [one.disagreement_id for one in case.disagreements]
            )

    async def raise_one(
        self,
        case: Case,
        body: RaiseBody,
        caller: Caller,
        organisation_id: UUID | None,
        claim: Claim | None = None,
    ) -> Answer:
        """Raise a disagreement in the name of an organisation."""
        command = domain.Raise(
            organisation_id=organisation_id,
            because=body.because,
            raised_by=body.raised_by,
            immediate_risk=body.immediate_risk,
            stage=body.stage,
        )
        return await self.command(
            case,
            "disagreement_raised",
            caller,
            lambda state, policy, ids, now: domain.raise_one(state, command, policy, ids, now),
            claim,
        )

    async def escalate(
        self, case: Case, disagreement_id: UUID, because: str, caller: Caller
    ) -> Answer:
        """Take one further."""
        return await self.command(
            case,
            "disagreement_escalated",
            caller,
            lambda state, policy, ids, now: domain.escalate(
                state, disagreement_id, because, policy, ids, now
            ),
        )

    async def conclude(self, case: Case, disagreement_id: UUID, caller: Caller) -> Answer:
        """Accept the answer, or withdraw."""
        return await self.command(
            case,
            "disagreement_concluded",
            caller,
            lambda state, policy, ids, now: domain.conclude(
                state, disagreement_id, policy, ids, now
            ),
        )

    async def command(
        self,
        case: Case,
        action: str,
        caller: Caller,
        decide: Decide[Case],
        claim: Claim | None = None,
    ) -> Answer:
        """Have a case changed."""
        return await self.kernel.submit(
            Command(
                referral_id=case.referral_id,
                authority=case.authority,
                decide=decide,
                audit=AuditEntry(action, caller, case.authority, case.referral_id),
                claim=claim,
                status=201,
                traceparent=traces.current_traceparent(),
            )
        )

    async def note_read(self, case: Case, caller: Caller) -> None:
        """Write down that somebody read what both sides wrote."""
        entry = AuditEntry("disagreements_read", caller, case.authority, case.referral_id)
        async with self.kernel.service.database.transaction() as connection:
            await append_audit(connection, [entry], self.kernel.service.clock())

    def shown(self, case: Case, one: Disagreement, words: Mapping[str, str]) -> Mapping[str, Any]:
        """A disagreement with its words, as both sides may see it."""
        pack = self.kernel.service.policy.version(case.authority, case.facts.pack_version)
        return {
            **domain.told(one, pack),
            "reference": case.facts.reference,
            "because": words.get("disagreement/because"),
            "raised_by": words.get("disagreement/raised_by"),
            "answers": [
                {
                    "stage": answer.stage,
                    "answered_at": answer.answered_at,
                    "outcome": answer.outcome,
                    "words": words.get(f"disagreement/answer/{answer.stage}"),
                }
                for answer in one.answers
            ],
            "taken_further": [
                {"stage": stage, "because": words.get(f"disagreement/further/{stage}")}
                for stage in range(2, one.stage + 1)
                if f"disagreement/further/{stage}" in words
            ],
        }


def may_raise(case: Case, organisation_id: UUID | None) -> bool:
    """Whether an organisation may disagree about a case: it referred, or was asked about it."""
    involved = {case.facts.organisation_id, *(one.organisation_id for one in case.requests)}
    return organisation_id is not None and organisation_id in involved
