"""The text of a posted form made safe to keep and to show, before anything else looks at it.

Removed with a warning: control characters, halves of surrogate pairs, and the characters that
turn the order of text round (an address could be made to read as another). Kept: right-to-left
scripts and combining characters. Text becomes Unicode NFC. Blank means not given.
"""

import json
import re
import unicodedata
from typing import Any, Final

from pydantic import BeforeValidator

from contracts.form.problems import FormRefused, pointer_to

MAX_DEPTH: Final = 12
MAX_MEMBERS: Final = 200
MAX_ITEMS: Final = 101
"""One more than any list of the form may hold, so that it still counts as too long."""

Path = tuple[str | int, ...]

# Texts of several lines. Elsewhere a line break could forge a header or a row.
_PARAGRAPHS: Final = frozenset({
    "narrative", "going_well", "child_voice", "work_already_tried", "detail",
    "address_unknown_because", "current_address_because", "knows_child", "communication_needs",
    "special_needs", "covers", "evidence", "access_to_children", "exact_words", "injuries",
    "history", "parenting", "environment", "child_voice_missing_because", "family_response",
    "what_should_happen", "visiting_advice",
})  # fmt: skip
_REMOVED: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_BREAKS: Final = re.compile("\r\n?")
# Normalising takes the square of the length of a run of combining characters: seconds, for a hostile
# text. So long texts go in pieces, which end before an ASCII character: none joins what is before.
_PIECE: Final = re.compile(r"(?s:.{1,200}(?=[\x00-\x7f]|\Z)|.{1,200})")
_SPACES: Final = re.compile("[\t\n\u2028\u2029]+")


def parse(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`. Raises FormRefused (400) where there is none.

    A member named twice is refused: nobody could say which was meant.
    """
    try:
        tree = json.loads(
            body.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_no_constant
        )
    except UnicodeDecodeError:
        raise _malformed("is not UTF-8") from None
    except (ValueError, RecursionError):
        raise _malformed("is not JSON") from None
    if not isinstance(tree, dict):
        raise _malformed("is not a JSON object")
    return tree


def clean(tree: dict[str, Any]) -> list[str]:
    """Clean the strings of a parsed form in place and drop what is blank.

    Answers pointers to the strings that lost characters. Raises FormRefused (400) where it is
    nested deeper, or has more members, than any form. Lists are cut to MAX_ITEMS.
    """
    touched: list[str] = []
    _clean_members(tree, (), touched)
    return touched


def _clean_words(value: object) -> object:
    return _clean_text(value, (), [], paragraphs=True) if isinstance(value, str) else value


def _clean_line(value: object) -> object:
    return _clean_text(value, (), []) if isinstance(value, str) else value


CLEAN_WORDS: Final = BeforeValidator(_clean_words)
"""Cleans what is written outside a form as `clean` does a text of several lines."""

CLEAN_LINE: Final = BeforeValidator(_clean_line)
"""The same for a text of one line."""


def _clean_members(members: dict[str, Any], path: Path, touched: list[str]) -> None:
    _no_deeper(path)
    if len(members) > MAX_MEMBERS:
        raise _malformed("has more members than any form")
    for key in list(members):
        value = members[key]
        if isinstance(value, str):
            if not (value.isascii() and value.isprintable()):
                value = _clean_text(value, (*path, key), touched, key in _PARAGRAPHS)
                members[key] = value
            if not value or value.isspace():
                del members[key]
        elif value is None:
            del members[key]
        else:
            _clean_inside(value, (*path, key), touched)


def _clean_items(items: list[Any], path: Path, touched: list[str]) -> None:
    _no_deeper(path)
    del items[MAX_ITEMS:]
    for place, item in enumerate(items):
        if isinstance(item, str):
            items[place] = _clean_text(item, (*path, place), touched)
        else:
            _clean_inside(item, (*path, place), touched)


def _clean_inside(value: object, path: Path, touched: list[str]) -> None:
    if isinstance(value, dict):
        _clean_members(value, path, touched)
    elif isinstance(value, list):
        _clean_items(value, path, touched)


def _no_deeper(path: Path) -> None:
    if len(path) > MAX_DEPTH:
        raise _malformed("is nested too deeply")


def _clean_text(text: str, path: Path, touched: list[str], paragraphs: bool = False) -> str:
    broken = _BREAKS.sub("\n", text)
    kept = _REMOVED.sub("", broken)
    if kept != broken:
        touched.append(pointer_to(path))
    if not paragraphs:
        kept = _SPACES.sub(" ", kept)
    return "".join(unicodedata.normalize("NFC", piece) for piece in _PIECE.findall(kept))


def _unique(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) != len(members):
        raise ValueError
    return found


def _no_constant(_name: str) -> None:
    raise ValueError


def _malformed(detail: str) -> FormRefused:
    return FormRefused(400, (("", detail),))
