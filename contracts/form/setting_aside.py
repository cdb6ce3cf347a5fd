"""Taking bad values out of a parsed form while every other value keeps its place.

Positions matter: a concern names children by them. So a bad row of a list stays, emptied.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import Any, Final

from pydantic_core import ErrorDetails

from contracts.form.model import MAX_TEXT, FormPart
from contracts.form.problems import pointer_to

Path = tuple[str | int, ...]


class Mend(StrEnum):
    """How a form is made whole: the value is left out, cut to the length allowed, read as yes,
    its whole row emptied, or kept, when leaving out its counterpart is enough."""

    DROP = "drop"
    CUT = "cut"
    YES = "yes"
    ROW = "row"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Problem:
    """A value that cannot stand. `essential`: it refuses the form unless it is urgent.
    `fatal`: it refuses it always. `length` is what CUT leaves."""

    path: Path
    detail: str
    essential: bool = False
    fatal: bool = False
    mend: Mend = Mend.DROP
    length: int = MAX_TEXT
    unknown: bool = False

    @property
    def pointer(self) -> str:
        """Where the value is, as a JSON pointer. For an unknown field the object that has it: its
        name is the sender's own, and may be a child's."""
        return pointer_to(self.path[:-1] if self.unknown else self.path)


_ESSENTIAL: Final = frozenset({
    ("authority",), ("request",), ("narrative",), ("immediate_danger",),
    ("referrer",), ("referrer", "name"), ("referrer", "agency"),
    ("children",), ("children", "given_name"), ("children", "family_name"),
    ("children", "date_of_birth"), ("children", "expected_date_of_delivery"),
    ("children", "age_estimate"),
    ("concerns",), ("concerns", "code"), ("concerns", "impact"), ("concerns", "children"),
    ("parents_informed",), ("parents_informed", "child"), ("parents_informed", "person"),
    ("parents_informed", "informed"), ("parents_informed", "reason_not_informed"),
    ("reason_not_informed",),
})  # fmt: skip
_ROWS: Final = frozenset({
    "children", "household", "concerns", "parents_informed", "agreement",
    "alleged_perpetrators", "agencies_involved", "risks_to_workers", "no_values",
})  # fmt: skip
_BLANKED: Final = frozenset({"lines", "also_known_as"})
# Cut short these would be another number, or another's address.
_NEVER_CUT: Final = frozenset({
    "email", "team_email", "phone", "nhs_number", "upn", "postcode", "form_version", "authority",
    "your_reference", "incident_number", "field",
})  # fmt: skip
_YES: Final = frozenset({"true", "yes", "y", "1"})

_DETAILS: Final = {
    "literal_error": "is not a code that is known here",
    "enum": "is not a code that is known here",
    "date_form": "is not a date like 2017-03-04",
    "date_type": "is not a date like 2017-03-04",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "greater_than_equal": "is out of range",
    "less_than_equal": "is out of range",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "tuple_type": "must be a list",
}


def problems_of(tree: Any, errors: Iterable[ErrorDetails]) -> list[Problem]:
    """What pydantic found wrong with `tree`, in our words."""
    return [_problem(tree, error) for error in errors]


def mend(tree: dict[str, Any], problems: Iterable[Problem]) -> None:
    """Take the bad values of `problems` out of `tree`."""
    # The last position of a list first, so that the earlier ones keep their meaning.
    for problem in sorted(problems, key=lambda found: _order(found.path), reverse=True):
        _mend(tree, problem)


def at(tree: Any, path: Path) -> Any:
    """The value at `path`. Raises LookupError where there is none."""
    try:
        for part in path:
            tree = tree[part]
    except TypeError:
        raise LookupError from None
    return tree


def _problem(tree: Any, error: ErrorDetails) -> Problem:
    kind, path = error["type"], _locate(tree, error["loc"])
    if kind == "extra_forbidden":
        return Problem(path, _unknown(str(path[-1])), unknown=True)
    keys = tuple(part for part in path if isinstance(part, str))
    essential = keys in _ESSENTIAL
    if kind in {"string_too_long", "too_long"}:
        limit = error["ctx"]["max_length"]
        if kind == "too_long":
            return Problem(
                path, f"has more than {limit} entries", essential=essential,
                fatal=path == ("children",), mend=Mend.CUT, length=limit,
            )  # fmt: skip
        return Problem(
            path, f"is longer than {limit} characters", essential=essential,
            mend=Mend.DROP if keys[-1] in _NEVER_CUT else Mend.CUT, length=limit,
        )  # fmt: skip
    if path == ("immediate_danger",) and str(at(tree, path)).strip().lower() in _YES:
        return Problem(path, "must be true or false; read as true", essential=True, mend=Mend.YES)
    return Problem(path, _DETAILS.get(kind, "cannot be read"), essential=essential)


def _unknown(name: str) -> str:
    """What is said of an unknown field: the field that was probably meant, never its own name."""
    meant = get_close_matches(name, _names(), n=1, cutoff=0.75)
    said = "has a field that is not of this form"
    return f"{said}; perhaps {meant[0]} was meant" if meant else said


@cache
def _names() -> tuple[str, ...]:
    """The names of all fields of the form."""
    return tuple(sorted({name for part in FormPart.__subclasses__() for name in part.model_fields}))


def _locate(tree: Any, location: Sequence[str | int]) -> Path:
    """A pydantic location without the tags of unions, which are no part of the document."""
    path: list[str | int] = []
    for part in location:
        try:
            tree = at(tree, (part,))
        except LookupError:
            continue
        path.append(part)
    return tuple(path)


def _mend(tree: dict[str, Any], problem: Problem) -> None:
    path = problem.path[:-1] if problem.mend is Mend.ROW else problem.path
    try:
        parent, value = at(tree, path[:-1]), at(tree, path)
    except LookupError:
        return
    last: Any = path[-1]
    if problem.mend is Mend.KEEP:
        return
    if problem.mend is Mend.YES:
        parent[last] = True
    elif problem.mend is Mend.CUT:
        parent[last] = value[: problem.length]
    elif isinstance(parent, list):
        owner = path[-2]
        if len(path) == 2 and owner in _ROWS:
            parent[last] = {}
        elif owner in _BLANKED:
            parent[last] = ""
        elif owner == "children":
            # Positions of a concern: those that are left would be read as the only children.
            parent.clear()
        else:
            del parent[last]
    else:
        del parent[last]


def _order(path: Path) -> tuple[tuple[int, str], ...]:
    return tuple((part, "") if isinstance(part, int) else (-1, part) for part in path)
