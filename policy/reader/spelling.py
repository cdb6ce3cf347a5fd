"""What a misspelt word was meant to be: doubled letters, swapped vowels, c for s.

Only a long word that the lexicon does not know is looked at, and only its first letter has to be
right: in short words a slip makes another word too often ("better", "batter").
"""

import re
from collections.abc import Mapping
from typing import TypeVar

_T = TypeVar("_T")

# Below this no slip is forgiven; below the second length, no vowel for another.
_SHORTEST, _VOWELS_FROM = 7, 8
# Good words that are one slip from a word of harm or need: no slip is looked for in them.
_GOOD_WORDS = frozenset(
    """
    activates adaptive beauties befriend befriended billions brussels buttered centennial
    containing contesting contests continuance continuous coolest countenance creaking
    delicious depreciation detects disparate disparity economics economies emergence enclave
    expansive felling filtering graceful gracefully grasses hysterical infecting infection
    infections infectious infects insecticide insects leasing maintained measurable multiply
    networks personnel pissing plaguing protest protested protesting protests roberta
    roberto roberts robertson rooting scooping sensibly sheeting sipping slipping socialise
    socialising socialize socializing stalling strategic streaked stringer stronger
    sustained traffic tripping truckers unbiased weeding wondered wondering
    """.split()  # noqa: SIM905
)
_DOUBLED = re.compile(r"(.)\1+")
_SOUNDS = str.maketrans({"c": "s", "z": "s", "k": "s"})
_VOWELS = re.compile(r"[aeiouy]+")


def plain_sound(word: str) -> str:
    """A word without doubled letters, and with one letter for one sound."""
    return word[0] + _DOUBLED.sub(r"\1", word.translate(_SOUNDS))[1:]


def sounds(word: str) -> tuple[str, ...]:
    """The forms under which a word is known in spite of slips: none for a short one."""
    if len(word) < _SHORTEST or not word.isalpha() or word in _GOOD_WORDS:
        return ()
    plain = plain_sound(word)
    if len(word) < _VOWELS_FROM:
        return (plain,)
    return plain, word[0] + _VOWELS.sub("*", plain[1:])


def by_sound(words: Mapping[str, _T]) -> dict[str, _T]:
    """What words say, by the forms in which slips of spelling leave them."""
    found: dict[str, _T] = {}
    for word, said in words.items():
        for form in sounds(word):
            found.setdefault(form, said)
    return found


def by_stem(words: Mapping[str, _T]) -> dict[str, _T]:
    """What beginnings of words say, by their plain sound."""
    return {plain_sound(word): said for word, said in words.items() if word.isalpha()}
