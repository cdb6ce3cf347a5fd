"""A text as tokens with offsets. Each step is linear in the text's length."""

import re

Token = tuple[str, int, int]

# A fraction such as 9/52 (weeks, in a nurse's hand), a word, a number, or a mark that divides.
_TOKEN = re.compile(r"\d+/\d+|[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:\.\d+)?|\?(?=\w)|[.!?;:,()%\n]|[•▪–—]")
_STRAIGHT = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "`": "'"})


def folded(text: str) -> str:
    """`text` in lower case with straight apostrophes, character for character: offsets stand."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(low if len(low := each.lower()) == 1 else each for each in text)
    return lowered.translate(_STRAIGHT)


def tokens(text: str) -> list[Token]:
    """The tokens of a text, folded, each with where it starts and ends."""
    return [(found[0], found.start(), found.end()) for found in _TOKEN.finditer(folded(text))]
