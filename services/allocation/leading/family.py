"""Who the family is, for a partner agency's worker who leads for it: they have no other page of it.

With the family's agreement alone. Whoever was only asked learns the names, so that they can say
that they know the family; whoever took it on learns where it lives, how to reach it and what a
visitor must know. What was told in confidence about anybody stays in the hub.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import httpx2

from contracts.events import AgreementStatus
from services.allocation.case_system import port
from services.allocation.domain import AllocationState, Case
from services.allocation.domain.case import Allocation

PURPOSE: Final = "leading"
NAMES: Final = ("child_id", "given_name", "family_name")
CHILD: Final = (
    *NAMES,
    "also_known_as",
    "date_of_birth",
    "expected_date_of_delivery",
    "address",
    "school",
    "first_language",
    "interpreter_needed",
    "communication_needs",
    "special_needs",
)
PERSON: Final = (
    "name",
    "relationship",
    "phone",
    "address",
    "parental_responsibility",
    "lives_with_children",
    "first_language",
    "interpreter_needed",
)


async def family_of(
    reads: httpx2.AsyncClient, case: Case, one: Allocation
) -> Mapping[str, Any] | None:
    """Parts of the referral form; None where they may not be told. Raises Unavailable."""
    if case.agreement is not AgreementStatus.GIVEN or not one.open:
        return None
    found = await port.first(
        reads,
        "/internal/v1/intake/bundles:batch",
        {"ids": [str(case.referral_id)], "purpose": PURPOSE},
    )
    form = (found or {}).get("form")
    if form is None:
        return None
    return parts(form, one.children, taken=one.state is AllocationState.ACCEPTED)


def parts(form: Mapping[str, Any], children: Sequence[UUID], *, taken: bool) -> Mapping[str, Any]:
    """What of a form they see: of the children whom the work is about, and of the household once
    they have taken it on. A confidential address is left out."""
    theirs = set(map(str, children))
    of_work = [one for one in form.get("children", ()) if one.get("child_id") in theirs]
    if not taken:
        return {"children": [_of(one, NAMES) for one in of_work]}
    return {
        "children": [_of(one, CHILD) for one in of_work],
        "household": [_of(one, PERSON) for one in form.get("household", ())],
        "risks_to_workers": form.get("risks_to_workers") or [],
        "visiting_advice": form.get("visiting_advice"),
    }


def _of(person: Mapping[str, Any], names: Sequence[str]) -> Mapping[str, Any]:
    found = {name: person[name] for name in names if person.get(name) not in (None, [], "")}
    if (found.get("address") or {}).get("confidential"):
        del found["address"]
    return found
