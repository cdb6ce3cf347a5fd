"""What is said at once to whoever asks for advice: never that a worry is too small."""

import re
from datetime import UTC, datetime

import pytest

from contracts.codes import CONCERN_TYPES
from contracts.events import AgeBand
from policy.consulting import advise, answer_due
from policy.loading import PackSet
from policy.reader import read

NOW = datetime(2026, 3, 5, 15, tzinfo=UTC)
TEXTS = (
    "She is often late and the house is cold.",
    "Nothing much, just a feeling.",
    "He has a bruise on his cheek and cannot roll yet.",
    "I think the parents need help with bedtimes.",
)
# Whatever would tell somebody to keep a worry to themselves.
TOO_SMALL = re.compile(
    r"no need to|need not|not necessary|does(n't| not) meet|below (the )?threshold|no further action"
    r"|\bgreen\b|\bamber\b|\blevel [1-4]\b|too small|not serious",
    re.IGNORECASE,
)


def everything(packs: PackSet):
    for authority in packs.authorities:
        pack = packs.current(authority, NOW.date())
        for text in TEXTS:
            reading = read(text, field="question", pack=pack)
            for code in (None, *CONCERN_TYPES):
                yield (
                    pack,
                    advise(
                        pack,
                        concerns=(code,) if code else (),
                        age=AgeBand.UNKNOWN,
                        signals=reading.signals,
                        readings=(reading.reading,),
                        at=NOW,
                    ),
                )


def test_no_answer_says_that_a_worry_is_too_small(packs: PackSet) -> None:
    asked = 0
    for _, advice in everything(packs):
        asked += 1
        assert advice.questions
        for words in advice.questions:
            assert not TOO_SMALL.search(words), words
        assert set(advice.__slots__) == {"refer_now", "clauses", "questions"}
    assert asked > 100


def test_what_has_to_be_referred_is_said(packs: PackSet) -> None:
    pack = packs.current("warwickshire", NOW.date())
    advice = advise(
        pack,
        concerns=("injury_to_non_mobile_child",),
        age=AgeBand.UNDER_1,
        signals=(),
        readings=(),
        at=NOW,
    )
    assert advice.refer_now
    assert advice.clauses


@pytest.mark.parametrize("code", ["domestic_abuse", "neglect", "young_carer"])
def test_questions_fit_what_was_ticked(packs: PackSet, code: str) -> None:
    pack = packs.current("warwickshire", NOW.date())
    special, plain = (
        advise(pack, concerns=codes, age=AgeBand.UNKNOWN, signals=(), readings=(), at=NOW)
        for codes in ((code,), ())
    )
    assert len(special.questions) > len(plain.questions)


def test_an_answer_is_due_by_the_packs_own_time(packs: PackSet) -> None:
    pack = packs.current("warwickshire", NOW.date())
    assert answer_due(pack, NOW).due_at == datetime(2026, 3, 6, 15, tzinfo=UTC)
