"""Lines as lists of signs have them, with the level at which such lists usually place them.

Written and given their levels before the reader saw them, in six parts. Of the first three, at first
sight 106 of the 120 lines of level 4 raised level 3 or 4, 234 of 315 had their level, and 92 of 95
of level 1 raised nothing above 2. Of the last three, each written and measured in turn, before the
reader had learnt from it: 112 of 120, 180 of 250 and 40 of 40; then, in other words and of other
kinds, 47 of 60, 67 of 100 and 13 of 15; and 51 of 60, 72 of 100 and 14 of 15. What was missed was
looked at then. Lines whose level lists place differently were left out afterwards.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from policy.assessing import assess
from tests.shipped import SHIPPED

PACK = SHIPPED.version("walsall", "2018.1")
LINES = [
    json.loads(line)
    for line in (Path(__file__).parent / "lines.jsonl").read_text("utf-8").splitlines()
]


def level(text: str) -> int:
    found: int = assess({"narrative": text}, PACK)["level"]
    return found


@pytest.mark.parametrize(
    ("of", "raised", "least"),
    [
        ({4}, lambda found, _: found >= 3, 0.97),
        ({1}, lambda found, _: found < 3, 0.98),
        ({1, 2, 3, 4}, lambda found, said: found == said, 0.82),
    ],
)
def test_lines_raise_about_what_lists_say(
    of: set[int], raised: Callable[[int, int], bool], least: float
) -> None:
    lines = [line for line in LINES if line["level"] in of]
    right = [line for line in lines if raised(level(line["text"]), line["level"])]
    assert len(right) >= least * len(lines)
