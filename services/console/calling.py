"""What is asked when the hub takes a call: who the child is, then a short form, and what is read back
(practice rule 20). Pure: pages/calls.py shows it, and intake takes it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from services.console.forms import Typed
from services.console.recording.shapes import Group, Sent, kept, names_of, values_of
from services.console.referring.shapes import (
    AGENCIES,
    IMPACTS,
    PEOPLE,
    WORRIES,
    YES_NO,
    Field,
    Kind,
)

_L, _D = Kind.LINE, Kind.DAY
CHILDREN: Final = 4
"""How many children a call's form has room for."""
HOW: Final = (("telephone", "By telephone"), ("email", "By email"))
_KNOWN: Final = ("given_name", "family_name", "date_of_birth", "nhs_number")
"""What was searched for stands in the form already, as the first child's."""

SEARCH: Final = (
    Field("given_name", _L, "Child\u2019s first name", ("given_name",)),
    Field("family_name", _L, "Child\u2019s family name", ("family_name",)),
    Field("date_of_birth", _D, "Date of birth", ("date_of_birth",), "For example, 4 3 2017."),
    Field("postcode", _L, "Postcode", ("postcode",), width="10"),
    Field("nhs_number", _L, "NHS number", ("nhs_number",), "If the caller has it.", width="20"),
)


def _child(place: int) -> tuple[Field, ...]:
    def at(name: str) -> tuple[str, ...]:
        return ("form", "children", str(place), name)

    number = f" of child {place + 1}" if place else ""
    return (
        Field(f"given_name-{place}", _L, f"First name{number}", at("given_name")),
        Field(f"family_name-{place}", _L, f"Family name{number}", at("family_name")),
        Field(f"date_of_birth-{place}", _D, f"Date of birth{number}", at("date_of_birth")),
        Field(f"age_estimate-{place}", Kind.NUMBER, f"If not known: about how old{number}", at("age_estimate"), width="2"),
        Field(f"nhs_number-{place}", _L, f"NHS number{number}", at("nhs_number"), width="20"),
        Field(f"school-{place}", _L, f"School or nursery{number}", at("school")),
    )  # fmt: skip


GROUPS: Final = (
    Group((Field("immediate_danger", Kind.YES_NO, "Is a child in danger now?", ("form", "immediate_danger"), "If so, tell the caller to ring 999, or do so yourself. Then nothing else has to be filled in.", YES_NO),)),
    Group((Field("narrative", Kind.WORDS, "What has happened", ("form", "narrative"), "In the caller\u2019s own words where you can. The rules read it too."),), "The worry"),
    Group(
        (
            Field("concerns", Kind.SEVERAL, "Worries", ("form", "concerns"), options=WORRIES),
            Field("impact", Kind.CHOICE, "How it affects the children", (), options=IMPACTS),
        ),
        "Worries to tick, where there is time",
        folded=True,
    ),
    Group(_child(0), "The child"),
    Group(tuple(one for place in range(1, CHILDREN) for one in _child(place)), "More children", folded=True),
    Group(
        (
            Field("lines", Kind.LINES, "Address, one line each", ("form", "children", "0", "address")),
            Field("postcode", _L, "Postcode", ("form", "children", "0", "address", "postcode"), width="10"),
            Field("address_unknown_because", _L, "If not known, why", ("form", "children", "0", "address_unknown_because")),
        ),
        "Where they live",
    ),
    Group((Field("parents_informed", Kind.YES_NO, "Do the parents know that the caller tells us?", ("form", "parents_informed"), options=YES_NO),)),
    Group(
        (
            Field("agency", Kind.LIST, "Who calls", ("form", "referrer", "agency"), options=(*PEOPLE, *AGENCIES)),
            Field("name", _L, "Name", ("form", "referrer", "name"), "Leave it empty for somebody who will not give one."),
            Field("role", _L, "Role", ("form", "referrer", "role")),
            Field("organisation", _L, "Organisation", ("form", "referrer", "organisation")),
            Field("phone", _L, "Telephone number", ("form", "referrer", "phone"), width="20"),
            Field("email", _L, "Email address", ("form", "referrer", "email")),
            Field("write_safely", Kind.YES_NO, "Is it safe to write to them there?", ("form", "referrer", "write_safely"), "Ask relatives and children. Unless they say yes, they are rung and not written to.", YES_NO),
            Field("safe_contact", _L, "How and when they are reached safely", ("form", "referrer", "safe_contact")),
        ),
        "The caller",
    ),
    Group(
        (
            Field("channel", Kind.CHOICE, "How it came", ("channel",), options=HOW),
            Field("read_back", Kind.TICKED, "I have read this back to the caller", ("read_back",)),
        ),
        "Before you keep it",
    ),
)  # fmt: skip
FIELDS: Final = tuple(one for group in GROUPS for one in group.fields)


def searched(typed: Typed) -> Sent:
    """What is looked for, as intake takes it."""
    values, wrong = values_of(SEARCH, typed)
    return Sent(kept(values, *(one.name for one in SEARCH)), wrong, names_of(SEARCH))


def begun(values: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The form after a search: what was looked for is not asked twice."""
    found = {"channel": ["telephone"]}
    for name, given in values.items():
        field, _, part = name.partition("-")
        if field in _KNOWN:
            found[f"{field}-0{'-' if part else ''}{part}"] = list(given)
    if values.get("postcode"):
        found["postcode"] = list(values["postcode"])
    return found


def taken(typed: Typed) -> Sent:
    """What was taken down, as intake takes it. Where a child is in danger nothing is asked for
    first."""
    values, errors = values_of(FIELDS, typed)
    address = kept(values, "lines", "postcode")
    children = []
    for place in range(CHILDREN):
        child = {
            name: values[f"{name}-{place}"]
            for name in (*_KNOWN, "age_estimate", "school")
            if values.get(f"{name}-{place}") is not None
        }
        if not child and place:
            continue
        child |= {"address": address} if address else kept(values, "address_unknown_because")
        children.append(child)
    form = {
        "request": "unsure",
        "referrer": kept(
            values,
            "agency",
            "name",
            "role",
            "organisation",
            "phone",
            "email",
            "write_safely",
            "safe_contact",
        ),
        "children": children,
        "concerns": [
            {"code": code, **kept(values, "impact")} for code in values.get("concerns") or ()
        ],
        **kept(values, "narrative", "immediate_danger", "parents_informed"),
    }
    channel = values.get("channel") or "telephone"
    body = {"channel": channel, "read_back": bool(values.get("read_back")), "form": form}
    if not values.get("immediate_danger"):
        if not values.get("narrative"):
            errors["narrative"] = "Write what has happened"
        if not values.get("agency"):
            errors["agency"] = "Choose who calls"
        if channel == "telephone" and not values.get("read_back"):
            errors["read_back"] = "Read back to the caller what you wrote, and say so"
    return Sent(body, errors, names_of(FIELDS) | {"/search_id": "narrative"})
