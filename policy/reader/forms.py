"""The forms of a term: how a few words stand for all the ways in which people say the same.

`(hit|hits|hitting) him` is one of these, `(was|) hit` one or nothing; in `locked in <his> room` a
class of words takes each other's place; `*` stands for any ending.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod

from policy.reader.phrases import PhraseError

_GROUP = re.compile(r"\(([^()]*)\)|<([a-z]+)>")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*\*?|\d+|[:%]")
# What may stand outside groups and classes.
_BARE = re.compile(r"[^()<>|,]*")
_CLASSES = {
    "his": "his|her|their|my",
    "him": "him|her|them|me",
    "he": "he|she|they",
    "self": "himself|herself|themselves|themself|myself",
}
# More would be a slip of whoever wrote the term.
_MOST = 200


@dataclass(frozen=True, slots=True)
class Slot:
    """What can stand at one place of a term: these words, and any that begin so."""

    words: frozenset[str]
    stems: tuple[str, ...]

    def takes(self, token: str) -> bool:
        """Whether a token can stand here."""
        return token in self.words or (bool(self.stems) and token.startswith(self.stems))


@lru_cache(maxsize=20_000)
def _slot(words: tuple[str, ...]) -> Slot:
    return Slot(
        frozenset(word for word in words if not word.endswith("*")),
        tuple(word.removesuffix("*") for word in words if word.endswith("*")),
    )


# A form is one slot after another: words that take each other's place share one.
Form = tuple[Slot, ...]


def has_forms(term: str) -> bool:
    """Whether a term is written with groups or classes, and so may be written wrongly."""
    return not _BARE.fullmatch(term)


@lru_cache(maxsize=20_000)
def forms(term: str) -> tuple[Form, ...]:
    """Every form of a term. Raises PhraseError for one that cannot be understood, an unknown class,
    a form without words, and too many forms."""
    pieces: list[list[tuple[tuple[str, ...], ...]]] = []
    end = 0
    for found in _GROUP.finditer(term):
        pieces += [[_plain(term[end : found.start()])], _either(found[1], found[2])]
        end = found.end()
    pieces.append([_plain(term[end:])])
    if not _BARE.fullmatch(_GROUP.sub("", term)) or all(() in piece for piece in pieces):
        message = f"{term!r} cannot be understood"
        raise PhraseError(message)
    count = prod(map(len, pieces))
    if count > _MOST:
        message = f"{term!r} stands for {count} forms, more than {_MOST}"
        raise PhraseError(message)
    return tuple(
        dict.fromkeys(
            tuple(_slot(words) for piece in each for words in piece) for each in product(*pieces)
        )
    )


def _plain(words: str) -> tuple[tuple[str, ...], ...]:
    return tuple((word,) for word in _WORD.findall(words.lower()))


def _either(group: str | None, named: str | None) -> list[tuple[tuple[str, ...], ...]]:
    """What can stand for a group or a class: its single words together, each longer one alone."""
    if group is None:
        if named not in _CLASSES:
            message = f"there is no class of words <{named}>"
            raise PhraseError(message)
        return [(tuple(_CLASSES[named].split("|")),)]
    single: list[str] = []
    longer: list[tuple[tuple[str, ...], ...]] = []
    for each in _alternatives(group):
        words = _plain(each)
        if len(words) == 1:
            single += words[0]
        else:
            longer.append(words)
    return [*([(tuple(dict.fromkeys(single)),)] if single else []), *dict.fromkeys(longer)]


def _alternatives(group: str) -> Iterator[str]:
    for each in group.split("|"):
        found = re.search(r"<([a-z]+)>", each)
        if found is None:
            yield each
        elif found[1] not in _CLASSES:
            message = f"there is no class of words {found[0]}"
            raise PhraseError(message)
        else:
            for word in _CLASSES[found[1]].split("|"):
                yield each.replace(found[0], word)
