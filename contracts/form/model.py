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

FORM_VERSION: Final = "1"

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


class FormPart(BaseModel):
    """A part of the form. Its repr shows nothing: it would end in a log."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def __repr_args__(self) -> Any:
        return ()


class Referrer(FormPart):
    """Who refers, and how to answer them."""

    name: Name | None = None
    role: Line | None = None
    agency: Annotated[str, OneOf(codes.AGENCY_TYPES)] | None = None
    organisation: Line | None = None
    email: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)] | None = None
    phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] | None = None

    @property
    def can_be_answered(self) -> bool:
        """Whether there is an email address or a telephone number."""
        return bool(self.email or self.phone)


class Address(FormPart):
    """Where a child lives."""

    lines: Annotated[tuple[Line, ...], Field(max_length=10)] = ()
    postcode: Number | None = None

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
    school: Line | None = None

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
    scope: Annotated[
        tuple[Annotated[str, OneOf(codes.AGREEMENT_SCOPES)], ...], Field(max_length=20)
    ] = ()


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


class ReferralForm(FormPart):
    """A referral as an agency or a person posts it."""

    form_version: Number = FORM_VERSION
    authority: Line | None = None
    request: Annotated[str, OneOf(codes.REQUESTS)] = "unsure"
    your_reference: Line | None = None
    referrer: Referrer = Referrer()
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

    @property
    def told(self) -> bool | None:
        """Whether every parent asked about was told; None where nobody says."""
        if not isinstance(self.parents_informed, tuple):
            return self.parents_informed
        said = [one.informed for one in self.parents_informed if one.informed is not None]
        return all(said) if said else None

    @property
    def why_not_told(self) -> str | None:
        """The first reason given for not telling a parent."""
        if self.reason_not_informed or not isinstance(self.parents_informed, tuple):
            return self.reason_not_informed
        reasons = (one.reason_not_informed for one in self.parents_informed)
        return next(filter(None, reasons), None)

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
