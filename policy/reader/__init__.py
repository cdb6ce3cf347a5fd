"""The reader of free text: finds indicators that nobody ticked, and shows the words it read.

It only ever adds: a signal raises a suggestion, and its absence says nothing. A text that it
could not read is reported as not read, with a reason code, and is never suggested Green.
"""

from dataclasses import dataclass

from pydantic import TypeAdapter

from contracts.events import NarrativeSignal, TextReading
from policy.pack import Pack
from policy.reader.legible import LIMIT, illegible
from policy.reader.matching import find
from policy.reader.names import name_people
from policy.reader.rules import NOTHING, rulebook
from policy.reader.tokens import tokens

__all__ = ["LIMIT", "Reading", "read"]

_SIGNALS = TypeAdapter(tuple[NarrativeSignal, ...])


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in one text, and whether the text was read."""

    signals: tuple[NarrativeSignal, ...]
    reading: TextReading


def read(text: str, *, field: str, pack: Pack) -> Reading:
    """Read one text under a pack. `field` names the text in signals and reasons.

    Offsets count characters (code points) of `text`. Of a text over LIMIT characters the beginning
    is read for signals, and the text is reported as not read.
    """
    book = rulebook(pack)
    words = tokens(text[:LIMIT])
    meanings = book.meanings(words.words)
    unknown = [position for position, meaning in enumerate(meanings) if meaning is NOTHING]
    reason = illegible(text, words, unknown)
    name_people(text, words, meanings, unknown, book)
    # Checked in one call, as that takes half the time.
    signals = _SIGNALS.validate_python(
        [
            {"indicator": indicator, "text": field, "start": start, "end": end}
            for start, end, indicator in find(words, meanings, unknown, book)
        ]
    )
    return Reading(signals, TextReading(text=field, read=reason is None, reason=reason))
