"""Asking for the ward of a postcode, for many posts at once."""

from collections.abc import Sequence

from chassis.database import Database
from chassis.gathering import Gathering
from contracts.form import no_fixed_abode
from policy.pack import Pack
from services.intake.postcodes import store


class Wards:
    """Finds wards. Raises DatabaseAway."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._gathering = Gathering(self._find)

    async def of(self, postcode: str | None, pack: Pack) -> str | None:
        """The ward of a postcode. Nothing is asked where no locality of the pack is made of
        wards, nor for somebody without a fixed abode."""
        if postcode is None or no_fixed_abode(postcode) or not pack.allocation.by_ward:
            return None
        return await self._gathering.ask(postcode)

    async def _find(self, asked: Sequence[str]) -> list[str | None]:
        async with self._database.connection() as connection:
            found = await store.wards(connection, sorted(set(asked)))
        return [found.get(postcode) for postcode in asked]
