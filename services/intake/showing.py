"""What of a form staff see. Who is said to have done harm, and a confidential address, are shown to
few: to those who decide. Everybody else is told that there is something, and not what."""

from collections.abc import Iterator
from typing import Any

from chassis.identity import SOCIAL_WORKER, Caller

DECIDE = frozenset({"manager", "duty"})
RESTRICTED = "alleged_perpetrators"


def sees_all(caller: Caller) -> bool:
    """Whether somebody sees what is shown to few: managers, duty, and social workers who decide."""
    return not caller.roles.isdisjoint(DECIDE) or (
        "practitioner" in caller.roles and SOCIAL_WORKER in caller.qualifications
    )


def shown(form: dict[str, Any], caller: Caller) -> tuple[dict[str, Any], list[str]]:
    """A form as this person may see it, and pointers to what was left out of it."""
    if sees_all(caller):
        return form, []
    hidden = []
    seen = dict(form)
    if seen.get(RESTRICTED):
        seen[RESTRICTED] = []
        hidden.append(f"/{RESTRICTED}")
    for pointer, owner, field in _addresses(seen):
        if owner[field].get("confidential"):
            owner[field] = {"confidential": True}
            hidden.append(pointer)
    # What was set aside is kept as it came, and may be the very value.
    kept = {
        pointer: value
        for pointer, value in (seen.get("set_aside") or {}).items()
        if not any(pointer.startswith(one) for one in hidden)
    }
    if "set_aside" in seen:
        seen["set_aside"] = kept
    return seen, hidden


def _addresses(form: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    for part, fields in (("children", ("address", "current_address")), ("household", ("address",))):
        rows = [dict(row) for row in form.get(part) or ()]
        form[part] = rows
        for place, row in enumerate(rows):
            for field in fields:
                if row.get(field):
                    yield f"/{part}/{place}/{field}", row, field
