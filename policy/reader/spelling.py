"""What a misspelt word was meant to be: doubled letters, swapped vowels, c for s.

Only a long word that the lexicon does not know is looked at, and only its first letter has to be
right: in short words a slip makes another word too often ("better", "batter").
"""

import re

# Below this no slip is forgiven; below the second length, no vowel for another.
_SHORTEST, _VOWELS_FROM = 7, 8
_DOUBLED = re.compile(r"(.)\1+")
_SOUNDS = str.maketrans({"c": "s", "z": "s", "k": "s"})
_VOWELS = re.compile(r"[aeiouy]+")


def plain_sound(word: str) -> str:
    """A word without doubled letters, and with one letter for one sound."""
    return word[0] + _DOUBLED.sub(r"\1", word.translate(_SOUNDS))[1:]


def sounds(word: str) -> tuple[str, ...]:
    """The forms under which a word is known in spite of slips: none for a short one."""
    if len(word) < _SHORTEST or not word.isalpha():
        return ()
    plain = plain_sound(word)
    if len(word) < _VOWELS_FROM:
        return (plain,)
    return plain, word[0] + _VOWELS.sub("*", plain[1:])
