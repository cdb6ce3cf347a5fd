"""The referral form as its fields are posted and kept. Published: names are fixed.

These models hold what is true of any stored form. What a posted one must have is in
`contracts.form.reading`. Everything may be blank: a form is a safety net, not a gate.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    StringConstraints,
    Tag,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from contracts import codes
from contracts.events import AgreementStatus, Impact
from contracts.form.identifiers import nhs_number, normal_postcode, unique_pupil_number

FORM_VERSIONS: Final = ("1", "2")
FORM_VERSION: Final = FORM_VERSIONS[0]
"""Who says nothing wrote to the first, when there was no other to name."""

MAX_CHILDREN: Final = 30
MAX_NAME: Final = 200
MAX_TEXT: Final = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class OneOf:
    """A string that is a code of `table`."""

    table: Mapping[str, object]

    def __get_pydantic_core_schema__(
        self, _source: type[str], _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.literal_schema(list(self.table))


_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _day(value: object) -> object:
    """A day as written in JSON. Pydantic alone would take seconds since 1970 in a string."""
    if not isinstance(value, str):
        return value
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("date_form", "is not a date like 2017-03-04")


Day = Annotated[date, BeforeValidator(_day)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_NAME)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_NAME)]
Number = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]
Text = Annotated[str, StringConstraints(max_length=MAX_TEXT)]
Position = Annotated[int, Field(ge=0)]
Answer = Annotated[str, OneOf(codes.ANSWERS)]
Positions = Annotated[tuple[Position, ...], Field(max_length=MAX_CHILDREN)]


class FormPart(BaseModel):
    """A part of the form. Its repr shows nothing: it would end in a log."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def __repr_args__(self) -> Any:
        return ()


class Referrer(FormPart):
    """Who refers, and how to answer them. `write_safely`: whether nobody else reads what is sent to
    their address; `safe_contact` how and when they are reached safely otherwise."""

    name: Name | None = None
    role: Line | None = None
    agency: Annotated[str, OneOf(codes.AGENCY_TYPES)] | None = None
    organisation: Line | None = None
    email: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)] | None = None
    phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] | None = None
    team_email: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)] | None = (
        None
    )
    address: "Address | None" = None
    knows_child: Text | None = None
    completed_for: Line | None = None
    safeguarding_lead_consulted: Answer | None = None
    guidance_consulted: Answer | None = None
    write_safely: bool | None = None
    safe_contact: Line | None = None

    @property
    def can_be_answered(self) -> bool:
        """Whether there is an email address or a telephone number."""
        return bool(self.email or self.phone)


class Address(FormPart):
    """Where somebody lives. A `confidential` one is shown to few."""

    lines: Annotated[tuple[Line, ...], Field(max_length=10)] = ()
    postcode: Number | None = None
    confidential: bool = False

    @property
    def given(self) -> bool:
        """Whether anything of an address is there."""
        return bool(self.postcode) or any(self.lines)

    @property
    def normal_postcode(self) -> str | None:
        """The postcode in upper case with one space, if it has a postcode's form."""
        return normal_postcode(self.postcode)


class Child(FormPart):
    """One child, born or expected. `age_estimate` is in whole years, for a child whose birth date
    nobody knows. `school` is a school or an early years setting."""

    given_name: Name | None = None
    family_name: Name | None = None
    also_known_as: Annotated[tuple[Name, ...], Field(max_length=20)] = ()
    date_of_birth: Day | None = None
    expected_date_of_delivery: Day | None = None
    age_estimate: Annotated[int, Field(ge=0, le=25)] | None = None
    sex: Annotated[str, OneOf(codes.SEXES)] | None = None
    ethnicity: Annotated[str, OneOf(codes.ETHNICITIES)] | None = None
    disabilities: Annotated[
        tuple[Annotated[str, OneOf(codes.DISABILITIES)], ...], Field(max_length=20)
    ] = ()
    nhs_number: Number | None = None
    upn: Number | None = None
    address: Address | None = None
    address_unknown_because: Text | None = None
    current_address: Address | None = None
    current_address_because: Text | None = None
    school: Line | None = None
    school_year: Line | None = None
    gp: Line | None = None
    gender_identity: Line | None = None
    religion: Line | None = None
    first_language: Line | None = None
    nationality: Line | None = None
    immigration_status: Line | None = None
    interpreter_needed: Answer | None = None
    communication_needs: Text | None = None
    special_needs: Text | None = None
    private_fostering: Answer | None = None
    private_fostering_since: Day | None = None

    @property
    def named(self) -> bool:
        """Whether any name is there."""
        return bool(self.given_name or self.family_name or any(self.also_known_as))

    @property
    def verified_nhs_number(self) -> str | None:
        """Ten digits whose check digit agrees, or None. Only this may match exactly."""
        return nhs_number(self.nhs_number)

    @property
    def verified_upn(self) -> str | None:
        """The unique pupil number whose check letter agrees, or None."""
        return unique_pupil_number(self.upn)


