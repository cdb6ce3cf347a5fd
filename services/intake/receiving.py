"""Receiving a referral, however it comes: posted, from a draft, from a file."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.audit import AuditEntry
from chassis.errors import BadRequest, FieldError, InvalidInput
from chassis.http import idempotency
from chassis.identity import Caller
from chassis.stream.kernel import Answer, Command, Kernel
from chassis.telemetry import traces
from chassis.vault import BlindIndex
from contracts.events import TextReading
from contracts.form import FieldWarning, FormReading, FormRefused, read_form
from policy.working_time import LONDON
from services.intake import domain, submission
from services.intake.domain import Case
from services.intake.earlier import Asked, Lookups
from services.intake.postcodes.wards import Wards
from services.intake.references import References
from services.intake.store import IntakeStore
from services.intake.telling import received


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent, and by whom. `referral_id` is given for what was a draft: the draft's
    own id, under whose key its attachments are sealed. `unread` are texts beside the form that
    nothing can read, such as scans. `historic_at` is when a referral of an earlier system was
    received: it starts no clocks and sends nothing."""

    body: bytes
    caller: Caller
    organisation_id: UUID
    claim: idempotency.Claim | None
    lenient: bool = False
    referral_id: UUID | None = None
    unread: tuple[TextReading, ...] = ()
    historic_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receiving:
    """What receiving a referral needs."""

    kernel: Kernel[Case]
    store: IntakeStore
    references: References
    earlier: Lookups
    index: BlindIndex
    wards: Wards

    async def receive(self, sent: Sent) -> Answer:
        """Take a form. Answers after the commit. Raises BadRequest for what is no JSON,
        InvalidInput for a form that cannot be taken, DatabaseAway."""
        service = self.kernel.service
        now = service.clock()
        today = (sent.historic_at or now).astimezone(LONDON).date()
        reading = self._read(sent, today)
        authority = str(reading.form.authority)
        pack = service.policy.current(authority, now.astimezone(LONDON).date())
        read = submission.prepare(
            reading, pack, self.index, today, service.ids, silent=sent.historic_at is not None
        )
        your_reference = (
            self.index.of("your_reference", reading.form.your_reference)
            if reading.form.your_reference
            else None
        )
        earlier = await self.earlier.find(
            Asked(authority, sent.organisation_id, read.keys, your_reference)
        )
        warnings = list(reading.warnings)
        if earlier.repeated_reference:
            warnings.append(REPEATED)
        referral_id = sent.referral_id or service.ids()
        command = domain.Submission(
            referral_id=referral_id,
            authority=authority,
            reference=await self.references.next(authority, pack.prefix),
            organisation_id=sent.organisation_id,
            client_id=sent.caller.name,
            facts=submission.facts(
                read,
                earlier.links,
                pack,
                completeness=reading.completeness.score,
                repeated_reference=earlier.repeated_reference,
                unread=sent.unread,
                ward=await self.wards.of(submission.home_postcode(reading.form), pack),
            ),
            pack_version=pack.version,
            form=submission.content(read, reading.originals),
            keys=read.keys,
            your_reference=your_reference,
            answer=received(referral_id, pack, reading, warnings, now),
            was_draft=sent.referral_id is not None,
            historic_at=sent.historic_at,
        )
        return await self.kernel.submit(
            Command(
                referral_id=referral_id,
                authority=authority,
                decide=lambda state, policy, ids, at: domain.submit(
                    state, command, policy, ids, at
                ),
                audit=AuditEntry("referral_received", sent.caller, authority, referral_id),
                claim=sent.claim,
                status=201,
                traceparent=traces.current_traceparent(),
            )
        )

    def _read(self, sent: Sent, today: date) -> FormReading:
        authorities = self.kernel.service.policy.authorities
        try:
            return read_form(sent.body, today=today, authorities=authorities, lenient=sent.lenient)
        except FormRefused as refused:
            errors = [FieldError(pointer, detail) for pointer, detail in refused.errors]
            if refused.status == 400:
                raise BadRequest(
                    "malformed_json", "The body is not JSON.", errors=errors
                ) from refused
            raise InvalidInput(
                "invalid_referral",
                "Some fields that a safe decision needs are missing or wrong.",
                errors=errors,
            ) from refused


def asks_leniency(prefer: str | None) -> bool:
    """Whether a `Prefer` header says that nobody can be asked again."""
    return "handling=lenient" in (prefer or "").replace(" ", "").lower()


REPEATED = FieldWarning(
    "/your_reference",
    "You have sent a referral with this reference before. This is kept as a new one beside it.",
    "reference_used_before",
)
