"""Receiving a referral, however it comes: posted, from a draft, from a file."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis.audit import AuditEntry
from chassis.http.claims import Claim
from chassis.identity import Caller
from chassis.stream.kernel import Answer, Command, Kernel
from chassis.telemetry import traces
from policy.allocation import locality_of
from services.intake import domain
from services.intake.calls.call import Call
from services.intake.domain import Case
from services.intake.earlier import Asked, Lookups
from services.intake.postcodes.wards import Wards
from services.intake.preparing import Prepared, Written
from services.intake.preparing_beside import Preparer
from services.intake.references import References
from services.intake.store import IntakeStore


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a form, and under which idempotency key; `call` where the hub took it down."""

    caller: Caller
    organisation_id: UUID
    claim: Claim | None
    call: Call | None = None


@dataclass(frozen=True, slots=True)
class Receiving:
    """What receiving a referral needs."""

    kernel: Kernel[Case]
    store: IntakeStore
    references: References
    earlier: Lookups
    preparer: Preparer
    wards: Wards

    async def receive(self, written: Written, sender: Sender) -> Answer:
        """Take a form. Answers after the commit. Raises BadRequest for what is no JSON,
        InvalidInput for a form that cannot be taken, DatabaseAway."""
        with self.preparer.taking():
            prepared = await self.preparer.prepare(written, self.kernel.service.clock())
            return await self.take(prepared, sender)

    async def take(self, prepared: Prepared, sender: Sender) -> Answer:
        """Take a form that was read. Raises DatabaseAway."""
        authority = prepared.authority
        pack = self.kernel.service.policy.version(authority, prepared.pack_version)
        earlier = await self.earlier.find(
            Asked(authority, sender.organisation_id, prepared.keys, prepared.your_reference)
        )
        facts = {
            **prepared.facts,
            "links": earlier.links,
            "repeated_reference": earlier.repeated_reference,
        }
        answer = dict(prepared.answer)
        if earlier.repeated_reference and answer:
            answer["warnings"] = [*answer["warnings"], REPEATED]
        ward = await self.wards.of(prepared.postcode, pack)
        if ward is not None:
            facts["locality"], facts["school_cluster"] = locality_of(
                prepared.postcode, prepared.school, pack.allocation, ward
            )
        command = domain.Submission(
            referral_id=prepared.referral_id,
            authority=authority,
            reference=await self.references.next(authority, pack.prefix),
            organisation_id=sender.organisation_id,
            client_id=sender.caller.name,
            facts=facts,
            pack_version=prepared.pack_version,
            form=prepared.form,
            keys=prepared.keys,
            your_reference=prepared.your_reference,
            answer=answer,
            was_draft=prepared.was_draft,
            historic_at=prepared.historic_at,
            call=sender.call,
        )
        return await self.kernel.submit(
            Command(
                referral_id=prepared.referral_id,
                authority=authority,
                decide=lambda state, policy, ids, at: domain.submit(
                    state, command, policy, ids, at
                ),
                audit=AuditEntry(
                    "referral_received", sender.caller, authority, prepared.referral_id
                ),
                claim=sender.claim,
                status=201,
                traceparent=traces.current_traceparent(),
            )
        )


def asks_leniency(prefer: str | None) -> bool:
    """Whether a `Prefer` header says that nobody can be asked again."""
    return "handling=lenient" in (prefer or "").replace(" ", "").lower()


REPEATED: Final = {
    "pointer": "/your_reference",
    "detail": "You have sent a referral with this reference before. This is kept as a new one "
    "beside it.",
    "code": "reference_used_before",
}
