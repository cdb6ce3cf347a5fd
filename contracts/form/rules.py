"""What types alone cannot say about a form: dates that cannot be, positions that point nowhere,
numbers that do not check."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from email_validator import EmailNotValidError, validate_email

from contracts.form.dates import impossible_birth, impossible_expected
from contracts.form.identifiers import says_upn_unknown
from contracts.form.model import FORM_VERSIONS, FormPart, ReferralForm
from contracts.form.problems import FieldWarning
from contracts.form.setting_aside import Mend, Path, Problem

OLDEST_PERSON: Final = timedelta(days=125 * 366)
_TWO_DATES: Final = "give either a date of birth or an expected date of delivery, not both"
_NO_CHILD: Final = "points to no child of this form"
_NO_PERSON: Final = "points to nobody of the household in this form"


def broken_rules(
    form: ReferralForm, today: date, authorities: Collection[str]
) -> Iterator[Problem]:
    """Every value of `form` that cannot be, although its type is right."""
    if form.authority is not None and form.authority not in authorities:
        yield Problem(
            ("authority",), "is not an authority of this front door", essential=True, fatal=True
        )
    if form.referrer.email is not None and not _is_email(form.referrer.email):
        yield Problem(("referrer", "email"), "is not an email address")
    yield from _children(form, today)
    yield from _household(form, today)
    yield from _concerns(form, today)
    yield from _sharing(form, today)
    yield from _beside(form, today)


def unverified_numbers(form: ReferralForm) -> Iterator[FieldWarning]:
    """Numbers of children that do not check. They stay on the form and match nothing exactly."""
    for place, child in enumerate(form.children):
        if child.nhs_number is not None and child.verified_nhs_number is None:
            yield FieldWarning(
                f"/children/{place}/nhs_number",
                "is not a valid NHS number; kept, and not used to match",
                "unverified",
            )
        if child.upn is not None and child.verified_upn is None and not says_upn_unknown(child.upn):
            yield FieldWarning(
                f"/children/{place}/upn",
                "is not a valid unique pupil number; kept, and not used to match",
                "unverified",
            )


def _children(form: ReferralForm, today: date) -> Iterator[Problem]:
    for place, child in enumerate(form.children):
        birth, expected = child.date_of_birth, child.expected_date_of_delivery
        at: Path = ("children", place)
        wrong_birth = impossible_birth(birth, today) if birth else None
        if wrong_birth:
            yield Problem((*at, "date_of_birth"), wrong_birth, essential=True)
        wrong_expected = impossible_expected(expected, today) if expected else None
        if wrong_expected:
            yield Problem((*at, "expected_date_of_delivery"), wrong_expected, essential=True)
        elif birth and expected and not wrong_birth:
            yield Problem((*at, "date_of_birth"), _TWO_DATES, essential=True, mend=Mend.KEEP)
            yield Problem((*at, "expected_date_of_delivery"), _TWO_DATES, essential=True)
        if child.address and child.address.postcode and child.address.normal_postcode is None:
            yield Problem((*at, "address", "postcode"), "does not have the form of a postcode")


def _household(form: ReferralForm, today: date) -> Iterator[Problem]:
    for place, person in enumerate(form.household):
        birth = person.date_of_birth
        if birth is not None and not today - OLDEST_PERSON <= birth <= today:
            yield Problem(("household", place, "date_of_birth"), "cannot be a date of birth")


def _concerns(form: ReferralForm, today: date) -> Iterator[Problem]:
    for place, concern in enumerate(form.concerns):
        at: Path = ("concerns", place)
        for position, child in enumerate(concern.children):
            if child >= len(form.children):
                yield Problem((*at, "children", position), _NO_CHILD, essential=True)
        if concern.observed_on is not None and concern.observed_on > today:
            yield Problem((*at, "observed_on"), "is in the future")


def _sharing(form: ReferralForm, today: date) -> Iterator[Problem]:
    if isinstance(form.parents_informed, tuple):
        for place, told in enumerate(form.parents_informed):
            at: Path = ("parents_informed", place)
            if told.child is not None and told.child >= len(form.children):
                yield Problem((*at, "child"), _NO_CHILD, essential=True, mend=Mend.ROW)
            if told.person is not None and told.person >= len(form.household):
                yield Problem((*at, "person"), _NO_PERSON, essential=True, mend=Mend.ROW)
    listed = isinstance(form.agreement, tuple)
    agreements = form.agreement if isinstance(form.agreement, tuple) else (form.agreement,)
    for place, agreement in enumerate(agreements):
        if agreement is None:
            continue
        path: Path = ("agreement", place) if listed else ("agreement",)
        if agreement.child is not None and agreement.child >= len(form.children):
            yield Problem((*path, "child"), _NO_CHILD, mend=Mend.ROW)
        if agreement.given_on is not None and agreement.given_on > today:
            yield Problem((*path, "given_on"), "is in the future")


def _beside(form: ReferralForm, today: date) -> Iterator[Problem]:
    """What the second version of the form asks."""
    if form.form_version not in FORM_VERSIONS:
        yield Problem(("form_version",), f"is not a published version; read as {FORM_VERSIONS[-1]}")
    if form.referrer.team_email is not None and not _is_email(form.referrer.team_email):
        yield Problem(("referrer", "team_email"), "is not an email address")
    for place, person in enumerate(form.household):
        for position, child in enumerate(person.parental_responsibility_for):
            if child >= len(form.children):
                yield Problem(
                    ("household", place, "parental_responsibility_for", position), _NO_CHILD
                )
    for place, alleged in enumerate(form.alleged_perpetrators):
        for position, child in enumerate(alleged.children):
            if child >= len(form.children):
                yield Problem(("alleged_perpetrators", place, "children", position), _NO_CHILD)
    days: tuple[tuple[Path, date | None], ...] = (
        (("written_on",), form.written_on),
        (("telephoned", "on"), form.telephoned.on if form.telephoned else None),
        (("declaration", "on"), form.declaration.on if form.declaration else None),
        *(
            (("children", place, "private_fostering_since"), child.private_fostering_since)
            for place, child in enumerate(form.children)
        ),
    )
    for path, day in days:
        if day is not None and day > today:
            yield Problem(path, "is in the future")
    yield from _no_values(form)


def _no_values(form: ReferralForm) -> Iterator[Problem]:
    for place, one in enumerate(form.no_values):
        if one.field is None:
            continue
        at: Path = ("no_values", place, "field")
        try:
            value = _at(form, one.field)
        except LookupError:
            yield Problem(at, "points to no field of this form", mend=Mend.ROW)
            continue
        if value not in (None, "", ()):
            yield Problem(at, "points to a field that has a value", mend=Mend.ROW)


def _at(form: ReferralForm, pointer: str) -> object:
    """The value at a JSON pointer. Raises LookupError where the form has no such field."""
    if not pointer.startswith("/"):
        raise LookupError
    value: object = form
    for part in pointer[1:].split("/"):
        if isinstance(value, FormPart) and part in type(value).model_fields:
            value = getattr(value, part)
        elif isinstance(value, tuple) and part.isascii() and part.isdigit():
            value = value[int(part)]
        elif value is None:
            # A part that was not given has no values either.
            return None
        else:
            raise LookupError
    return value


@lru_cache(maxsize=256)
def _is_email(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True
