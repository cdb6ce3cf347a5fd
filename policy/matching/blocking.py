"""The keys by which records that may be of one person are brought together.

Each key joins two things that seldom agree by chance, so that few strangers share one and a
mistake in any one field leaves others. Keys are made plain here and digested by who keeps them:
the database sees no name.
"""

from collections.abc import Iterator, Sequence
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
    either = tuple(dict.fromkeys((*firsts, *lasts)))
    whole = _sorted(person.given[:1], person.family[:1])
    starts = _sorted(
        *(tuple(name[:4] for name in names[:1]) for names in (person.given, person.family))
    )
    initials = [
        _sorted(first[:1], last[:1]) for first, last in product(person.given[:2], person.family[:2])
    ]
    who = "adult" if person.adult else "child"
    yield from _of_names(person, firsts, lasts, whole, starts)
    if person.born:
        yield from _of_birth(person.born, person, either, initials)
    if person.postcode:
        yield from (f"{who} {name} at {person.postcode}" for name in (*either, *initials))
    if person.line:
        yield from (f"{who} {name} at {person.line}" for name in either)
        if person.postcode:
            yield f"{who} at {person.line} {person.postcode}"


def _of_names(
    person: Person, firsts: Sequence[str], lasts: Sequence[str], whole: str, starts: str
) -> Iterator[str]:
    near = sector(person.postcode) if person.postcode else None
    if whole:
        yield f"names {whole}"
        if person.born:
            yield f"year {person.born.year} starts {starts}"
        if near:
            yield f"near {near} starts {starts}"
    for first, last in product(firsts, lasts):
        names = _sorted((first,), (last,))
        if person.born:
            yield f"year {person.born.year} {names}"
            yield f"month {day_key(person.born)[4:]} {names}"
        if near:
            yield f"near {near} {names}"


def _of_birth(
    born: date, person: Person, either: Sequence[str], initials: Sequence[str]
) -> Iterator[str]:
    day = day_key(born)
    yield from (f"day {day} {name}" for name in (*either, *initials))
    if person.postcode:
        yield f"day {day} at {sector(person.postcode)}"
    if person.line:
        yield f"day {day} at {person.line}"


def _sorted(first: Sequence[str], last: Sequence[str]) -> str:
    """Two names as one key, whichever stood first; blank where either is."""
    return " ".join(sorted((first[0], last[0]))) if first and last else ""
