"""The keys by which records that may be of one person are brought together.

Each key joins two things that seldom agree by chance, so that few strangers share one and a
mistake in any one field leaves others. Keys are made plain here and digested by who keeps them:
the database sees no name.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import product

from jellyfish import metaphone

from policy.matching.person import Person
from policy.matching.section import MatchingSection

MOST_KEYS = 48


def block_keys(person: Person, matching: MatchingSection) -> tuple[str, ...]:
    """The keys of one person, without repeats, the most telling first."""
    return tuple(dict.fromkeys(_keys(person, matching)))[:MOST_KEYS]


def day_key(day: date) -> str:
    """A date under which it is found with day and month swapped too."""
    first, last = sorted((day.day, day.month))
    return f"{day.year}{first:02}{last:02}"


@lru_cache(maxsize=65_536)
def sound(name: str) -> str:
    """How a plain name sounds; the name itself where it has no sound."""
    return metaphone(name) or name


def sector(postcode: str) -> str:
    """A postcode without its last two letters: some thousand addresses."""
    return postcode[:-2]


def _keys(person: Person, matching: MatchingSection) -> Iterator[str]:
    if person.nhs_number:
        yield f"nhs {person.nhs_number}"
    if person.upn:
        yield f"upn {person.upn}"
    roots = {root for name in person.given for root in matching.roots_of(name)}
    firsts = sorted({sound(root) for root in roots} | {sound(name) for name in person.given})
    lasts = sorted({sound(name) for name in person.family})
    who = "adult" if person.adult else "child"
    if person.born:
        day = day_key(person.born)
        for name in dict.fromkeys((*firsts, *lasts)):
            yield f"day {day} {name}"
        if person.postcode:
            yield f"day {day} at {sector(person.postcode)}"
        for first, last in product(person.given[:2], person.family[:2]):
            one, other = sorted((first[0], last[0]))
            yield f"day {day} initials {one}{other}"
    for first, last in product(firsts, lasts):
        one, other = sorted((first, last))
        if person.born:
            yield f"year {person.born.year} {one} {other}"
            yield f"month {day_key(person.born)[4:]} {one} {other}"
        if person.postcode:
            yield f"near {sector(person.postcode)} {one} {other}"
        elif not person.born:
            yield f"{who} {one} {other}"
    if person.postcode:
        for name in dict.fromkeys((*firsts, *lasts)):
            yield f"{who} {name} at {person.postcode}"
