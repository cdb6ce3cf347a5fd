"""Invented people with the mistakes that forms have, for look-ups among up to a million of them."""

import random
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import TypeVar
from uuid import UUID

from policy.matching import MatchingSection, Person

T = TypeVar("T")

STARTS = [
    "Ash",
    "Black",
    "Brad",
    "Bram",
    "Brook",
    "Burn",
    "Carl",
    "Chad",
    "Clay",
    "Cold",
    "Cran",
    "Crow",
    "Dal",
    "Den",
    "Dun",
    "East",
    "Ed",
    "Ell",
    "Fair",
    "Farn",
    "Field",
    "Ford",
    "Glen",
    "Gold",
    "Gran",
    "Grim",
    "Had",
    "Hal",
    "Hart",
    "Haw",
    "Hazel",
    "Hill",
    "Hol",
    "Horn",
    "Kel",
    "Kirk",
    "Lang",
    "Lin",
    "Lock",
    "Long",
    "Mar",
    "Mead",
    "Mel",
    "Mill",
    "Mor",
    "Nor",
    "North",
    "Oak",
    "Old",
    "Pem",
    "Pen",
    "Pick",
    "Rad",
    "Raven",
    "Red",
    "Rook",
    "Rush",
    "Sand",
    "Shel",
    "Shir",
    "Staf",
    "Stan",
    "Sted",
    "Sut",
    "Thorn",
    "Tre",
    "Under",
    "Wake",
    "Wal",
    "War",
    "Wel",
    "West",
    "Whit",
    "Wick",
    "Win",
    "Wood",
    "Wor",
    "York",
]
ENDS = [
    "ley",
    "ton",
    "ham",
    "ford",
    "well",
    "worth",
    "field",
    "by",
    "shaw",
    "den",
    "bury",
    "combe",
    "wick",
    "stead",
    "gate",
    "man",
    "er",
    "s",
]
SOUNDS = [
    "ba",
    "be",
    "bi",
    "da",
    "do",
    "fa",
    "ga",
    "ha",
    "ja",
    "ka",
    "ki",
    "la",
    "li",
    "ma",
    "mi",
    "na",
    "ni",
    "no",
    "pa",
    "ra",
    "ri",
    "sa",
    "sha",
    "ta",
    "ya",
    "za",
]
STREETS = ["Street", "Road", "Lane", "Close", "Avenue", "Court", "Drive", "Way", "Gardens", "Place"]
AREAS = ["CV", "WS", "TS", "BA", "B", "LE", "DY", "DL", "WR", "OX"]
TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rates:
    """How often a form is wrong, or silent, about a person."""

    nickname: float = 0.06
    given_slip: float = 0.05
    given_missing: float = 0.005
    family_slip: float = 0.05
    family_other: float = 0.03
    order: float = 0.015
    day_month: float = 0.03
    birth_slip: float = 0.025
    birth_missing: float = 0.02
    moved: float = 0.18
    postcode_slip: float = 0.03
    address_missing: float = 0.04
    sex_missing: float = 0.05
    number_missing: float = 0.35
    siblings_number: float = 0.004


