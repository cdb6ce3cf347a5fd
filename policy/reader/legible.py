"""Whether a text can be read by rules that know English."""

import re
from collections.abc import Sequence
from itertools import islice

from policy.reader.tokens import Tokens

LIMIT = 200_000

# Enough words for a share of English words to mean something.
_PASSAGE = 12
_SHARE = 0.25
# Longer texts are looked at in passages of at least so many words.
_LONG = 2 * _PASSAGE
# Unknown words that are too few for any of those passages to be strange.
_FEW = (1 - _SHARE) * _LONG
_NOISE = 0.1

# Tokens of letters stand behind "a" in the order of characters, marks and figures before it but for
# these.
_BULLETS = frozenset("•▪\u2013\u2014")

# Controls other than tab and line ends, the replacement character, and private use.
_CONTROLS = bytes({*range(0x20), 0x7F} - set(b"\t\n\r"))
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]")


def illegible(text: str, read: Tokens, unknown: Sequence[int]) -> str | None:
    """Why a text can't be read, as a code: `too_long`, `noise`, `no_words` or `language`; None if
    it can. `unknown` are the places of words that nobody knows. An empty text has nothing to read
    and counts as read."""
    if not text.strip():
        return None
    if len(text) > LIMIT:
        return "too_long"
    if _noises(text) > _NOISE * len(text):
        return "noise"
    strange = {place for place in unknown if _is_word(read.words[place])}
    if len(strange) < _FEW and len(list(islice(filter(_is_word, read.words), _LONG))) == _LONG:
        return None
    known = [place not in strange for place, word in enumerate(read.words) if _is_word(word)]
    if not known:
        return "no_words"
    return None if _is_english(known) else "language"


def _noises(text: str) -> int:
    """How many characters are no writing."""
    if text.isascii():
        # The quick way, for most texts.
        return len(text) - len(text.encode().translate(None, _CONTROLS))
    return len(_CONTROL.findall(text))


def _is_word(read: str) -> bool:
    return read >= "a" and read not in _BULLETS


def _is_english(known: Sequence[bool]) -> bool:
    """Whether enough words of each passage are known: a page in another language must not hide in
    an English letter."""
    if len(known) < _PASSAGE:
        return any(known)
    count = max(1, len(known) // _LONG)
    size = -(-len(known) // count)
    return all(
        sum(known[start : start + size]) >= _SHARE * len(known[start : start + size])
        for start in range(0, len(known), size)
    )
