"""Taking what another system says: from its tables to digests with what is known under each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from chassis.database import Database
from chassis.vault import BlindIndex
from services.intake.elsewhere import store
from services.intake.elsewhere.known import Fact, digests
from services.intake.elsewhere.tables import Known


@dataclass(frozen=True, slots=True)
class Taken:
    """Of how many children something is known, and how many of them nothing can find."""

    children: int
    without_a_key: int


async def take(
    database: Database,
    index: BlindIndex,
    authority: str,
    found: Iterable[Known],
    as_of: datetime,
    now: datetime,
) -> Taken:
    """Replace what an authority's other systems said. Raises OlderThanHeld, DatabaseAway; and what
    reading raises, before anything is changed."""
    facts: dict[tuple[bytes, bool], list[Fact]] = {}
    children = without = 0
    for one in found:
        children += 1
        keys = list(digests(authority, one.person, index))
        without += not keys
        for key in keys:
            facts.setdefault(key, []).extend(one.facts)
    async with database.transaction() as connection:
        await store.take(connection, authority, as_of, now, children, facts)
    return Taken(children, without)
