"""A text as tokens with offsets. Each step is linear in the text's length."""

import re
from dataclasses import dataclass
from itertools import accumulate

# A fraction such as 9/52 (weeks, in a nurse's hand), a word, a number, or a mark that divides.
_TOKEN = re.compile(
    r"(\d+/\d+|[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:\.\d+)?|\?(?=\w)|[.!?;:,()%\n•▪\u2013\u2014])"
)
_STRAIGHT = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "`": "'"})


@dataclass(frozen=True, slots=True)
class Tokens:
    """The folded tokens of a text, and where each ends, in characters."""

    words: list[str]
    ends: list[int]

    def start(self, position: int) -> int:
        """Where a token starts."""
        return self.ends[position] - len(self.words[position])


def folded(text: str) -> str:
    """`text` in lower case with straight apostrophes, character for character: offsets stand."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(low if len(low := each.lower()) == 1 else each for each in text)
    return lowered if lowered.isascii() else lowered.translate(_STRAIGHT)


def tokens(text: str) -> Tokens:
    """The tokens of a text."""
    # Splitting on a group answers gaps and tokens in turn: lengths add up to offsets.
    pieces = _TOKEN.split(folded(text))
    return Tokens(pieces[1::2], list(accumulate(map(len, pieces)))[1::2])
