"""The page of a referral marks the words that a reason stands on, in the text that has them."""

from typing import Any

from services.console.opened import reasons, texts
from services.console.reads import Opened, Part

MONDAY, TUESDAY = "information/monday", "information/tuesday"
FIRST, SECOND = "Nothing new. He was hit.", "He was hit again."


def sign(text: str, start: int, end: int) -> dict[str, Any]:
    return {
        "indicator": "disclosure", "clause": "4.2", "level": 4, "source": "text",
        "text": text, "start": start, "end": end, "children": [], "title": "Disclosure",
    }  # fmt: skip


def test_of_several_later_texts_each_has_its_own_words_marked() -> None:
    signs = [sign(MONDAY, 13, 23), sign(TUESDAY, 0, 10)]
    later = [
        {"name": MONDAY, "kind": "information", "text": FIRST},
        {"name": TUESDAY, "kind": "information", "text": SECOND},
        {"name": "withdrawal/late", "kind": "withdrawal", "text": "We have talked."},
    ]
    opened = Opened(
        form=Part({"form": {}, "later": later}),
        case=Part({"suggestion": {"reasons": signs, "clauses": []}}),
        clocks=Part(),
        allocations=Part(),
        messages=Part(),
    )
    marked = [
        "".join(segment.text for segment in text.segments if segment.numbers)
        for text in texts(opened)
    ]
    assert marked == ["He was hit", "He was hit", ""]
    (reason,) = reasons(opened, ())
    assert [evidence.where for evidence in reason.evidence] == ["Further information"] * 2
    assert all(evidence.quote for evidence in reason.evidence)
