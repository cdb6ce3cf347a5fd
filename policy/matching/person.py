"""A person as a look-up sees them: names and an address made plain."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

_LETTERS = re.compile(r"[^a-z]+")
_WORDS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Person:
    """One person of one form. `given` and `family` hold the name as it was written first, then
    its other forms (parts of a double name, names also used), all plain. `expected` is the date
    on which an unborn child is expected. `line` is the first line of the address, plain
    and without spaces."""

    given: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    born: date | None = None
    expected: date | None = None
    sex: str | None = None
    postcode: str | None = None
    line: str | None = None
    nhs_number: str | None = None
    upn: str | None = None
    adult: bool = False

    @classmethod
    def named(
        cls,
        given: str | None,
        family: str | None,
        *,
        also_known_as: Iterable[str] = (),
        lines: Iterable[str] = (),
        placeholders: Collection[str] = (),
        **rest: Any,
    ) -> Self:
        """A person by what a form says. Words such as "baby" in place of a name are no name."""
        firsts = _given(given, placeholders)
        lasts = _family(family, placeholders)
        for other in also_known_as:
            words = plain_name(other).split()
            if words:
                firsts += _given(words[0], placeholders)
            if len(words) > 1:
                lasts += _family(words[-1], placeholders)
        line = next(filter(None, (_WORDS.sub("", _ascii(one)) for one in lines)), None)
        return cls(
            given=tuple(dict.fromkeys(firsts)), family=tuple(dict.fromkeys(lasts)), line=line,
            **rest,
        )  # fmt: skip

    @property
    def nameless(self) -> bool:
        return not self.given and not self.family


def plain_name(name: str | None) -> str:
    """A name in small letters without accents, apostrophes and hyphens."""
    return " ".join(_LETTERS.sub(" ", _ascii(name or "").replace("'", "")).split())


def _ascii(text: str) -> str:
    spread = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    return spread.encode("ascii", "ignore").decode()


def _given(name: str | None, placeholders: Collection[str]) -> list[str]:
    words = [word for word in plain_name(name).split() if word not in placeholders]
    if not words:
        return []
    # "Mary Ann" is found as Mary and as Maryann.
    return [words[0]] if len(words) == 1 else [words[0], "".join(words)]


def _family(name: str | None, placeholders: Collection[str]) -> list[str]:
    words = [word for word in plain_name(name).split() if word not in placeholders]
    if not words:
        return []
    return [words[0]] if len(words) == 1 else ["".join(words), *words]
