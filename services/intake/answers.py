"""What intake's API answers, for its OpenAPI document. Nothing is built from these classes at run
time; a test that asks every operation at random holds the answers to them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from contracts.events import AgreementStatus, Rag
from services.intake.domain import Stage


def described(
    model: type[BaseModel],
    status: int = 200,
    *,
    conditional: bool = False,
    **others: type[BaseModel],
) -> dict[str, Any]:
    """How a route is told that `status` is answered with `model`, without work at run time.
    `others` are further statuses, such as `s400`; `conditional`: it is 304 where nothing has
    changed."""
    told = {status: model} | {int(name[1:]): other for name, other in others.items()}
    responses: dict[int, dict[str, Any]] = {at: {"model": one} for at, one in told.items()}
    if conditional:
        responses[304] = {"description": "Nothing has changed since you read it"}
    return {"response_model": None, "responses": responses}


class FieldSaid(BaseModel):
    """A field, by a JSON pointer, and what is said of it."""

    pointer: str
    detail: str


class Warned(FieldSaid):
    code: str


class Missing(BaseModel):
    pointer: str
    add: str


class Completeness(BaseModel):
    score: int
    sections: dict[str, int]
    missing: list[Missing]


class Closed(BaseModel):
    """What to do while the hub is closed, and when it opens."""

    detail: str
    emergency_phone: str
    police_phone: str
    opens_at: datetime


class Received(BaseModel):
    """A referral that is stored."""

    id: UUID
    reference: str
    status: Stage
    received_at: datetime
    acknowledgement_due_at: datetime
    completeness: Completeness
    warnings: list[Warned]
    links: dict[str, str]
    out_of_hours: Closed | None = None


class Listed(BaseModel):
    """A referral in your list. `rating` is there once it is decided."""

    id: UUID
    reference: str
    authority: str
    status: Stage
    received_at: datetime
    updated_at: datetime
    rating: Rag | None
    version: int


class ListedPage(BaseModel):
    items: list[Listed]
    next: str | None


class PublicClock(BaseModel):
    name: str
    state: str
    due_at: datetime
    explanation: str
    overdue: bool


class Status(Listed):
    """Where a referral stands. Members of the public are told fewer fields."""

    stage: Stage
    withdrawal_requested_at: datetime | None
    withdrawal_continued_at: datetime | None
    telephone: str
    what_happens_next: str
    withdrawal_continued_because: str | None = None
    clocks: list[PublicClock] = []
    decision: dict[str, Any] | None = None
    by: datetime | None = None


class Informed(BaseModel):
    id: UUID
    referral_id: UUID
    received_at: datetime
    version: int


class AgreementKept(BaseModel):
    id: UUID
    referral_id: UUID
    recorded_at: datetime
    agreement: AgreementStatus
    withdrawn: bool
    version: int


class OnForm(BaseModel):
    """Somebody on a form: `child` or `person` is their place in it, as a correction names it."""

    child: int | None
    person: int | None
    name: str | None


class PeopleOnForm(BaseModel):
    items: list[OnForm]


class CorrectionKept(BaseModel):
    id: UUID
    referral_id: UUID
    corrected_at: datetime
    version: int


class LocalService(BaseModel):
    """A service of the directory. `warning`: it has ended, or nobody has checked it for a year."""

    id: UUID
    name: str
    organisation: str | None
    description: str | None
    area: str | None
    minimum_age: int | None
    maximum_age: int | None
    how_to_join: str | None
    telephone: str | None
    email: str | None
    url: str | None
    needs: list[str]
    checked_on: date | None
    open: bool
    stale: bool
    warning: str | None


class ServicesFound(BaseModel):
    items: list[LocalService]
    area_known: bool


class OrganisationRow(BaseModel):
    """`urn` is a school's number in the national register, `la_code` its local authority's."""

    organisation_id: UUID
    name: str
    agency: str
    urn: str | None
    la_code: str | None
    postcode: str | None
    open: bool


class OrganisationsFound(BaseModel):
    items: list[OrganisationRow]


class WithdrawalAsked(BaseModel):
    referral_id: UUID
    status: Stage
    withdrawal_requested_at: datetime
    what_happens_next: str


class DraftRow(BaseModel):
    id: UUID
    authority: str
    version: int
    held_by: str | None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    links: dict[str, str]


class DraftPage(BaseModel):
    items: list[DraftRow]
    next: str | None


class DraftSaved(DraftRow):
    """A draft and what it lacks to be sent."""

    can_be_sent: bool
    completeness: Completeness | None
    needed: list[FieldSaid]


class DraftRead(DraftSaved):
    form: dict[str, Any]


class Attached(BaseModel):
    id: UUID
    kind: str
    size: int
    scanned: bool
    received_at: datetime
    version: int | None = None


class AttachedRow(Attached):
    name: str
    read: bool


class AttachedPage(BaseModel):
    items: list[AttachedRow]
    next: str | None


class Later(BaseModel):
    """Words that came after the form."""

    name: str
    kind: str
    received_at: datetime
    text: str


class Opened(BaseModel):
    """The whole referral. `hidden` names what is there and shown to few. `by_web`: it came by the
    open web form, and nobody checked who sent it."""

    id: UUID
    reference: str
    authority: str
    received_at: datetime
    version: int
    form: dict[str, Any] | None
    hidden: list[str]
    later: list[Later]
    withdrawal_requested_at: datetime | None
    call: dict[str, Any] | None
    by_web: bool


class Hit(BaseModel):
    """Somebody who may be the one searched for. No names: open the referral for those."""

    referral_id: UUID
    reference: str
    person_id: UUID
    role: str
    received_at: datetime
    score: float
    reasons: list[str]


class Searched(BaseModel):
    """`restricted`: whom to ring about a record that is not shown."""

    search_id: UUID
    items: list[Hit]
    restricted: dict[str, str] | None


class FormArrived(BaseModel):
    referral_id: UUID
    written_at: datetime
    written_referral_id: UUID | None
    version: int


class Story(BaseModel):
    """Who was met before."""

    children: list[dict[str, Any]]
    earlier: list[dict[str, Any]]


class IncidentSaid(BaseModel):
    """What is kept of two referrals' telling of one incident."""

    referral_id: UUID
    other_referral_id: UUID
    state: str


class Token(BaseModel):
    access_token: str
    token_type: str
    expires_in: int
    scope: str


class TokenRefused(BaseModel):
    """RFC 6749, section 5.2."""

    error: str
    error_description: str
