"""Reading a posted form: what is essential refuses it when wrong, what is urgent never waits for
form, and everything else is set aside with a warning (docs/decisions/0017)."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from pydantic import ValidationError

from contracts.events import Impact
from contracts.form import cleaning
from contracts.form.completeness import Completeness, completeness
from contracts.form.identifiers import looks_like_nhs_number, looks_like_upn
from contracts.form.model import Child, Concern, ReferralForm, Referrer
from contracts.form.problems import FieldWarning, FormRefused
from contracts.form.rules import broken_rules, unverified_numbers
from contracts.form.setting_aside import Mend, Problem, at, mend, problems_of

MAX_UNKNOWN_FIELDS: Final = 20
MAX_ERRORS: Final = 200
_ROUNDS: Final = 8
_ABUSE: Final = frozenset({"physical_abuse", "sexual_abuse"})
_CODES: Final = {Mend.CUT: "shortened", Mend.YES: "read_as_yes"}


@dataclass(frozen=True, slots=True)
class FormReading:
    """A form that was taken. `form` is clean: what was bad in it is not there any more.

    `set_aside` are pointers to what was left out or cut. `originals` holds those values as JSON
    text, by pointer, to be sealed and shown beside the field. It is personal: never log it.
    """

    form: ReferralForm = field(repr=False)
    warnings: tuple[FieldWarning, ...]
    set_aside: tuple[str, ...]
    completeness: Completeness
    originals: Mapping[str, str] = field(default_factory=dict, repr=False)


def read_form(
    body: bytes, *, today: date, authorities: Collection[str], lenient: bool = False
) -> FormReading:
    """Read a posted referral form.

    `today` is the day in Europe/London; `authorities` are those whose front door this is.
    `lenient` is for senders who cannot ask their user again. Raises FormRefused.
    """
    tree = cleaning.parse(body)
    touched = cleaning.clean(tree)
    form, problems = _typed(tree)
    broken = list(broken_rules(form, today, authorities))
    if broken:
        mend(tree, broken)
        form, more = _typed(tree)
        problems = [*problems, *broken, *more]
    gaps = _gaps(form)
    # A due date that cannot be read still says that a child is expected.
    expecting = any(problem.path[-1:] == ("expected_date_of_delivery",) for problem in problems)
    actionable = is_worry(form) and can_be_found(form, expecting=expecting)
    _refuse(problems, gaps, actionable, actionable and (lenient or is_urgent(form)))
    if not form.children:
        form = form.model_copy(update={"children": (Child(),)})
    # What the sender says they do not know is not asked again.
    warned = {problem.pointer for problem in problems} | form.without_value.keys()
    return FormReading(
        form=form,
        warnings=(
            *_warnings(problems, touched),
            *(FieldWarning(at, detail, "missing") for at, detail in gaps if at not in warned),
            *unverified_numbers(form),
        ),
        set_aside=tuple(dict.fromkeys(p.pointer for p in problems if p.mend is not Mend.KEEP)),
        completeness=completeness(form),
        originals=_originals(body, problems) if problems else {},
    )


def is_urgent(form: ReferralForm) -> bool:
    """Whether nothing about form may hold it up."""
    return (
        form.immediate_danger
        or form.request == "protection"
        or any(_urgent_concern(concern) for concern in form.concerns)
    )


def is_worry(form: ReferralForm) -> bool:
    """Whether it says anything of what has happened, if only that a child is in danger."""
    return (
        bool(form.narrative)
        or form.immediate_danger
        or form.request == "protection"
        or any(
            "code" in concern.model_fields_set or concern.impact or concern.detail
            for concern in form.concerns
        )
    )


def can_be_found(form: ReferralForm, *, expecting: bool = False) -> bool:
    """Whether there is any way to find a child of the form, born or not. `expecting`: the form
    said that a child is expected, in a value that was set aside."""
    if any(_findable(child) for child in form.children):
        return True
    expecting = (
        expecting
        or any(child.expected_date_of_delivery for child in form.children)
        or any(concern.code == "unborn_child" for concern in form.concerns)
    )
    return expecting and any(person.name for person in form.household)


def _urgent_concern(concern: Concern) -> bool:
    return (
        concern.impact is Impact.IMMEDIATE
        or concern.code == "injury_to_non_mobile_child"
        or (concern.code in _ABUSE and concern.impact is Impact.SERIOUS)
    )


def _findable(child: Child) -> bool:
    return (
        child.named
        or (child.address is not None and child.address.given)
        or bool(child.school)
        or looks_like_nhs_number(child.nhs_number)
        or looks_like_upn(child.upn)
    )


def _typed(tree: dict[str, Any]) -> tuple[ReferralForm, list[Problem]]:
    """The form that remains when what has a wrong type or code is taken out of `tree`."""
    problems: list[Problem] = []
    for _ in range(_ROUNDS):
        try:
            form = ReferralForm.model_validate_json(json.dumps(tree), strict=True, extra="forbid")
        except ValidationError as error:
            found = problems_of(tree, error.errors(include_url=False, include_input=False))
            mend(tree, found)
            problems.extend(found)
        else:
            return form, problems
    raise FormRefused(422, (("", "cannot be read"),))


def _refuse(
    problems: list[Problem], gaps: list[tuple[str, str]], actionable: bool, tolerated: bool
) -> None:
    errors = {
        problem.pointer: problem.detail
        for problem in problems
        if problem.fatal or (problem.essential and not tolerated)
    }
    for pointer, detail in gaps:
        if pointer == "/authority" or not actionable:
            errors.setdefault(pointer, detail)
    if errors:
        raise FormRefused(422, tuple(errors.items())[:MAX_ERRORS])


def _gaps(form: ReferralForm) -> list[tuple[str, str]]:
    """What is essential and not there: pointer, what to add."""
    return [
        *([] if form.authority else [("/authority", "say which authority it is for")]),
        *_referrer_gaps(form.referrer),
        *_child_gaps(form),
        *_sharing_gaps(form),
        *([] if form.narrative else [("/narrative", "say what has happened")]),
        *(
            (f"/concerns/{place}/code", "say which concern it is")
            for place, concern in enumerate(form.concerns)
            if "code" not in concern.model_fields_set
        ),
    ]


def _referrer_gaps(referrer: Referrer) -> Iterator[tuple[str, str]]:
    if not referrer.model_fields_set:
        yield "/referrer", "say who refers, and how to answer them"
        return
    if referrer.agency == "anonymous":
        return
    if not referrer.name:
        yield "/referrer/name", "say who refers"
    if not referrer.agency:
        yield "/referrer/agency", "say for which kind of agency"
    if not referrer.can_be_answered:
        yield ("/referrer/email", "give an email address or a telephone number for the answer")


def _child_gaps(form: ReferralForm) -> Iterator[tuple[str, str]]:
    if not form.children:
        yield "/children", "say which child it is about"
    # Children of one household: one address, or one reason, serves them all.
    housed = any(
        child.address_unknown_because or (child.address and child.address.given)
        for child in form.children
    )
    for place, child in enumerate(form.children):
        if not child.named and child.expected_date_of_delivery is None:
            yield f"/children/{place}/given_name", "give a name"
            yield f"/children/{place}/family_name", "give a name"
        if (
            child.date_of_birth is None
            and child.expected_date_of_delivery is None
            and child.age_estimate is None
        ):
            yield (
                f"/children/{place}/date_of_birth",
                "give a date of birth, an expected date of delivery or an age_estimate",
            )
        if not housed:
            yield (f"/children/{place}/address", "give an address, or address_unknown_because")


def _sharing_gaps(form: ReferralForm) -> Iterator[tuple[str, str]]:
    if form.told is None:
        yield "/parents_informed", "say whether the parents were told of the referral"
    elif form.told is False and form.why_not_told is None:
        yield "/reason_not_informed", "say why the parents were not told"


def _warnings(problems: list[Problem], touched: list[str]) -> Iterator[FieldWarning]:
    for pointer in touched:
        yield FieldWarning(
            pointer, "had control characters, which were removed", "characters_removed"
        )
    unknown = 0
    for problem in problems:
        if not problem.unknown:
            code = _CODES.get(problem.mend, "set_aside")
            yield FieldWarning(problem.pointer, problem.detail, code)
        elif (unknown := unknown + 1) <= MAX_UNKNOWN_FIELDS:
            yield FieldWarning(problem.pointer, problem.detail, "unknown_field")
    if unknown > MAX_UNKNOWN_FIELDS:
        yield FieldWarning("", "has more fields that are not of this form", "unknown_field")


def _originals(body: bytes, problems: list[Problem]) -> dict[str, str]:
    raw = cleaning.parse(body)
    found = {}
    for problem in problems:
        try:
            found["/" + "/".join(map(str, problem.path))] = json.dumps(at(raw, problem.path))
        except LookupError:
            continue
    return found
