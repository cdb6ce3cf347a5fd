"""How well the reader does on narratives that were labelled before it read them.

A narrative's labels are concern codes, or codes of indicators where no concern says it: `present`
has to be found, `may` can be raised without being wrong. Recall is the share of what is present
that was found. A false alarm is an indicator raised of which nothing is present or allowed; their
rate is the share of all indicators raised.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from policy.pack import Pack
from policy.reader import read

NARRATIVES = Path(__file__).parent / "narratives.jsonl"


@dataclass(frozen=True, slots=True)
class Narrative:
    """One narrative with its labels. `set` says what the reader's makers knew of it: `development`,
    looked at while they improved it; `apart`, written in the same hour and not looked at; `second`,
    written later, measured once (recall 0.44, false alarms 0.09) and looked at then; `afterwards`,
    of what people only hint at, measured and never looked at. `fresh-a` and `fresh-b` are one set
    split at random, written before the reader learnt families of words: a was looked at, b was
    not, though its author then wrote the families. `fresh-c` was written after them, of what is
    told by the way (recall 0.06 at first sight), and looked at then. `fresh-d`, written after that,
    is plain notes in agencies' words (0.88), looked at by its labels then. `fresh-e`
    is notes of every kind, measured and never looked at. The last three were written in one day,
    each before the reader knew what it had learnt from the one before, measured once and looked at
    then: `fresh-f` notes of several sentences (0.70, false alarms 0.20), `fresh-g` the same, told in
    ways of their own (0.54, 0.30), `fresh-h` plain notes (0.93, 0.21). `fresh-j` is more than half
    quiet notes, many with words that were known to be misread (0.81, 0.26), looked at then;
    `fresh-l`, written after it, the same with nothing known (0.74, 0.29); `fresh-n` once more,
    after that was mended (0.59, 0.19), measured and not looked at; and `fresh-p`, a fourth of the
    kind (0.72, 0.34), looked at. Of those days too, of every agency and concern: `fresh-i`
    ordinary notes (0.86, 0.16) and `fresh-k` scenes without a word for what is wrong (0.42, 0.21),
    both looked at; then `fresh-m` plain notes (1.00, 0.08; the words before those read them as
    well) and `fresh-o` scenes again (0.42, 0.11; 0.40, 0.16 with the words before): not looked at."""

    id: int
    set: str
    text: str
    present: frozenset[str]
    may: frozenset[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the reader made of one narrative: what it missed, and what it raised for nothing."""

    narrative: Narrative
    missed: frozenset[str]
    raised: frozenset[str]
    false: frozenset[str]


def narratives() -> list[Narrative]:
    """All of them, in order."""
    rows = [json.loads(line) for line in NARRATIVES.read_text("utf-8").splitlines()]
    return [
        Narrative(
            row["id"],
            row["set"],
            row["text"],
            frozenset(row["present"]),
            frozenset(row["may"]),
        )
        for row in rows
    ]


def topics(code: str, pack: Pack) -> frozenset[str]:
    """What an indicator speaks of, as labels name it."""
    indicator = pack.indicators[code]
    return frozenset({code, *indicator.about, *indicator.ticked})


def outcome(narrative: Narrative, pack: Pack) -> Outcome:
    """Read one narrative and compare."""
    raised = frozenset(
        signal.indicator for signal in read(narrative.text, field="narrative", pack=pack).signals
    )
    told = frozenset(topic for code in raised for topic in topics(code, pack))
    allowed = narrative.present | narrative.may
    return Outcome(
        narrative,
        missed=narrative.present - told,
        raised=raised,
        false=frozenset(code for code in raised if not topics(code, pack) & allowed),
    )


def rates(outcomes: Iterable[Outcome]) -> tuple[float, float]:
    """Recall, and the rate of false alarms."""
    every = list(outcomes)
    present = sum(len(each.narrative.present) for each in every)
    missed = sum(len(each.missed) for each in every)
    raised = sum(len(each.raised) for each in every)
    false = sum(len(each.false) for each in every)
    return 1 - missed / present, false / raised
