"""The email as somebody sees it before it goes."""

import pytest

from services.console.emails import GETS, HELD, Mail, asked, preview
from services.console.people import Child
from services.console.reads import Part, Refusal
from services.console.revealing import cut

ANNA = Child("a", 1, "Anna Example", False, (), (), "amber", "green", "")
BEN = Child("b", 2, "Ben Example", False, (), (), "amber", "", "")
MAIL = {"to": "a@school.example", "subject": "Referral", "html": "<p>", "text": "Why"}


@pytest.mark.parametrize(
    ("body", "rag"),
    [
        ({"rag": "green"}, "green"),
        # Ben has no colour but the suggested one.
        ({"rag": "green", "child_id": "a"}, "amber"),
        ({"rag": "red", "child_id": "a"}, "red"),
    ],
)
def test_a_rating_is_asked_about_with_the_colour_of_the_whole_referral(
    body: dict[str, str], rag: str
) -> None:
    assert asked("rating", body, (ANNA, BEN))["rag"] == rag


def test_an_email_or_why_there_is_none_is_told() -> None:
    told = preview(Part({"detail": "brief", "email": MAIL}))
    assert (told.mail, told.gets) == (Mail(*MAIL.values()), GETS["brief"])
    assert "Telephone" in preview(Part({"email": None, "because": "no_address"})).why
    assert preview(Part({"email": None, "because": "no_clause"})).why == HELD
    away = preview(Refusal(503, "away", "Away."))
    assert (away.mail, away.why) == (None, "")


def test_words_are_marked_where_they_stand_and_nowhere_else() -> None:
    text = "Rose said that the rose and Roseanne were fine."
    pieces = cut(text, ("Rose", "that the"))
    assert "".join(piece for piece, _ in pieces) == text
    assert [piece for piece, tells in pieces if tells] == ["Rose", "that the"]
    assert cut(text, ()) == ((text, False),)
