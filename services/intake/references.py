"""Human references: an authority's prefix, a number and a check character, such as WAR-000123-K.

The check character catches one wrong or two swapped characters when a reference is read out. Its
alphabet leaves out the letters that are taken for digits.
"""

import asyncio

from chassis.database import Database
from services.intake.store import IntakeStore

ALPHABET = "0123456789ABCDEFGHJKMNPQRTUVWXYZ"
BLOCK = 200


def reference(prefix: str, number: int) -> str:
    """The reference of an authority's `number`."""
    digits = f"{number:06d}"
    return f"{prefix}-{digits}-{_check(digits)}"


def _check(digits: str) -> str:
    """By Luhn's way for 32 characters: every other digit counts twice, from the last one. No
    doubled decimal digit reaches 32, so that none is carried."""
    total = 2 * sum(map(int, digits[::-2])) + sum(map(int, digits[-2::-2]))
    return ALPHABET[-total % len(ALPHABET)]


class References:
    """Hands out numbers from blocks that are reserved in the database, so that a post costs no
    query of its own. A restart leaves the rest of a block unused."""

    def __init__(self, database: Database, store: IntakeStore) -> None:
        self._database = database
        self._store = store
        self._blocks: dict[str, range] = {}
        self._reserving = asyncio.Lock()

    async def next(self, authority: str, prefix: str) -> str:
        """A reference that was never given before."""
        while not self._blocks.get(authority):
            # One reserves, and the others wait for it: each on its own would want a connection.
            async with self._reserving:
                if self._blocks.get(authority):
                    continue
                async with self._database.transaction() as connection:
                    first = await self._store.take_numbers(connection, authority, BLOCK)
                self._blocks[authority] = range(first, first + BLOCK)
        number, self._blocks[authority] = (
            self._blocks[authority][0],
            self._blocks[authority][1:],
        )
        return reference(prefix, number)
