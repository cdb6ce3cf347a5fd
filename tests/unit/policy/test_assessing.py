"""`assess`: any record is answered, and the words read are shown."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.assessing import assess
from tests.shipped import SHIPPED

PACK = SHIPPED.version("walsall", "2018.1")
BABY = (
    "HV saw a bruise on baby, 9 weeks, not rolling. Mum says dropped phone. No previous concerns."
)


def test_a_bruised_baby_is_red_with_the_clause_and_the_words() -> None:
    answer = assess({"narrative": BABY}, PACK)
    assert (answer["level"], answer["rag"], answer["urgency"]) == (4, "red", "same_day")
    first = answer["reasons"][0]
    assert (first["indicator"], first["clause"]) == ("injury_to_non_mobile", "4.3")
    assert BABY[first["start"] : first["end"]] == "bruise"


def test_the_same_without_the_bruise_is_not() -> None:
    answer = assess(
        {"narrative": BABY.replace("a bruise on baby", "baby") + " No bruising seen."}, PACK
    )
    assert (answer["level"], answer["rag"], answer["reasons"]) == (1, "green", [])


def test_a_form_counts_its_ticks_ages_and_every_text() -> None:
    answer = assess(
        {
            "received_on": "2026-03-04",
            "children": [{"date_of_birth": "2026-01-10"}, {"date_of_birth": "2015-01-10"}],
            "concerns": [
                {
                    "code": "domestic_abuse",
                    "impact": "some",
                    "children": [1],
                    "detail": "Police log: father strangled mother.",
                }
            ],
            "child_voice": "I don't want to go home, I am scared of dad.",
            "narrative": "I am worried about this family.",
        },
        PACK,
    )
    assert answer["rag"] == "red"
    texts = {reason["text"] for reason in answer["reasons"]}
    assert {"concerns/0/detail", "child_voice", None} <= texts
    assert "combination" in {reason["source"] for reason in answer["reasons"]}


def test_a_text_that_cannot_be_read_is_amber_and_named() -> None:
    answer = assess({"narrative": "Мама бьёт ребёнка каждый день."}, PACK)
    assert answer["rag"] == "amber"
    assert answer["not_read"] == [{"text": "narrative", "reason": "language"}]
    assert assess({"narrative": {"a": 1}}, PACK)["rag"] == "amber"


@pytest.mark.parametrize(
    ("record", "error"),
    [
        ([], "not_an_object"),
        (None, "not_an_object"),
        ("text", "not_an_object"),
        (3, "not_an_object"),
        ({}, "nothing_to_assess"),
        ({"narrative": None}, "nothing_to_assess"),
        ({"concerns": 3}, "nothing_to_assess"),
        ({"colour": "blue"}, "nothing_to_assess"),
    ],
)
def test_what_cannot_be_assessed_is_answered_with_an_error(record: object, error: str) -> None:
    assert assess(record, PACK) == {"error": error}


def test_odd_parts_are_left_out_and_said() -> None:
    answer = assess(
        {
            "concerns": [7, {"code": "neglect", "impact": ["x"], "children": [9, "a"]}],
            "children": [3],
        },
        PACK,
    )
    assert answer["rag"] == "amber"
    assert answer["left_out"] == ["children/0", "concerns/0"]


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)
fields = st.sampled_from(
    [
        "narrative",
        "children",
        "concerns",
        "request",
        "agreement",
        "referrer_level",
        "immediate_danger",
        "received_on",
        "child_voice",
    ]
)
parts = st.sampled_from(
    [
        "code",
        "impact",
        "children",
        "detail",
        "current",
        "date_of_birth",
        "expected_date_of_delivery",
    ]
)


@settings(max_examples=60, deadline=None)
@given(
    odd
    | st.dictionaries(
        fields, odd | st.lists(st.dictionaries(parts, odd, max_size=5), max_size=3), max_size=9
    )
)
def test_any_record_is_answered_in_json(record: object) -> None:
    answer = assess(record, PACK)
    assert json.loads(json.dumps(answer)) == answer
    assert "error" in answer or answer["rag"] in {"red", "amber", "green"}