class Person(FormPart):
    """Someone else of the household, or a parent elsewhere."""

    name: Name | None = None
    relationship: Line | None = None
    date_of_birth: Day | None = None
    parental_responsibility: bool | None = None
    parental_responsibility_for: Positions = ()
    lives_with_children: Answer | None = None
    address: Address | None = None
    phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] | None = None
    ethnicity: Annotated[str, OneOf(codes.ETHNICITIES)] | None = None
    first_language: Line | None = None
    interpreter_needed: Answer | None = None


class Concern(FormPart):
    """A worry. `children` are positions in the form's list, from 0; none means every child."""

    code: Annotated[str, OneOf(codes.CONCERN_TYPES)] = codes.OTHER_CONCERN
    children: Annotated[tuple[Position, ...], Field(max_length=MAX_CHILDREN)] = ()
    impact: Impact | None = None
    detail: Text | None = None
    observed_on: Day | None = None
    current: bool = True


class ParentInformed(FormPart):
    """Whether one person was told about one child. `child` and `person` are positions in
    `children` and `household`, from 0; none means each of them."""

    child: Position | None = None
    person: Position | None = None
    informed: bool | None = None
    reason_not_informed: Annotated[str, OneOf(codes.REASONS_NOT_INFORMED)] | None = None


class Agreement(FormPart):
    """Whether the family agrees to a service. `child` is a position, in a list by child."""

    child: Position | None = None
    status: AgreementStatus = AgreementStatus.UNKNOWN
    given_by: Line | None = None
    given_on: Day | None = None
    covers: Text | None = None
    evidence: Text | None = None
    young_persons_own: Answer | None = None
    scope: Annotated[
        tuple[Annotated[str, OneOf(codes.AGREEMENT_SCOPES)], ...], Field(max_length=20)
    ] = ()


class AllegedPerpetrator(FormPart):
    """Who is said to have done harm. Shown to few. `works_with_children`: in a job or as a
    volunteer, so that the whole referral is restricted."""

    name: Name | None = None
    relationship: Line | None = None
    access_to_children: Text | None = None
    children: Positions = ()
    works_with_children: bool = False


class AgencyInvolved(FormPart):
    """Somebody who works with the family already. `leads`: the lead professional."""

    agency: Annotated[str, OneOf(codes.AGENCY_TYPES)] | None = None
    name: Name | None = None
    role: Line | None = None
    contact: Line | None = None
    leads: bool = False


class WorkerRisk(FormPart):
    """What a visitor has to take care of."""

    code: Annotated[str, OneOf(codes.RISKS_TO_WORKERS)] = "other"
    detail: Text | None = None


class Telephoned(FormPart):
    """Whether it was telephoned first: to whom, when in local time, such as `15:20`, and the
    reference that the hub gave."""

    made: Answer | None = None
    to: Line | None = None
    on: Day | None = None
    at: Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] | None = None
    reference: Number | None = None


class Declaration(FormPart):
    """Who says that it is right, and when."""

    name: Name | None = None
    on: Day | None = None


class NoValue(FormPart):
    """Why a field has no value: `field` is its JSON pointer. Not known is an answer; so is that it
    does not apply."""

    field: Line | None = None
    answer: Annotated[str, OneOf(codes.NO_VALUES)] | None = None


def _one_or_each(value: object) -> str:
    return "each" if isinstance(value, list | tuple) else "one"


