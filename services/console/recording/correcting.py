"""Correcting who a child or another of the household is, and where they live."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from contracts import codes
from services.console.people import Answer, form_of
from services.console.recording.shapes import (
    Entry,
    Group,
    Sent,
    Subject,
    Values,
    kept,
    missing,
    names_of,
)
from services.console.referring.answers import typed_of
from services.console.referring.shapes import Field, Kind, Page, options

_WHO: Final = (
    Field("given_name", Kind.LINE, "First name", ("given_name",)),
    Field("family_name", Kind.LINE, "Family name", ("family_name",)),
    Field("date_of_birth", Kind.DAY, "Date of birth", ("date_of_birth",)),
    Field("expected_date_of_delivery", Kind.DAY, "Expected date of birth, of an unborn child",
          ("expected_date_of_delivery",)),
    Field("sex", Kind.LIST, "Sex", ("sex",), options=options(codes.SEXES)),
    Field("nhs_number", Kind.LINE, "NHS number", ("nhs_number",), width="10"),
    Field("upn", Kind.LINE, "Unique pupil number", ("upn",), width="20"),
)  # fmt: skip
_HOME: Final = (
    Field("lines", Kind.LINES, "Address", ("address", "lines")),
    Field("postcode", Kind.LINE, "Postcode", ("address", "postcode"), width="10"),
    Field("confidential", Kind.TICKED, "The address must be kept from somebody",
          ("address", "confidential"), "Then few of us see it."),
)  # fmt: skip
_MEMBER: Final = (
    Field("name", Kind.LINE, "Name", ("name",)),
    Field("relationship", Kind.LINE, "Relationship to the children", ("relationship",)),
    Field("date_of_birth", Kind.DAY, "Date of birth", ("date_of_birth",)),
)
_WHY: Final = Field(
    "because", Kind.LIST, "How you know", ("because",), options=options(codes.CORRECTED_BECAUSE)
)
BY_REFERRER: Final[Mapping[str, tuple[Group, ...]]] = {
    "child": (Group(_WHO), Group(_HOME, "Where they live"), Group((_WHY,))),
    "person": (Group(_MEMBER), Group(_HOME, "Where they live"), Group((_WHY,))),
}
"""What whoever sent the form is asked of a child, and of another of the household."""

_CHILD_PAGE: Final = Page("who", "", (*_WHO, *_HOME), rows="children")
_MEMBER_PAGE: Final = Page("who", "", (*_MEMBER, *_HOME), rows="household")


def by_referrer(values: Values, of: str, place: int) -> Sent:
    """What is filled in: whoever sent the form is not shown how it stands, and leaves the rest."""
    who, *_ = BY_REFERRER[of]
    fields = (*who.fields, *_HOME, _WHY)
    changed = kept(values, *(one.name for one in who.fields))
    address = kept(values, *(one.name for one in _HOME))
    wanted = {"because": "Say how you know"}
    if address:
        changed["address"] = address
        wanted = {"lines": "Write the whole address", **wanted}
    elif not changed:
        wanted = {fields[0].name: "Fill in what is wrong on the form", **wanted}
    errors = missing(values, wanted)
    return Sent({of: place, "because": values.get("because"), **changed}, errors, names_of(fields))


def _child(subject: Subject, child_id: str) -> Answer | None:
    """The child of the form with an id, and its place."""
    for place, child in enumerate(form_of(subject.read).get("children", ())):
        if str(child.get("child_id")) == child_id:
            return {**child, "place": place}
    return None


def _member(subject: Subject, place: str) -> Answer | None:
    """Another of the household, at a place."""
    household = form_of(subject.read).get("household", ())
    if not place.isdecimal() or int(place) >= len(household):
        return None
    return {**household[int(place)], "place": int(place)}


def _groups(who: tuple[Field, ...]) -> Callable[[Subject], tuple[Group, ...]]:
    """An address that is not shown to somebody is not corrected by them."""

    def groups(subject: Subject) -> tuple[Group, ...]:
        home = () if _kept_back(subject.thing) else (Group(_HOME, "Where they live"),)
        return Group(who), *home, Group((_WHY,))

    return groups


def _kept_back(thing: Answer) -> bool:
    return thing.get("address") == {"confidential": True}


def _prefill(page: Page) -> Callable[[Subject], Mapping[str, list[str]]]:
    return lambda subject: typed_of(page, form_of(subject.read), int(subject.thing["place"]))


def _sent(who: tuple[Field, ...], of: str) -> Callable[[Values, Subject], Sent]:
    """What differs from the form. A field that was emptied is not known after all."""

    def sent(values: Values, subject: Subject) -> Sent:
        changed: dict[str, Any] = {
            one.name: values.get(one.name)
            for one in who
            if (values.get(one.name) or None) != (subject.thing.get(one.name) or None)
        }
        if not _kept_back(subject.thing):
            was = subject.thing.get("address") or {}
            typed = {
                "lines": values.get("lines") or [],
                "postcode": values.get("postcode"),
                "confidential": bool(values.get("confidential")),
            }
            if any((value or None) != (was.get(name) or None) for name, value in typed.items()):
                changed["address"] = typed
        errors = missing(values, {"because": "Say how you know"})
        if not changed:
            errors[who[0].name] = "Change what is wrong: the form says all of this already"
        body = {of: subject.thing["place"], "because": values.get("because"), **changed}
        return Sent(body, errors)

    return sent


IDENTITY: Final = Entry(
    title="Correct who this child is",
    button="Correct it",
    done="It is corrected. The child is looked up again, and what stood before is kept.",
    roles=frozenset({"practitioner", "manager", "duty"}),
    path="/v1/intake/referrals/{referral_id}/corrections",
    help="Change what was written down wrongly, and leave the rest. A date of birth for an unborn child "
    "says that it was born. Links that the software made of what was wrong end; yours stay.",
    groups=_groups(_WHO),
    sent=_sent(_WHO, "child"),
    find=_child,
    prefill=_prefill(_CHILD_PAGE),
)
MEMBER: Final = Entry(
    title="Correct who this is",
    button="Correct it",
    done="It is corrected. They are looked up again, and what stood before is kept.",
    roles=IDENTITY.roles,
    path=IDENTITY.path,
    help="Change what was written down wrongly, and leave the rest. Whoever has no address of their own "
    "is taken to live with the children. A birth date that makes somebody a child is refused: nobody "
    "has rated that child, so ask for a referral about them.",
    groups=_groups(_MEMBER),
    sent=_sent(_MEMBER, "person"),
    find=_member,
    prefill=_prefill(_MEMBER_PAGE),
)
