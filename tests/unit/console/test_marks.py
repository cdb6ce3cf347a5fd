"""Words marked in a text."""

from hypothesis import given
from hypothesis import strategies as st

from services.console.marks import Mark, segments

TEXT = "Dad hits mum when he drinks."


def test_marked_words_stand_out_with_their_reason() -> None:
    parts = segments(TEXT, [Mark(0, 12, 1, 4)])
    assert [(part.text, part.numbers, part.last) for part in parts] == [
        ("Dad hits mum", (1,), (1,)),
        (" when he drinks.", (), ()),
    ]


def test_overlapping_marks_show_both_and_the_higher_level() -> None:
    parts = segments(TEXT, [Mark(0, 12, 1, 3), Mark(4, 27, 2, 4)])
    assert [(part.text, part.numbers, part.level, part.last) for part in parts] == [
        ("Dad ", (1,), 3, ()),
        ("hits mum", (1, 2), 4, (1,)),
        (" when he drinks", (2,), 4, (2,)),
        (".", (), 0, ()),
    ]


@given(
    st.text(max_size=60),
    st.lists(
        st.builds(
            Mark, st.integers(-5, 80), st.integers(-5, 80), st.integers(1, 9), st.integers(1, 4)
        ),
        max_size=8,
    ),
)
def test_nothing_of_a_text_is_lost_and_every_mark_ends_once(text: str, marks: list[Mark]) -> None:
    parts = segments(text, marks)
    assert "".join(part.text for part in parts) == text
    assert all(part.text for part in parts) or not text
    for number in {number for part in parts for number in part.numbers}:
        assert any(number in part.last for part in parts)
