"""Lines as lists of signs have them, with the level at which such lists usually place them.

Written and given their levels before the reader saw them, in three parts. At first sight 106 of the
120 lines of level 4 raised level 3 or 4, 234 of 315 had their level, and 92 of 95 of level 1 raised
nothing above 2. What was missed was looked at then.
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
        ({4}, lambda found, _: found >= 3, 0.92),
        ({1}, lambda found, _: found < 3, 0.97),
        ({1, 2, 3, 4}, lambda found, said: found == said, 0.65),
    ],
)
def test_lines_raise_about_what_lists_say(
    of: set[int], raised: Callable[[int, int], bool], least: float
) -> None:
    lines = [line for line in LINES if line["level"] in of]
    right = [line for line in lines if raised(level(line["text"]), line["level"])]
    assert len(right) >= least * len(lines)
