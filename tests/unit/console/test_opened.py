"""The page of a referral marks the words that a reason stands on, in the text that has them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.console.happened import line_note
from services.console.opened import reasons, texts
from services.console.reads import Opened, Part
from services.console.store.queue import Line

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


def test_words_of_an_agencys_answer_stand_beside_the_reason_and_can_be_dismissed() -> None:
    answer = {"request_id": "r1", "of": "police", "information": SECOND}
    read = sign("reply/r1", 0, 10)
    past = {**read, "by": "p.example", "because": "past"}
    opened = Opened(
        form=Part({"form": {}, "later": []}),
        case=Part({"suggestion": {"reasons": [read], "clauses": [], "dismissed": [past]}}),
        clocks=Part(),
        allocations=Part(),
        messages=Part(),
        checks=Part({"items": [answer]}),
    )
    ((evidence,),) = [reason.evidence for reason in reasons(opened, ())]
    assert (evidence.where, evidence.quote[0].text) == ("Answer of Police", "He was hit")
    assert evidence.key == "disclosure|reply/r1|0|10"
    assert evidence.dismissed == "p.example found otherwise: it is in the past"
    assert texts(opened) == ()


def test_a_milestone_of_the_timeline_says_what_was_reached_and_when() -> None:
    now = datetime(2026, 3, 5, 12, tzinfo=UTC)
    codes = {"milestone": "conference", "on": "2026-03-04"}
    line = Line(3, now, UUID(int=1), "case.milestone_recorded", codes)
    assert line_note(line, now) == "Child protection conference, 4 March 2026"
