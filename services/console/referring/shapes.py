"""What a page of the web form is made of, and the answers that can be chosen.

Fields are those of the referral form (contracts.form); words are ours. Nothing has to be answered to
go on: what a safe decision needs is said before sending.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from contracts import codes
from contracts.codes import AGENCY_TYPES, AgencyGroup

Form = Mapping[str, Any]
Options = tuple[tuple[str, str], ...]


class Kind(StrEnum):
    """How a field is asked, and how its answer stands in the form."""

    LINE = "line"
    WORDS = "words"
    LINES = "lines"
    """A list of texts, one on each line."""
    CHOICE = "choice"
    LIST = "list"
    """One of many answers, from a list that opens."""
    NUMBER = "number"
    YES_NO = "yes_no"
    TICKED = "ticked"
    SEVERAL = "several"
    """A list of codes."""
    ROWS = "rows"
    """A list of objects with a code each, whose other fields are kept."""
    PLACES = "places"
    """Positions of children."""
    DAY = "day"
    WHO = "who"
    """The kind of agency, asked in two steps: first whether it is part of a job."""
    LEVEL = "level"
    BORN = "born"
    """Whether a child is born, which is told by the dates that it may have."""


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `at` is where its answer stands, from the part of the form that the page is
    about. `blank`: it may be said that it is not known, or does not apply."""

    name: str
    kind: Kind
    label: str
    at: tuple[str, ...]
    hint: str = ""
    options: Options = ()
    blank: bool = False
    width: str = ""
    autocomplete: str = ""


def always(_form: Form) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Page:
    """One thing to ask. `rows` names the list of the form of which it asks about one row. `{name}`
    in a title is that row's name. `optional`: nobody is told that it is not done."""

    name: str
    title: str
    fields: tuple[Field, ...]
    rows: str = ""
    help: str = ""
    when: Callable[[Form], bool] = always
    optional: bool = False


@dataclass(frozen=True, slots=True)
class List:
    """A part of the form with several rows, which are added and removed."""

    rows: str
    title: str
    one: str
    hint: str
    most: int
    none: str = ""
    """What is ticked by somebody who asked, and knows of nobody."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the task list."""

    name: str
    title: str
    pages: tuple[Page, ...]
    list: List | None = None


def options(table: Mapping[str, Any], *only: str) -> Options:
    return tuple(
        (code, entry if isinstance(entry, str) else entry.title)
        for code, entry in table.items()
        if not only or code in only
    )


WORK: Final = "work"
PEOPLE: Final = tuple(
    (code, agency.title)
    for code, agency in AGENCY_TYPES.items()
    if agency.group is AgencyGroup.INDIVIDUAL
)
AGENCIES: Final = tuple(
    (code, agency.title)
    for code, agency in AGENCY_TYPES.items()
    if agency.group is not AgencyGroup.INDIVIDUAL
)
KNOWN: Final = options(codes.ANSWERS, "yes", "no", "unknown")
YES_NO: Final = (("yes", "Yes"), ("no", "No"))
YES_NO_UNKNOWN: Final = (*YES_NO, ("unknown", "Not known"))
IMPACTS: Final = (
    ("some", "Some: it affects the child now and then"),
    ("serious", "Serious: it harms the child, or does so often"),
    ("immediate", "Immediate: the child is in danger now"),
)
LEVELS: Final = tuple((str(level), f"Level {level}") for level in range(1, 5))
INJURIES: Final = frozenset({"physical_abuse", "sexual_abuse", "injury_to_non_mobile_child"})
WORRIES: Final = tuple(sorted(options(codes.CONCERNS), key=lambda one: (one[0] == "other", one[1])))


def at_work(form: Form) -> bool:
    """Whether somebody refers as part of a job."""
    return agency_of(form) not in {None, *(code for code, _ in PEOPLE)}


def agency_of(form: Form) -> str | None:
    """The kind of agency that the form names."""
    referrer: Form = form.get("referrer") or {}
    return referrer.get("agency")


def named(form: Form) -> bool:
    return agency_of(form) != "anonymous"


def of_the_family(form: Form) -> bool:
    """Whether somebody refers who may share a home with those they are worried about."""
    return agency_of(form) in codes.FAMILY


def hurt(form: Form) -> bool:
    return any(one.get("code") in INJURIES for one in form.get("concerns") or ())


def not_told(form: Form) -> bool:
    return form.get("parents_informed") is False


def answered_for(form: Form) -> bool:
    return (form.get("agreement") or {}).get("status") in {"given", "refused"}


def unborn(child: Form, blanks: Mapping[str, str], place: int) -> bool:
    """Whether a child is said not to be born yet: by a date, or by its date being unknown."""
    return bool(child.get("expected_date_of_delivery")) or (
        f"/children/{place}/expected_date_of_delivery" in blanks
    )
