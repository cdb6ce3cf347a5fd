"""What a form for staff on a page of its own is made of. Pure: pages/recording.py shows it, and
hands what was typed to the service that decides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from policy.pack import Pack
from services.console.forms import Typed
from services.console.people import Answer, Child
from services.console.reads import Opened, Refusal
from services.console.referring.answers import value_of
from services.console.referring.progress import text_of
from services.console.referring.shapes import Field, Kind, Options


@dataclass(frozen=True, slots=True)
class Subject:
    """What a form is about: the referral, who of it is called how, and the thing in it that was
    pointed to (a request, a disagreement, a finding), empty where it is about the whole. `choices`
    are organisations, workers of the register or other authorities, among which somebody has to
    choose."""

    read: Opened
    people: tuple[Child, ...]
    pack: Pack | None
    now: datetime
    thing: Answer = field(default_factory=dict)
    choices: Options = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that belong together. `folded`: shown once somebody opens them; `row`: how many of
    them stand in one row of a list."""

    fields: tuple[Field, ...]
    title: str = ""
    folded: bool = False
    row: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """What goes to a service. `names`: which field each JSON pointer into it was typed in."""

    body: Mapping[str, Any]
    errors: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


Values = Mapping[str, Any]
"""What was typed, read, by the field's name; nothing where nothing was typed."""


def nothing(_subject: Subject) -> Mapping[str, list[str]]:
    """A form that begins empty."""
    return {}


def whole(subject: Subject, thing_id: str) -> Answer | None:
    """For a form about the whole referral: there is nothing to point to."""
    del subject
    return None if thing_id else {}


def no_quotes(_subject: Subject) -> Sequence[tuple[str, str]]:
    """A form with nothing to read beside it."""
    return ()


def always(*groups: Group) -> Callable[[Subject], tuple[Group, ...]]:
    """The same questions, whatever the form is about."""
    return lambda _subject: groups


def plain(wanted: Mapping[str, str], *more: str) -> Callable[[Values, Subject], Sent]:
    """Hands on what was typed as it is: in the fields that have to be filled in, with what is said
    where they are not, and in `more`."""

    def sent(values: Values, _subject: Subject) -> Sent:
        return Sent(kept(values, *wanted, *more), missing(values, wanted))

    return sent


@dataclass(frozen=True, slots=True)
class Entry:
    """One form. `path` is where the service takes it, `sent` what it takes; `find` the thing that it
    is about, None where there is none such; `beside` what somebody reads before filling it in.
    `codes`: the field that a refusal without a pointer is about. `qualified`: only whoever may
    decide is shown it. `of_work`: it is about a piece of work that somebody has taken on, which is
    the thing. `of_register`: somebody on the register of workers is chosen, `of_authorities`:
    another authority. `checked`: what was typed is shown once more before it goes to others or moves
    the case. The services check again."""

    title: str
    button: str
    done: str
    roles: frozenset[str]
    path: str
    groups: Callable[[Subject], tuple[Group, ...]]
    sent: Callable[[Values, Subject], Sent]
    qualified: bool = False
    of_work: bool = False
    of_register: bool = False
    of_authorities: bool = False
    checked: bool = False
    help: str = ""
    find: Callable[[Subject, str], Answer | None] = whole
    prefill: Callable[[Subject], Mapping[str, list[str]]] = nothing
    beside: Callable[[Subject], Sequence[tuple[str, str]]] = no_quotes
    codes: Mapping[str, str] = field(default_factory=dict)


def fields_of(entry: Entry, subject: Subject) -> tuple[Field, ...]:
    """Every question of a form."""
    return tuple(one for group in entry.groups(subject) for one in group.fields)


def summary(entry: Entry, typed: Typed, subject: Subject) -> list[tuple[str, list[str]]]:
    """What was typed, by its question, for a last look."""
    values = {name: list(given) for name, given in typed.values.items()}
    told = (
        (one.label.removesuffix(" (optional)"), text_of(one, values, {}).strip())
        for one in fields_of(entry, subject)
    )
    return [(label, text.splitlines()) for label, text in told if text]


def read(entry: Entry, typed: Typed, subject: Subject) -> Sent:
    """What was typed as the service takes it, with what a person must still fill in."""
    fields = fields_of(entry, subject)
    values, wrong = values_of(fields, typed)
    made = entry.sent(values, subject)
    return Sent(made.body, {**made.errors, **wrong}, {**names_of(fields), **made.names})


def values_of(fields: Sequence[Field], typed: Typed) -> tuple[dict[str, Any], dict[str, str]]:
    """What was typed in some fields, read, and what is wrong with it, each by the field's name."""
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for one in fields:
        try:
            values[one.name] = value_of(one, typed)
        except ValueError as said:
            wrong[one.name] = str(said)
    return values, wrong


def names_of(fields: Sequence[Field]) -> dict[str, str]:
    """The fields' names by where what was typed in them stands in what is sent."""
    return {f"/{'/'.join(one.at)}": one.name for one in fields if one.at}


def located(sent: Sent, errors: Sequence[tuple[str, str]]) -> dict[str, str]:
    """What a service refused, by the field's name, from JSON pointers into what was sent. What is
    about no field of the form is left out."""
    found: dict[str, str] = {}
    for pointer, detail in errors:
        name = _field(sent.names, pointer)
        if name:
            found.setdefault(name, detail)
    return found


def refused(entry: Entry, sent: Sent, refusal: Refusal) -> tuple[str, dict[str, str]]:
    """What a service refused: in general, and by field."""
    errors = located(sent, refusal.errors)
    if not errors and refusal.code in entry.codes:
        errors = {entry.codes[refusal.code]: refusal.detail}
    return ("" if errors else refusal.detail), errors


def as_shown(entry: Entry, subject: Subject, typed: Typed | None) -> dict[str, Any]:
    """The form as a page shows it: as it was typed, or as it begins."""
    return {
        "entry": entry,
        "groups": entry.groups(subject),
        "beside": entry.beside(subject),
        "typed": typed or Typed(entry.prefill(subject)),
        "days": [one.name for one in fields_of(entry, subject) if one.kind is Kind.DAY],
    }


def _field(names: Mapping[str, str], pointer: str) -> str:
    """The field at a pointer, or at the nearest above it."""
    while pointer:
        if pointer in names:
            return names[pointer]
        pointer = pointer.rpartition("/")[0]
    return ""


def missing(values: Values, wanted: Mapping[str, str]) -> dict[str, str]:
    """What has to be filled in and is not, in words. `wanted`: by the field's name."""
    return {name: said for name, said in wanted.items() if values.get(name) in (None, [])}


def kept(values: Values, *names: str) -> dict[str, Any]:
    """What was typed in some fields, without those that are empty."""
    return {name: values[name] for name in names if values.get(name) not in (None, [])}
