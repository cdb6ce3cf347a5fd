"""How old a reader has to be for a text: Flesch and Kincaid's grade, and five years before school.

Syllables are counted as groups of vowels, which is right for nine words in ten and errs upwards.
Lines that are no sentences (headings, addresses, lists of numbers) are left out.
"""

import re

_WORD = re.compile(r"[a-z']+", re.IGNORECASE)
_VOWELS = re.compile(r"[aeiouy]+")


def reading_age(text: str) -> float:
    """The age in years at which most people read `text` with ease."""
    sentences = [one for one in _sentences(text) if len(_WORD.findall(one)) > 3]
    words = [word.lower() for one in sentences for word in _WORD.findall(one)]
    syllables = sum(map(_syllables, words))
    grade = 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59
    return grade + 5


def _sentences(text: str) -> list[str]:
    blocks = [" ".join(block.split()) for block in re.split(r"\n\s*\n|\n(?=- |\d\. )", text)]
    return [
        sentence
        for block in blocks
        if not block.isupper()
        for sentence in re.split(r"(?<=[.!?:])\s+", block)
    ]


def _syllables(word: str) -> int:
    quiet = word.endswith("e") and not word.endswith("le")
    return max(1, len(_VOWELS.findall(word)) - quiet)
