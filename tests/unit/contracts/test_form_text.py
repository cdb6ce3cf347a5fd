"""Text as people write it, and as faulty or hostile software sends it."""

import json
from datetime import date
from time import process_time
from typing import Any

import pytest

from contracts.form import FormReading, FormRefused, read_form


def read(narrative: str = "Something happened.", **child: Any) -> FormReading:
    form = {
        "authority": "walsall",
        "referrer": {"name": "Robin Testwood", "agency": "gp", "email": "r@testwood.example"},
        "children": [
            {
                "given_name": "Sam", "family_name": "Sampleton", "date_of_birth": "2017-03-04",
                "address": {"lines": ["1 Example Road"], "postcode": "WS1 1AA"}, **child,
            }
        ],
        "narrative": narrative,
        "parents_informed": True,
    }  # fmt: skip
    return read_form(json.dumps(form).encode(), today=date(2026, 11, 21), authorities={"walsall"})


@pytest.mark.parametrize(
    "name",
    ["محمد الأمثلة", "דוגמה", "Nguyễn", "Siân", "O’Sample", "अनिल", "שָׂרָה", "Zoë-Mae", "علی‌رضا"],
)
def test_names_of_every_script_are_kept(name: str) -> None:
    reading = read(given_name=name)

    assert reading.form.children[0].given_name == name
    assert reading.warnings == ()


def test_two_ways_of_writing_an_accent_are_one_name() -> None:
    assert read(given_name="Sia\u0302n").form.children[0].given_name == "Siân"


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\ud800", "\ufeff"])
def test_control_characters_are_removed_with_a_warning(character: str) -> None:
    reading = read(f"She {character}fell.")

    assert reading.form.narrative == "She fell."
    assert [(one.pointer, one.code) for one in reading.warnings] == [
        ("/narrative", "characters_removed")
    ]


@pytest.mark.parametrize("character", ["\u202e", "\u202a", "\u2066", "\u2069"])
def test_text_cannot_be_made_to_read_backwards(character: str) -> None:
    reading = read(address={"lines": [f"1 {character}Example Road"], "postcode": "WS1 1AA"})

    address = reading.form.children[0].address
    assert address is not None
    assert address.lines == ("1 Example Road",)
    assert reading.warnings[0].pointer == "/children/0/address/lines/0"


def test_a_story_keeps_its_lines_whatever_wrote_them() -> None:
    reading = read("One.\r\nTwo.\rThree.\n\tFour.")

    assert reading.form.narrative == "One.\nTwo.\nThree.\n\tFour."
    assert reading.warnings == ()


def test_a_name_is_one_line() -> None:
    assert read(given_name="Sam\nBcc: all").form.children[0].given_name == "Sam Bcc: all"


def test_blank_is_not_given() -> None:
    reading = read(given_name="  ", school="", upn=" \t")

    assert reading.form.children[0].given_name is None
    assert reading.form.children[0].upn is None


def test_a_long_text_of_combining_characters_costs_little() -> None:
    started = process_time()

    read("a" + "\u0301\u0327" * 40_000)

    assert process_time() - started < 5


@pytest.mark.parametrize(
    "field", ["children", "concerns", "parents_informed", "agreement", "household"]
)
def test_a_very_long_list_costs_little(field: str) -> None:
    started = process_time()
    body = json.dumps({"authority": "walsall", field: [{"child": "x"}] * 50_000}).encode()

    with pytest.raises(FormRefused) as caught:
        read_form(body, today=date(2026, 11, 21), authorities={"walsall"})

    assert len(caught.value.errors) <= 200
    assert process_time() - started < 5


def test_offsets_count_characters_of_the_text_that_is_kept() -> None:
    narrative = read("Sia\u0302n has \x00a bruise.").form.narrative

    assert narrative is not None
    assert narrative[narrative.index("bruise") :] == "bruise."
    assert narrative.index("bruise") == 11
