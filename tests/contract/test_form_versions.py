"""Every published version of the form is still taken, with an example of each."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema.validators import validator_for

import contracts.form
from contracts.compatibility import compare
from contracts.form import FORM_VERSIONS, read_form
from contracts.schemas import form_schema

VERSIONS = Path(contracts.form.__file__).parent / "versions"
TODAY = date(2026, 3, 5)


def read(name: str) -> Any:
    return json.loads((VERSIONS / name).read_text("utf-8"))


def reading(form: dict[str, Any]):
    return read_form(json.dumps(form).encode(), today=TODAY, authorities={"warwickshire"})


def schema_of(version: str) -> Any:
    """The newest is what is generated; older ones are kept as they were published."""
    return form_schema() if version == FORM_VERSIONS[-1] else read(f"{version}.schema.json")


@pytest.mark.parametrize("version", FORM_VERSIONS)
def test_a_published_version_is_taken_as_it_was(version: str) -> None:
    example = read(f"{version}.example.json")
    schema = schema_of(version)
    validator_for(schema)(schema).validate(example)
    found = reading(example)
    assert found.set_aside == ()
    assert [one for one in found.warnings if one.code in {"unknown_field", "missing"}] == []
    assert found.form.form_version == version


@pytest.mark.parametrize("version", FORM_VERSIONS[:-1])
def test_what_was_published_may_be_sent_for_ever(version: str) -> None:
    assert compare(read(f"{version}.schema.json"), form_schema(), sent_to_us=True) == []


def test_nobody_is_asked_for_what_their_version_does_not_have() -> None:
    old, new = (read("1.example.json") for _ in range(2))
    new["form_version"] = "2"
    asked = [{pointer for pointer, _ in reading(form).completeness.missing} for form in (old, new)]
    assert "/risks_to_workers" not in asked[0]
    assert "/risks_to_workers" in asked[1]


def test_the_whole_second_form_lacks_nothing() -> None:
    found = reading(read("2.example.json"))
    assert found.completeness.missing == ()
    assert found.completeness.score == 100


def test_a_version_that_was_never_published_is_read_as_the_newest_and_said() -> None:
    form = {**read("1.example.json"), "form_version": "99"}
    found = reading(form)
    assert "/form_version" in found.set_aside


def test_known_unknown_and_not_applicable_are_three_answers() -> None:
    form = {**read("1.example.json"), "form_version": "2"}
    del form["children"][0]["nhs_number"], form["child_voice"]
    scores = {}
    for answer in (None, "unknown", "not_applicable"):
        said = [{"field": "/child_voice", "answer": answer}] if answer else []
        found = reading({**form, "no_values": said})
        scores[answer] = found.completeness
        assert found.set_aside == ()
    missing = {
        answer: "/child_voice" in {pointer for pointer, _ in one.missing}
        for answer, one in scores.items()
    }
    assert missing == {None: True, "unknown": False, "not_applicable": False}
    assert scores["unknown"].sections["voice"] > scores[None].sections["voice"]
    assert scores["unknown"].score > scores[None].score


@pytest.mark.parametrize("field", ["/nothing", "narrative", "/children/9/upn", "/narrative"])
def test_an_answer_about_no_blank_field_is_set_aside(field: str) -> None:
    form = {
        **read("2.example.json"),
        "no_values": [{"field": field, "answer": "unknown"}],
    }
    found = reading(form)
    assert found.set_aside == ("/no_values/0/field",)
    assert found.form.narrative


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("telephoned", "at"), "25:99"),
        (("risks_to_workers", 0, "code"), "dragons"),
        (("alleged_perpetrators", 0, "children"), [7]),
        (("household", 0, "parental_responsibility_for"), [7]),
        (("written_on",), "2031-01-01"),
        (("worry_scale",), 11),
        (("referrer", "team_email"), "nobody"),
    ],
)
def test_what_is_bad_in_the_new_fields_is_set_aside_and_never_refuses(
    path: tuple, value: object
) -> None:
    form = read("2.example.json")
    owner = form
    for part in path[:-1]:
        owner = owner[part]
    owner[path[-1]] = value
    found = reading(form)
    assert any(pointer.startswith(f"/{path[0]}") for pointer in found.set_aside)
