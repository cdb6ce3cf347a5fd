"""Reading the rows of a file as forms. Asks no database, so that other processes may do it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chassis.errors import DomainError, FieldError, InvalidInput
from chassis.http.claims import Claim
from services.intake.importing.rows import Row
from services.intake.importing.store import Run
from services.intake.preparing import Prepared, Preparing, Written


@dataclass(frozen=True, slots=True)
class Ready:
    """A row that was read: its form, and the key by which it is known again."""

    number: int
    prepared: Prepared
    claim: Claim


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that cannot be taken: a code, and (pointer, detail) of each field."""

    number: int
    code: str
    errors: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, number: int, refusal: DomainError) -> "Refusal":
        """What a refusal says of a row."""
        errors = tuple((one.pointer, one.detail) for one in refusal.errors)
        return cls(number, refusal.code, errors)


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads rows. `agency` and `organisation` refer where a row doesn't say."""

    preparing: Preparing
    run: Run
    agency: str
    organisation: str

    def read(self, rows: Sequence[Row], now: datetime) -> list[Ready | Refusal]:
        """Each row, read or refused."""
        return [self._read(row, now) for row in rows]

    def _read(self, row: Row, now: datetime) -> Ready | Refusal:
        if row.wrong or row.form is None:
            return Refusal(row.number, row.wrong or "malformed_json")
        try:
            body, received_at = self._form(row.form, now)
            written = Written(body, lenient=True, historic_at=received_at)
            prepared = self.preparing.prepare(written, now)
        except DomainError as refusal:
            return Refusal.of(row.number, refusal)
        return Ready(row.number, prepared, self._claim(body, received_at))

    def _claim(self, body: bytes, received_at: datetime | None) -> Claim:
        said = f"{self.run.authority}|{received_at}|".encode() + body
        digest = hashlib.sha256(said)
        return Claim(self.run.client_id, f"import {digest.hexdigest()}", digest.digest())

    def _form(self, given: Mapping[str, Any], now: datetime) -> tuple[bytes, datetime | None]:
        form = dict(given)
        received_at = self._received_at(form.pop("received_at", None), now)
        if form.setdefault("authority", self.run.authority) != self.run.authority:
            raise _wrong("/authority", "is not the authority of this import")
        referrer = form.get("referrer")
        if referrer is None or isinstance(referrer, dict):
            form["referrer"] = {
                "agency": self.agency,
                "organisation": self.organisation,
                **(referrer or {}),
            }
        return json.dumps(form).encode(), received_at

    def _received_at(self, given: object, now: datetime) -> datetime | None:
        if not self.run.historic:
            return None
        try:
            at = datetime.fromisoformat(str(given))
        except ValueError:
            raise _wrong("/received_at", "is not a time like 2024-03-05T10:00:00Z") from None
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        if at > now:
            raise _wrong("/received_at", "is in the future")
        return at


def _wrong(pointer: str, detail: str) -> InvalidInput:
    return InvalidInput("invalid_row", "The row is wrong.", errors=(FieldError(pointer, detail),))
