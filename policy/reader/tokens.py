"""A text as tokens with offsets. Each step is linear in the text's length."""

import re
from dataclasses import dataclass
from itertools import accumulate

# A word, a mark that divides, a number or a fraction such as 9/52 (weeks, in a nurse's hand). Most
# texts are plain: for them the first of two patterns for the same is the quicker, also because it
# passes over a space at once.
_PLAIN = re.compile(r"(?! )([a-z]++(?:'[a-z]++)*+|[.!?;:,()%\n]|\d++(?:/\d++|\.\d++)?)")
_TOKEN = re.compile(r"([^\W\d_]+(?:'[^\W\d_]+)*|[.!?;:,()%\n•▪\u2013\u2014]|\d+(?:/\d+|\.\d+)?)")
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
    read = folded(text)
    pieces = (_PLAIN if read.isascii() else _TOKEN).split(read)
    return Tokens(pieces[1::2], list(accumulate(map(len, pieces)))[1::2])
