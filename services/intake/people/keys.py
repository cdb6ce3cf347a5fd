"""The exact key of a child: a verified number, as a digest. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PersonKey:
    """A keyed digest by which the same child is found again. `agrees` are digests of what must
    agree beside the number (practice rule 15): the birth date and the name. `given` and `home`
    tell twins apart."""

    child_id: UUID
    kind: str
    digest: bytes
    agrees: tuple[bytes, ...]
    given: tuple[bytes, ...] = ()
    home: bytes | None = None

    def is_child(self, agrees: Iterable[bytes], given: Iterable[bytes], home: bytes | None) -> bool:
        """Whether a child with the same number is this one (practice rule 15): the name or the
        birth date agrees, and it is not another given name in the same home, or in one that
        nobody knows to be another."""
        if set(self.agrees).isdisjoint(agrees):
            return False
        names = set(given)
        apart = bool(self.given) and bool(names) and names.isdisjoint(self.given)
        return not apart or (None not in {self.home, home} and self.home != home)
