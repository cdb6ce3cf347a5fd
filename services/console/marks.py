"""A text with the words marked that a rating stands on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Mark:
    """The words from `start` up to `end` are why reason `number` is there."""

    start: int
    end: int
    number: int
    level: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text. `numbers`: the reasons that stand on it; `level`: the highest of them;
    `last`: the reasons whose words end here.
    """

    text: str
    numbers: tuple[int, ...] = ()
    level: int = 0
    last: tuple[int, ...] = ()


def segments(text: str, marks: Sequence[Mark]) -> tuple[Segment, ...]:
    """`text` cut where marks start and end; put together again it is the same text. Marks may
    overlap; the part of a mark that lies outside the text is left out.
    """
    inside = [mark for mark in marks if 0 <= mark.start < min(mark.end, len(text))]
    edges = {0, len(text)}
    for mark in inside:
        edges |= {mark.start, min(mark.end, len(text))}
    cuts = sorted(edges)
    found = []
    for start, end in pairwise(cuts):
        over = [mark for mark in inside if mark.start <= start and mark.end >= end]
        found.append(
            Segment(
                text=text[start:end],
                numbers=tuple(sorted({mark.number for mark in over})),
                level=max((mark.level for mark in over), default=0),
                last=tuple(
                    sorted({mark.number for mark in over if min(mark.end, len(text)) == end})
                ),
            )
        )
    return tuple(found)
