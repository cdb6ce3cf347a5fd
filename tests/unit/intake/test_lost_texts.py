"""A text of which something was lost before anybody read it counts as not read."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.vault import BlindIndex
from contracts.events import TextReading
from services.intake.preparing import Preparing, Written
from tests.journey.forms import form
from tests.shipped import SHIPPED

NOW = datetime(2026, 3, 5, 10, tzinfo=UTC)
PREPARING = Preparing(SHIPPED, BlindIndex(b"a key of tests"), new_id)


def texts(**said: Any) -> tuple[TextReading, ...]:
    body = json.dumps(form(immediate_danger=True, **said)).encode()
    found = PREPARING.prepare(Written(body), NOW).facts["texts"]
    assert isinstance(found, tuple)
    return found


@pytest.mark.parametrize(
    ("narrative", "reading"),
    [
        ("\x00\x01\x07" * 20, (False, "noise")),
        (["He is hungry."], (False, "not_text")),
        ("He is hungry. " * 8000, (False, "cut")),
        ("He is hungry.\x07 Every day.", (True, None)),
    ],
)
def test_what_was_lost_of_a_narrative_is_not_read(
    narrative: object, reading: tuple[bool, str | None]
) -> None:
    (found,) = [one for one in texts(narrative=narrative) if one.text == "narrative"]
    assert (found.read, found.reason) == reading


def test_so_is_a_concerns_detail() -> None:
    concern = {"code": "neglect", "impact": "some", "children": [0], "detail": "\x00\x02" * 9}
    assert TextReading(text="concerns/0/detail", read=False, reason="noise") in texts(
        concerns=[concern]
    )
