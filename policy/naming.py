"""What in a text could tell who it is about: a question for advice, or words that leave the hub. Pure.

Numbers, postcodes, dates and addresses for mail are known by their form, for certain. A name can
only be guessed, by its capital letters: who asks may say that somebody looked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from contracts.form import nhs_number, normal_postcode, unique_pupil_number

_DIGITS: Final = re.compile(r"(?<!\d)\d[\d \-]{8,12}\d(?!\d)")
_PUPIL: Final = re.compile(r"(?i)(?<!\w)[a-z]\d{11}[a-z\d](?!\w)")
_POSTCODE: Final = re.compile(r"(?i)(?<!\w)[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}(?!\w)")
_MONTH: Final = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_DATE: Final = re.compile(
    r"(?i)(?<!\d)(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})"
    rf"|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{_MONTH})\.?,? \d{{4}})(?!\d)"
)
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_TELEPHONE: Final = re.compile(r"(?<!\d)(?:\+44|0)[\d ]{9,13}(?!\d)")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_CALLED: Final = frozenset({"called", "named", "name", "mr", "mrs", "ms", "miss", "master", "dr"})
_BEGINS: Final = frozenset('.!?:;\n\u2022"\u201c(')

# Words that stand with a capital letter inside a sentence and name nobody of a family.
_NO_NAMES: Final = frozenset(
    [
        "i",
        "i'm",
        "i've",
        "i'd",
        "i'll",
        "ok",
        "mum",
        "mam",
        "mummy",
        "dad",
        "daddy",
        "nan",
        "nana",
        "nanny",
        "gran",
        "grandma",
        "granddad",
        "grandad",
        "grandpa",
        "auntie",
        "uncle",
        "god",
        "christmas",
        "easter",
        "eid",
        "ramadan",
        "diwali",
        "hanukkah",
        "halloween",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "english",
        "british",
        "scottish",
        "welsh",
        "irish",
        "polish",
        "romanian",
        "ukrainian",
        "urdu",
        "punjabi",
        "arabic",
        "somali",
        "muslim",
        "christian",
        "hindu",
        "sikh",
        "jewish",
        "catholic",
        "roma",
        "gypsy",
        "traveller",
        "black",
        "white",
        "asian",
        "african",
        "gp",
        "nhs",
        "camhs",
        "mash",
        "dsl",
        "send",
        "senco",
        "ehcp",
        "adhd",
        "asd",
        "lado",
        "marac",
        "police",
        "school",
        "nursery",
        "hub",
        "team",
        "year",
        "reception",
        "key",
        "stage",
        "social",
        "worker",
        "care",
        "early",
        "help",
        "children",
        "children's",
        "services",
        "service",
        "council",
        "county",
        "borough",
        "city",
        "health",
        "visitor",
        "midwife",
        "hospital",
        "ward",
        "a&e",
        "edt",
        "whatsapp",
        "snapchat",
        "tiktok",
        "instagram",
        "facebook",
        "xbox",
        "roblox",
        "youtube",
        "discord",
        "ofsted",
        "working",
        "together",
        "working",
    ]
)


@dataclass(frozen=True, slots=True)
class Identity:
    """Something that tells who it is about, by its place in the text in characters. `certain`: its
    form alone says so. The text itself is not repeated."""

    kind: str
    start: int
    end: int
    certain: bool = True


def identities(text: str) -> tuple[Identity, ...]:
    """All that could tell who `text` is about, in the order of the text."""
    found = [*_by_form(text)]
    taken = [(one.start, one.end) for one in found]
    found.extend(
        one
        for one in _names(text)
        if not any(start < one.end and one.start < end for start, end in taken)
    )
    return tuple(sorted(found, key=lambda one: one.start))


def _by_form(text: str) -> Iterator[Identity]:
    for match in _DIGITS.finditer(text):
        if nhs_number(match[0]):
            yield Identity("nhs_number", match.start(), match.end())
    for match in _PUPIL.finditer(text):
        if unique_pupil_number(match[0]):
            yield Identity("upn", match.start(), match.end())
    for match in _POSTCODE.finditer(text):
        if normal_postcode(match[0]):
            yield Identity("postcode", match.start(), match.end())
    for kind, pattern in (("date", _DATE), ("email", _EMAIL), ("telephone", _TELEPHONE)):
        for match in pattern.finditer(text):
            yield Identity(kind, match.start(), match.end())


def _names(text: str) -> Iterator[Identity]:
    words = list(_WORD.finditer(text))
    for number, match in enumerate(words):
        word = match[0]
        if not word[0].isupper() or _plain(word) in _NO_NAMES:
            continue
        if word.isupper() and len(word) > 1:
            continue
        before = words[number - 1] if number else None
        called = before is not None and _plain(before[0]) in _CALLED
        if called or not _begins_sentence(text, match.start()):
            yield Identity("name", match.start(), match.end(), certain=False)
    for first, second in pairwise(words):
        # Two at the beginning of a sentence: the first says little alone, both say a name.
        if (
            _begins_sentence(text, first.start())
            and text[first.end() : second.start()] == " "
            and first[0].istitle()
            and second[0].istitle()
            and not {_plain(first[0]), _plain(second[0])} & _NO_NAMES
        ):
            yield Identity("name", first.start(), second.start(), certain=False)


def _begins_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip(" \t")
    return not before or before[-1] in _BEGINS


def _plain(word: str) -> str:
    plain = word.casefold().replace("\u2019", "'")
    return plain.removesuffix("'s")
