"""What somebody may do here who signed in elsewhere: never more than was registered here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chassis.settings import OpenIdRights


@dataclass(frozen=True, slots=True)
class Rights:
    """Codes of roles and of authorities."""

    roles: frozenset[str]
    authorities: frozenset[str]


def rights(
    roles: Iterable[str],
    authorities: Iterable[str],
    claim: Any,
    given: Mapping[str, OpenIdRights],
) -> Rights:
    """Those registered rights that the provider still gives. `claim` is what it said of the
    person, a value or a list of them; `given` says what each value stands for. What no value
    speaks of, roles or authorities, stays as it was registered; an empty `given` narrows nothing.
    """
    said = {one for one in (claim if isinstance(claim, list) else [claim]) if isinstance(one, str)}
    held = [given[value] for value in sorted(said & given.keys())]
    kept_roles, kept_authorities = frozenset(roles), frozenset(authorities)
    if any(one.roles for one in given.values()):
        kept_roles &= {role for one in held for role in one.roles}
    if any(one.authorities for one in given.values()):
        kept_authorities &= {authority for one in held for authority in one.authorities}
    return Rights(kept_roles, kept_authorities)