Informed = Annotated[
    Annotated[bool, Tag("one")]
    | Annotated[tuple[ParentInformed, ...], Field(max_length=100), Tag("each")],
    Discriminator(_one_or_each),
]
Agreed = Annotated[
    Annotated[Agreement, Tag("one")]
    | Annotated[tuple[Agreement, ...], Field(max_length=MAX_CHILDREN), Tag("each")],
    Discriminator(_one_or_each),
]


# The default as it was first published: what was added since has none to tell.
_NOBODY: Final = dict.fromkeys(("name", "role", "agency", "organisation", "email", "phone"))


class ReferralForm(FormPart):
    """A referral as an agency or a person posts it."""

    form_version: Number = FORM_VERSION
    authority: Line | None = None
    request: Annotated[str, OneOf(codes.REQUESTS)] = "unsure"
    your_reference: Line | None = None
    referrer: Annotated[Referrer, Field(json_schema_extra={"default": dict(_NOBODY)})] = Referrer()
    children: Annotated[tuple[Child, ...], Field(max_length=MAX_CHILDREN)] = ()
    household: Annotated[tuple[Person, ...], Field(max_length=50)] = ()
    concerns: Annotated[tuple[Concern, ...], Field(max_length=100)] = ()
    narrative: Text | None = None
    going_well: Text | None = None
    child_voice: Text | None = None
    work_already_tried: Text | None = None
    parents_informed: Informed | None = None
    reason_not_informed: Annotated[str, OneOf(codes.REASONS_NOT_INFORMED)] | None = None
    agreement: Agreed | None = None
    referrer_level: Annotated[int, Field(ge=1, le=4)] | None = None
    immediate_danger: bool = False
    written_on: Day | None = None
    incident_number: Line | None = None
    telephoned: Telephoned | None = None
    information_source: Annotated[str, OneOf(codes.INFORMATION_SOURCES)] | None = None
    anonymous_source: bool = False
    exact_words: Text | None = None
    injuries: Text | None = None
    history: Text | None = None
    parenting: Text | None = None
    environment: Text | None = None
    child_voice_missing_because: Text | None = None
    family_response: Text | None = None
    willing_to_engage: Answer | None = None
    what_should_happen: Text | None = None
    worry_scale: Annotated[int, Field(ge=0, le=10)] | None = None
    alleged_perpetrators: Annotated[tuple[AllegedPerpetrator, ...], Field(max_length=20)] = ()
    agencies_involved: Annotated[tuple[AgencyInvolved, ...], Field(max_length=50)] = ()
    risks_to_workers: Annotated[tuple[WorkerRisk, ...], Field(max_length=20)] = ()
    visiting_advice: Text | None = None
    declaration: Declaration | None = None
    no_values: Annotated[tuple[NoValue, ...], Field(max_length=100)] = ()

    @property
    def without_value(self) -> Mapping[str, str]:
        """Why fields have no value, by their JSON pointers."""
        return {one.field: one.answer for one in self.no_values if one.field and one.answer}

    @property
    def told(self) -> bool | None:
        """Whether every parent asked about was told; None where nobody says."""
        if not isinstance(self.parents_informed, tuple):
            return self.parents_informed
        said = [one.informed for one in self.parents_informed if one.informed is not None]
        return all(said) if said else None

    @property
    def why_not_told(self) -> str | None:
        """The first reason given for not telling a parent; one that says that telling would do
        harm goes before one that nobody was reached."""
        if self.reason_not_informed or not isinstance(self.parents_informed, tuple):
            return self.reason_not_informed
        reasons = filter(None, (one.reason_not_informed for one in self.parents_informed))
        return min(reasons, key=codes.NOT_REACHED.__eq__, default=None)

    def agreement_for(self, child: int | None = None) -> AgreementStatus:
        """Whether the family agrees, for one child, or for all: the least that any of them says."""
        said = self.agreement if isinstance(self.agreement, tuple) else (self.agreement,)
        found = {
            one.status
            for one in said
            if one is not None and (child is None or one.child in {None, child})
        }
        return next((status for status in _LEAST_FIRST if status in found), AgreementStatus.UNKNOWN)


_LEAST_FIRST: Final = (
    AgreementStatus.REFUSED,
    AgreementStatus.NOT_SOUGHT,
    AgreementStatus.UNKNOWN,
    AgreementStatus.GIVEN,
)
