"""What can be worked out of a form before any database is asked. Pure but for the policy's data,
so that another process may do it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.change import Ids
from chassis.errors import BadRequest, FieldError, InvalidInput
from chassis.vault import BlindIndex
from contracts.events import TextReading
from contracts.form import FormReading, FormRefused, read_form
from policy.loading import PackSet
from policy.working_time import LONDON
from services.intake import submission
from services.intake.people.keys import PersonKey
from services.intake.telling import received


@dataclass(frozen=True, slots=True)
class Written:
    """A form as it was sent. `referral_id` is given for what was a draft: the draft's own id, under
    whose key its attachments are sealed. `unread` are texts beside the form that nothing can read,
    such as scans. `historic_at` is when a referral of an earlier system was received: it starts no
    clocks and sends nothing."""

    body: bytes
    lenient: bool = False
    referral_id: UUID | None = None
    unread: tuple[TextReading, ...] = ()
    historic_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A form that was read. `facts` lack what only the database knows. Personal: never log it."""

    referral_id: UUID
    authority: str
    pack_version: str
    facts: Mapping[str, Any]
    form: str
    keys: tuple[PersonKey, ...]
    your_reference: bytes | None
    answer: Mapping[str, Any]
    postcode: str | None
    school: str | None
    was_draft: bool
    historic_at: datetime | None


@dataclass(frozen=True, slots=True)
class Preparing:
    """What reading forms needs."""

    policy: PackSet
    index: BlindIndex
    ids: Ids

    def prepare(self, written: Written, now: datetime) -> Prepared:
        """Read a form at `now`. Raises BadRequest for what is no JSON, InvalidInput for a form that
        cannot be taken."""
        today = (written.historic_at or now).astimezone(LONDON).date()
        reading = self._read(written, today)
        form = reading.form
        authority = str(form.authority)
        pack = self.policy.current(authority, now.astimezone(LONDON).date())
        silent = written.historic_at is not None
        read = submission.prepare(reading, pack, self.index, today, self.ids, silent=silent)
        referral_id = written.referral_id or self.ids()
        return Prepared(
            referral_id=referral_id,
            authority=authority,
            pack_version=pack.version,
            facts=submission.facts(
                read,
                (),
                pack,
                completeness=reading.completeness.score,
                repeated_reference=False,
                unread=written.unread,
            ),
            form=submission.content(read, reading.originals),
            keys=read.keys,
            your_reference=(
                self.index.of("your_reference", form.your_reference)
                if form.your_reference
                else None
            ),
            # Nobody waits for the answer to what an earlier system held, and no clock is promised.
            answer={} if silent else received(referral_id, pack, reading, reading.warnings, now),
            postcode=submission.home_postcode(form),
            school=submission.first_school(form),
            was_draft=written.referral_id is not None,
            historic_at=written.historic_at,
        )

    def _read(self, written: Written, today: date) -> FormReading:
        authorities = self.policy.authorities
        try:
            return read_form(
                written.body, today=today, authorities=authorities, lenient=written.lenient
            )
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
