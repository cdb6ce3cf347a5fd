"""What was received earlier about the children of a post: asked for many posts at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.database import Database
from chassis.gathering import Gathering
from contracts.events import ExactLink
from services.intake.people.keys import PersonKey
from services.intake.store import IntakeStore


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked for, by whom: the digests of children, and of the organisation's reference."""

    authority: str
    organisation_id: UUID
    keys: tuple[PersonKey, ...]
    your_reference: bytes | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """Earlier referrals of the same children; whether the organisation's reference was used."""

    links: tuple[ExactLink, ...] = ()
    repeated_reference: bool = False


class Lookups:
    """Finds earlier referrals. Raises DatabaseAway."""

    def __init__(self, database: Database, store: IntakeStore) -> None:
        self._database = database
        self._store = store
        self._gathering = Gathering(self._find)

    async def find(self, asked: Asked) -> Earlier:
        """What is known; nothing is asked where nothing could be found."""
        if not asked.keys and asked.your_reference is None:
            return Earlier()
        return await self._gathering.ask(asked)

    async def _find(self, group: Sequence[Asked]) -> list[Earlier]:
        keys = [(one.authority, key) for one in group for key in one.keys]
        references = [
            (one.organisation_id, one.your_reference)
            for one in group
            if one.your_reference is not None
        ]
        async with self._database.connection() as connection:
            links = await self._store.find_links(connection, keys) if keys else {}
            used = (
                await self._store.your_references_known(connection, references)
                if references
                else set()
            )
        return [
            Earlier(
                tuple(
                    {
                        (link.child_id, link.earlier_referral_id, link.earlier_child_id): link
                        for key in one.keys
                        for link in links[one.authority, key]
                    }.values()
                ),
                (one.organisation_id, one.your_reference) in used,
            )
            for one in group
        ]
