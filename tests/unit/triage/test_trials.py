"""Past referrals under another version: what no reader can read again stays as it was."""

import pytest

from contracts.events import Rag, TextReading
from policy.loading import PackSet
from services.triage.trials import Asked, tried
from tests.unit.triage.cases import AUTHORITY, GREEN, submitted


@pytest.mark.parametrize(
    ("unread", "rag"),
    [
        (TextReading(text="attachments/1", read=False, reason="attachment"), Rag.AMBER),
        (TextReading(text="narrative", read=False, reason="cut"), Rag.AMBER),
        (TextReading(text="narrative", read=False, reason="fault"), Rag.GREEN),
    ],
)
def test_a_file_and_the_end_of_a_long_text_are_unread_under_any_version(
    packs: PackSet, unread: TextReading, rag: Rag
) -> None:
    case = submitted(packs, GREEN, texts=(unread,))
    again = ((), (TextReading(text="narrative", read=True),))
    found = tried(Asked(1, case, again), packs.version(AUTHORITY, "2018.1"), packs)
    assert found.before is not None
    assert found.after is not None
    assert (found.before.rag, found.after.rag) == (Rag.AMBER, rag)
