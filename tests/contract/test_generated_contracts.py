"""What is generated: current, valid, and true to the classes it was made from."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from contracts import generate
from contracts.form import ReferralForm
from contracts.registry import EventType, event_types, parse
from contracts.release import EXAMPLES, RELEASED, objections, publish
from contracts.schemas import form_schema

GENERATED = generate.GENERATED
EVENTS = list(event_types().values())
PUBLISHED = sorted(EXAMPLES.glob("*/*.json"))
SAMPLES = sorted((Path(__file__).parents[2] / "frontdoor/samples/referrals").glob("*.json"))


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    found = validator_for(schema)
    found.check_schema(schema)
    return found(schema, format_checker=found.FORMAT_CHECKER)


@cache
def generated(name: str) -> Draft202012Validator:
    """A generated schema's validator. Made once: the form's is large."""
    return validator(read(GENERATED / name))


def named(event: EventType) -> str:
    return event.name


def test_what_is_checked_in_is_what_would_be_generated() -> None:
    assert generate.differences() == []
    assert generate.main(["--check"]) == 0


def test_a_file_that_was_edited_added_or_lost_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    generate.write(tmp_path)
    monkeypatch.setattr(generate.differences, "__defaults__", (tmp_path,))
    (tmp_path / "codes.json").write_text("{}\n", "utf-8")
    (tmp_path / "asyncapi.yaml").unlink()
    (tmp_path / "schemas/made.up.v1.json").write_text("{}\n", "utf-8")

    assert generate.main(["--check"]) == 1
    told = capsys.readouterr().err
    assert "missing: asyncapi.yaml" in told
    assert "no longer generated: schemas/made.up.v1.json" in told
    assert "differs: codes.json, from line 1" in told

    generate.write(tmp_path)
    assert generate.differences(tmp_path) == []


@pytest.mark.parametrize("event", EVENTS, ids=named)
def test_the_example_of_an_event_is_valid_and_parses(event: EventType) -> None:
    example = read(GENERATED / f"examples/{event.name}.json")

    generated(f"schemas/{event.name}.json").validate(example)
    parsed = parse(event.type, json.dumps(example))
    assert parsed is not None
    assert isinstance(parsed.data, event.data)
    assert set(example["data"]) == set(event.data.model_fields)


@pytest.mark.parametrize("event", EVENTS, ids=named)
def test_a_schema_refuses_what_the_class_refuses(event: EventType) -> None:
    check = generated(f"schemas/{event.name}.json")
    example = read(GENERATED / f"examples/{event.name}.json")
    required = [name for name, field in event.data.model_fields.items() if field.is_required()]

    for name in required:
        without = {key: value for key, value in example["data"].items() if key != name}
        assert not check.is_valid({**example, "data": without})
    assert not check.is_valid({**example, "type": "uk.frontdoor.something.else.v1"})
    assert check.is_valid({**example, "new": 1, "data": {**example["data"], "new": 1}})


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_example_ever_published_still_parses(path: Path) -> None:
    body = path.read_text("utf-8")

    assert parse(json.loads(body)["type"], body) is not None


def test_every_published_event_has_its_examples() -> None:
    released = {path.stem for path in (RELEASED / "schemas").glob("*.json")}

    assert released == {path.parent.name for path in PUBLISHED}


def test_no_event_can_hold_what_is_personal() -> None:
    personal = {
        "given_name", "family_name", "address", "postcode", "date_of_birth", "nhs_number", "upn",
        "email", "phone", "narrative", "rationale", "analysis", "detail", "your_reference",
    }  # fmt: skip

    def fields(schema: Any) -> Iterator[str]:
        if isinstance(schema, dict):
            yield from schema.get("properties", {})
            for value in schema.values():
                yield from fields(value)
        elif isinstance(schema, list):
            for value in schema:
                yield from fields(value)

    for event in EVENTS:
        assert not personal & set(fields(read(GENERATED / f"schemas/{event.name}.json")))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_schema_of_the_form_takes_every_sample(path: Path) -> None:
    generated("referral-form.schema.json").validate(read(path))


@pytest.mark.parametrize(
    "wrong",
    [
        {"request": "rescue"}, {"authority": None}, {"children": [{"date_of_birth": "soon"}]},
        {"children": [{}] * 31}, {"concerns": [{"code": "sadness"}]}, {"referrer_level": 5},
        {"parents_informed": "yes"}, {"agreement": {"status": "perhaps"}},
    ],
)  # fmt: skip
def test_the_schema_of_the_form_refuses_what_is_wrong(wrong: dict[str, Any]) -> None:
    assert not generated("referral-form.schema.json").is_valid({"authority": "walsall", **wrong})


def test_the_schema_of_the_form_names_its_fields() -> None:
    assert set(form_schema()["properties"]) == set(ReferralForm.model_fields)


def test_the_document_of_the_stream_resolves() -> None:
    document = yaml.safe_load((GENERATED / "asyncapi.yaml").read_text("utf-8"))

    def references(tree: Any) -> Iterator[str]:
        if isinstance(tree, dict):
            if "$ref" in tree:
                yield tree["$ref"]
            for value in tree.values():
                yield from references(value)
        elif isinstance(tree, list):
            for value in tree:
                yield from references(value)

    found = set(references(document))
    assert found
    for reference in found:
        file, _, pointer = reference.partition("#")
        target = document if not file else read(GENERATED / file)
        for part in pointer.split("/")[1:]:
            target = target[part]
        assert target


def test_the_document_of_the_stream_has_the_shape_of_asyncapi_3() -> None:
    document = yaml.safe_load((GENERATED / "asyncapi.yaml").read_text("utf-8"))
    channel = document["channels"]["events"]
    messages = document["components"]["messages"]

    assert document["asyncapi"].startswith("3.")
    assert {"title", "version"} <= set(document["info"])
    assert channel["address"] == "frontdoor.events"
    assert set(channel["messages"]) == set(messages) == {event.name for event in EVENTS}
    for event in EVENTS:
        message = messages[event.name]
        assert message["name"] == event.type
        assert message["bindings"]["kafka"]["key"]["$ref"].endswith("/referralId")
        assert message["payload"]["$ref"] == f"./schemas/{event.name}.json"
        operation = document["operations"][f"{event.owner}.says"]
        assert operation["action"] == "send"
        said = {one["$ref"].rpartition("/")[2] for one in operation["messages"]}
        assert event.name in said


def test_a_release_is_refused_when_it_breaks_what_was_published(tmp_path: Path) -> None:
    generated, released, examples = (tmp_path / name for name in ("new", "released", "examples"))
    generate.write(generated)
    publish("1.0.0", generated, released, examples)
    schema = generated / "schemas/triage.decided.v1.json"
    changed = read(schema)
    del changed["$defs"]["TriageDecided"]["properties"]["rag"]
    schema.write_text(json.dumps(changed), "utf-8")

    assert objections("1.1.0", generated, released, examples) == [
        "schemas/triage.decided.v1.json#/$defs/TriageDecided/properties/rag: was removed or renamed"
    ]


def test_published_examples_are_never_rewritten(tmp_path: Path) -> None:
    generated, released, examples = (tmp_path / name for name in ("new", "released", "examples"))
    generate.write(generated)
    publish("1.0.0", generated, released, examples)
    example = generated / "examples/case.closed.v1.json"
    example.write_text(example.read_text("utf-8").replace("needs_met", "moved_away"), "utf-8")

    assert objections("1.0.0", generated, released, examples) == [
        "case.closed.v1/1.0.0.json was published with another text"
    ]
    publish("1.1.0", generated, released, examples)
    assert len(list((examples / "case.closed.v1").iterdir())) == 2