class World:
    """Makes people, the same ones for the same seed."""

    def __init__(self, people: int, matching: MatchingSection, seed: int = 1) -> None:
        self.dice = random.Random(seed)
        self._nicknames = {forms[0]: forms[1:] for forms in matching.nicknames}
        roots = sorted(self._nicknames)
        made = ["".join(self.dice.choices(SOUNDS, k=self.dice.choice((2, 3)))) for _ in range(2500)]
        self.dice.shuffle(roots)
        self._given = Picker(self.dice, [*roots, *dict.fromkeys(made)])
        families = [(start + end).casefold() for start in STARTS for end in ENDS]
        made = ["".join(self.dice.choices(SOUNDS, k=3)) for _ in range(6000)]
        self.dice.shuffle(families)
        self._family = Picker(self.dice, [*families, *dict.fromkeys(made)])
        streets = [f"{one}{end} {kind}" for one in STARTS for end in ENDS for kind in STREETS]
        self._homes = max(50, people // 45)
        self._streets = streets
        self._numbers = 0

    def household(self) -> list[Person]:
        """Two children and an adult of one home; one family in forty has twins."""
        family = self._family.one()
        postcode, line = self.home()
        first = self._born(0, 17)
        twins = self.dice.random() < 1 / 40
        second = first if twins else self._born(0, 17)
        adult = Person(
            (self._given.one(),), (family,), postcode=postcode, line=line, adult=True,
            born=self._born(20, 50) if self.dice.random() < 0.4 else None,
        )  # fmt: skip
        return [
            self._child(family, first, postcode, line),
            self._child(family, second, postcode, line),
            adult,
        ]

    def home(self) -> tuple[str, str]:
        """A postcode and the first line of an address in it."""
        place = self.dice.randrange(self._homes)
        letters = "ABDEFGHJLNPQRSTUWXYZ"
        area, rest = AREAS[place % len(AREAS)], place // len(AREAS)
        unit = letters[rest % 20] + letters[rest // 20 % 20]
        outward = f"{area}{1 + rest // 400 % 30} {rest // 12_000 % 10}"
        street = self._streets[place * 7919 % len(self._streets)]
        line = f"{self.dice.randint(1, 30)}{street}".casefold().replace(" ", "")
        return f"{outward}{unit}", line

    def misread(self, person: Person, sibling: Person, rates: Rates) -> Person:
        """The person as another form has them, now and then with their sibling's numbers."""
        dice = self.dice
        if self._happens(rates.siblings_number):
            person = replace(person, nhs_number=sibling.nhs_number, upn=sibling.upn)
        given, family = person.given[:1], person.family[:1]
        if self._happens(rates.nickname) and self._nicknames.get(given[0]):
            given = (dice.choice(self._nicknames[given[0]]),)
        if self._happens(rates.given_slip):
            given = (self._slip(given[0]),)
        if self._happens(rates.family_slip):
            family = (self._slip(family[0]),)
        elif self._happens(rates.family_other):
            other = self._family.one()
            family = (family[0] + other, family[0], other) if dice.random() < 0.5 else (other,)
        if self._happens(rates.order):
            given, family = family[:1], given
        elif self._happens(rates.given_missing):
            given = ()
        postcode, line = person.postcode, person.line
        if self._happens(rates.moved):
            postcode, line = self.home()
        elif self._happens(rates.postcode_slip):
            postcode = self._slip_code(postcode or "")
        if self._happens(rates.address_missing):
            postcode = line = None
        return replace(
            person, given=given, family=family, born=self._misdated(person.born, rates),
            postcode=postcode, line=line,
            sex=None if self._happens(rates.sex_missing) else person.sex,
            nhs_number=None if self._happens(rates.number_missing) else person.nhs_number,
            upn=None if self._happens(rates.number_missing) else person.upn,
        )  # fmt: skip

    def _child(self, family: str, born: date, postcode: str, line: str) -> Person:
        self._numbers += 1
        return Person(
            (self._given.one(),), (family,), born=born, sex=self.dice.choice("MF"),
            postcode=postcode, line=line,
            nhs_number=f"{self._numbers:010}" if self.dice.random() < 0.7 else None,
            upn=f"A{self._numbers:012}" if self.dice.random() < 0.5 else None,
        )  # fmt: skip

    def _misdated(self, born: date | None, rates: Rates) -> date | None:
        if born is None or self._happens(rates.birth_missing):
            return None
        if self._happens(rates.day_month) and born.day <= 12:
            return date(born.year, born.day, born.month)
        if self._happens(rates.birth_slip):
            days = self.dice.choice((1, -1, 10, -10, 30, 365, -365, 3650))
            return born + timedelta(days=days)
        return born

    def _born(self, least: int, most: int) -> date:
        return TODAY - timedelta(days=self.dice.randint(least * 365, most * 365 + 300))

    def _happens(self, rate: float) -> bool:
        return self.dice.random() < rate

    def _slip(self, name: str) -> str:
        """A letter too many, too few, another, or two that changed places."""
        at = self.dice.randrange(len(name))
        letter = self.dice.choice(string.ascii_lowercase)
        kind = self.dice.randrange(4)
        if kind == 0 or len(name) < 3:
            return name[:at] + letter + name[at:]
        if kind == 1:
            return name[:at] + name[at + 1 :]
        if kind == 2:
            return name[:at] + letter + name[at + 1 :]
        at = min(at, len(name) - 2)
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]

    def _slip_code(self, postcode: str) -> str:
        return postcode[:-1] + self.dice.choice("ABDEFGHJLNPQRSTUWXYZ")


class Picker:
    """Picks names as names are spread: a few are many people's."""

    def __init__(self, dice: random.Random, names: Sequence[str]) -> None:
        self._dice = dice
        self._names = names
        self._weights = list(accumulate(1 / (place + 20) for place in range(len(names))))
        self._ready: list[str] = []

    def one(self) -> str:
        if not self._ready:
            self._ready = self._dice.choices(self._names, cum_weights=self._weights, k=10_000)
        return self._ready.pop()


def numbered() -> Iterator[UUID]:
    """Ids one after the other."""
    number = 0x0190_0000_0000_7000_8000_0000_0000_0000
    while True:
        number += 1
        yield UUID(int=number)
