"""The forms of a term, and everyday sentences that resemble the words of harm."""

import pytest

from policy.reader import read
from policy.reader.forms import forms
from policy.reader.phrases import PhraseError
from tests.shipped import SHIPPED

PACK = SHIPPED.version("walsall", "2018.1")


def takes(term: str, words: str) -> bool:
    tokens = words.split()
    return any(
        len(form) == len(tokens)
        and all(slot.takes(token) for slot, token in zip(form, tokens, strict=True))
        for form in forms(term)
    )


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("hit him", "hit him"),
        ("(hit|kicked|laid into) <him>", "laid into them"),
        ("(was|) locked in <his> (room|box room)", "locked in her box room"),
        ("cut* <his> arm*", "cutting my arms"),
    ],
)
def test_a_term_stands_for_its_forms(term: str, words: str) -> None:
    assert takes(term, words)
    assert not takes(term, f"{words} now")


@pytest.mark.parametrize("term", ["hit <whom>", "hit (him", "hit him)", "(a|(b|c))", "()", "a|b"])
def test_a_term_that_cannot_be_understood_is_refused(term: str) -> None:
    with pytest.raises(PhraseError):
        forms(term)


def test_a_term_of_too_many_forms_is_refused() -> None:
    longer = "(" + "|".join(f"a{letter} b" for letter in "abcdefghijklmnopq") + ")"
    with pytest.raises(PhraseError, match="more than"):
        forms(f"{longer} {longer}")


@pytest.mark.parametrize(
    "text",
    [
        "Mum is dealing with it well and demonstrates warmth.",
        "He was tripping over his laces; graze cleaned in the office.",
        "He brought his cricket bat and a hammer for the tent pegs.",
        "The immersion heater is mended. She has a patterned dress for the party.",
        "She wondered whether he was containing his chest infection.",
        "Dad put his hand in his pocket and gave her a tissue.",
        "Dad comes in at night to check the window and settle the baby.",
        "Dad is a prison officer. Mum drinks tea all day long.",
        "Police attended to give a talk on road safety.",
        "Mum shook his hand and thanked us.",
        "Mum was taken into hospital for a planned operation and nan is looking after the children.",
        "Family are going to Pakistan for a wedding in August and return before term.",
    ],
)
def test_everyday_words_are_no_grave_sign(text: str) -> None:
    found = {signal.indicator for signal in read(text, field="narrative", pack=PACK).signals}
    assert not {code for code in found if PACK.indicators[code].level == 4}
