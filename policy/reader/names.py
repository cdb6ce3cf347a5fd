"""Who is called by a name: a word with a capital letter, in the middle of a sentence, that is no word
of the lexicon and no common one. Phrases use it where the words around it leave no doubt."""

from collections.abc import Sequence

from policy.reader.rules import Meaning, Rulebook
from policy.reader.tokens import Tokens

# After these a capital letter says nothing.
_STARTS = frozenset(".!?:\n•▪")
_SHORTEST = 3
# Capitalised, and nobody: days, months, feasts, and the first words of many places.
_NOBODY = frozenset(
    [
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january",
        "february", "march", "april", "june", "july", "august", "september", "october", "november",
        "december", "christmas", "easter", "ramadan", "eid", "diwali", "english", "british",
    ]
)  # fmt: skip


def name_people(
    text: str, words: Tokens, meanings: list[Meaning], unknown: Sequence[int], book: Rulebook
) -> None:
    """Give each name in `meanings` the meaning of a name. `text` is as it was written, `unknown` are
    the places of words that nobody knows."""
    for position in unknown:
        if len(words.words[position]) >= _SHORTEST and _is_name(text, words, position):
            meanings[position] = book.named


def _is_name(text: str, words: Tokens, position: int) -> bool:
    """Whether a word is written as names are: in capitals throughout it is an abbreviation, and at
    the beginning of a sentence a capital says nothing."""
    start = words.start(position)
    return (
        text[start].isupper()
        and not text[start + 1].isupper()
        and position > 0
        and words.words[position - 1] not in _STARTS
        and words.words[position] not in _NOBODY
    )
