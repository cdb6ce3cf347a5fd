"""What in words that are about to leave the hub tells more than their reader needs: names, addresses,
numbers, and what police and health have told. Pure. It is pointed out and not refused: whoever writes
decides.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from policy.naming import identities

SHOWN: Final = 4
PEOPLE: Final = ("children", "household", "alleged_perpetrators")
NAMED: Final = ("given_name", "family_name", "name")
KINDS: Final[Mapping[str, str]] = {
    "name": "a name",
    "address": "an address",
    "number": "a number, a date or an address for mail that tells who it is",
    "police": "what sounds like the police\u2019s own information",
    "health": "what sounds like somebody\u2019s health",
}
_SHORTEST_LINE: Final = 6
_SHORTEST_NAME: Final = 2
_POLICE: Final = re.compile(
    r"(?i)\b(arrest\w*|bail\w*|convict\w*|caution(?:ed|s)?|charged|custody|criminal record"
    r"|police intelligence|pnc|crime (?:number|reference)|incident number|dash|wanted by)\b"
)
_HEALTH: Final = re.compile(
    r"(?i)\b(diagnos\w*|medicat\w*|depress\w*|psychos\w*|psychiatr\w*|bipolar|schizo\w*|overdos\w*"
    r"|hiv|hepatitis|miscarr\w*|terminat\w*|pregnan\w*|self[- ]harm\w*|suicid\w*|detox\w*|methadone"
    r"|prescri\w*|gp (?:said|told|records?))\b"
)


def revealed(text: str, form: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What `text` tells, by kind, each with the words that tell it, in the order of KINDS. `form` is
    the referral\u2019s: its people\u2019s names and addresses are known."""
    found: dict[str, dict[str, None]] = {}
    for kind, words in _told(text, form):
        found.setdefault(kind, {})[words] = None
    return tuple((kind, tuple(found[kind])) for kind in KINDS if kind in found)


def warnings(texts: Sequence[str], form: Mapping[str, Any]) -> tuple[str, ...]:
    """The same of several texts, in sentences for whoever is about to send them."""
    return tuple(
        f"What the referrer is told holds {KINDS[kind]}: {', '.join(words[:SHOWN])}"
        f"{' and more' if len(words) > SHOWN else ''}."
        for kind, words in revealed("\n".join(texts), form)
    )


def words_of(texts: Sequence[str], form: Mapping[str, Any]) -> tuple[str, ...]:
    """The words alone that tell more, each once."""
    found = revealed("\n".join(texts), form)
    return tuple(dict.fromkeys(word for _, words in found for word in words))


def cut(text: str, words: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """`text` in pieces, each with whether it is one of these words; put together again it is the same
    text."""
    if not words:
        return ((text, False),)
    longest_first = sorted(words, key=len, reverse=True)
    pieces = re.split(rf"(?<!\w)({'|'.join(map(re.escape, longest_first))})(?!\w)", text)
    return tuple((piece, place % 2 == 1) for place, piece in enumerate(pieces) if piece)


def _told(text: str, form: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in _names(form):
        # As names are written: rose is a flower, and Rose is not.
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text):
            yield "name", match[0]
    for line in _lines(form):
        for match in re.finditer(re.escape(line), text, re.IGNORECASE):
            yield "address", match[0]
    for one in identities(text):
        if one.certain:
            yield ("address" if one.kind == "postcode" else "number"), text[one.start : one.end]
    for kind, pattern in (("police", _POLICE), ("health", _HEALTH)):
        for match in pattern.finditer(text):
            yield kind, match[0]


def _names(form: Mapping[str, Any]) -> list[str]:
    found: dict[str, None] = {}
    for part in PEOPLE:
        for person in form.get(part) or ():
            said = [person.get(field) or "" for field in NAMED]
            for name in (*said, *(person.get("also_known_as") or ())):
                for word in name.split():
                    if len(word) >= _SHORTEST_NAME and word[0].isupper():
                        found[word] = None
    return list(found)


def _lines(form: Mapping[str, Any]) -> list[str]:
    return [
        line
        for part in PEOPLE
        for person in form.get(part) or ()
        for line in (person.get("address") or {}).get("lines") or ()
        if len(line) >= _SHORTEST_LINE
    ]
