"""Whether a text can be read by rules that know English."""

import re
from collections.abc import Sequence

from policy.reader.rules import NOTHING, Meaning
from policy.reader.tokens import Tokens

LIMIT = 200_000

# Enough words for a share of English words to mean something.
_PASSAGE = 12
_SHARE = 0.25
_NOISE = 0.1

# Tokens of letters stand behind "a" in the order of characters, marks and figures before it but for
# these.
_BULLETS = frozenset("•▪\u2013\u2014")

# Controls other than tab and line ends, the replacement character, and private use.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]")


def illegible(text: str, read: Tokens, meanings: Sequence[Meaning]) -> str | None:
    """Why a text can't be read, as a code: `too_long`, `noise`, `no_words` or `language`; None if
    it can. An empty text has nothing to read and counts as read."""
    if not text.strip():
        return None
    if len(text) > LIMIT:
        return "too_long"
    if len(_CONTROL.findall(text)) > _NOISE * len(text):
        return "noise"
    known = [
        meaning is not NOTHING
        for word, meaning in zip(read.words, meanings, strict=True)
        if word >= "a" and word not in _BULLETS
    ]
    if not known:
        return "no_words"
    return None if _is_english(known) else "language"


def _is_english(known: Sequence[bool]) -> bool:
    """Whether enough words of each passage are known: a page in another language must not hide in
    an English letter."""
    if len(known) < _PASSAGE:
        return any(known)
    if known.count(False) < (1 - _SHARE) * _PASSAGE:
        # Too few for any passage.
        return True
    count = max(1, len(known) // (2 * _PASSAGE))
    size = -(-len(known) // count)
    return all(
        sum(known[start : start + size]) >= _SHARE * len(known[start : start + size])
        for start in range(0, len(known), size)
    )
