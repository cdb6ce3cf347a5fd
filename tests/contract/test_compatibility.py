"""The gate lets optional fields in and stops everything else, and says where."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import compatibility
from contracts.compatibility import compare
from contracts.generate import GENERATED
from contracts.needs import CONSUMERS, unmet
from contracts.registry import event_types
from contracts.release import RELEASED

Schema = dict[str, Any]

NAMES = sorted(path.name for path in (GENERATED / "schemas").glob("*.json"))


def schema(name: str = "triage.decided.v1.json") -> Schema:
    found: Schema = json.loads((GENERATED / "schemas" / name).read_text("utf-8"))
    return found


def data(document: Schema) -> Schema:
    found: Schema = document["$defs"]["TriageDecided"]
    return found


def after(change: Callable[[Schema], object], *, sent_to_us: bool = False) -> list[tuple[str, str]]:
    old = schema()
    new = deepcopy(old)
    change(new)
    return [(found.pointer, found.detail) for found in compare(old, new, sent_to_us=sent_to_us)]


def test_what_is_generated_keeps_what_was_released() -> None:
    assert compatibility.compare_folders(RELEASED, GENERATED) == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_breaks_where_nothing_changed(name: str) -> None:
    assert compare(schema(name), schema(name)) == []


def test_an_optional_field_may_be_added() -> None:
    def change(new: Schema) -> None:
        data(new)["properties"]["note"] = {"anyOf": [{"type": "string"}, {"type": "null"}]}

    assert after(change) == []


def test_words_may_change() -> None:
    assert after(lambda new: data(new).update(description="Said better.")) == []


DECIDED = "/$defs/TriageDecided"


def rename(new: Schema) -> None:
    fields = data(new)["properties"]
    fields["colour"] = fields.pop("rag")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (lambda new: data(new)["properties"].pop("level"), f"{DECIDED}/properties/level"),
        (rename, f"{DECIDED}/properties/rag"),
        (
            lambda new: data(new)["properties"]["statutory"].update(type="string"),
            f"{DECIDED}/properties/statutory/type",
        ),
        (
            lambda new: data(new)["properties"]["decided_at"].update(format="date"),
            f"{DECIDED}/properties/decided_at/format",
        ),
        (
            lambda new: data(new)["properties"]["statutory"].update(default=True),
            f"{DECIDED}/properties/statutory/default",
        ),
        (lambda new: data(new)["required"].append("level"), f"{DECIDED}/required"),
        (lambda new: data(new)["required"].remove("rag"), f"{DECIDED}/required"),
        (lambda new: new["$defs"]["Rag"]["enum"].remove("none"), "/$defs/Rag/enum"),
        (lambda new: new["$defs"]["Rag"]["enum"].append("blue"), "/$defs/Rag/enum"),
        (lambda new: new["$defs"]["Rag"].pop("enum"), "/$defs/Rag/enum"),
        (
            lambda new: data(new)["properties"]["role"].update(enum=["manager"]),
            f"{DECIDED}/properties/role/enum",
        ),
        (
            lambda new: data(new)["properties"]["role"].update(maxLength=5),
            f"{DECIDED}/properties/role/maxLength",
        ),
        (
            lambda new: data(new)["properties"]["children"].update(minItems=1),
            f"{DECIDED}/properties/children/minItems",
        ),
        (
            lambda new: data(new)["properties"]["clauses"]["items"].update(type="integer"),
            f"{DECIDED}/properties/clauses/items/type",
        ),
        (
            lambda new: data(new)["properties"]["clauses"].pop("items"),
            f"{DECIDED}/properties/clauses/items",
        ),
        (
            lambda new: data(new)["properties"]["level"]["anyOf"].pop(),
            f"{DECIDED}/properties/level/anyOf",
        ),
        (
            lambda new: data(new)["properties"]["level"]["anyOf"].append({"type": "string"}),
            f"{DECIDED}/properties/level/anyOf",
        ),
        (
            lambda new: data(new)["properties"]["level"].pop("anyOf"),
            f"{DECIDED}/properties/level/anyOf",
        ),
        (
            lambda new: data(new).update(additionalProperties=False),
            f"{DECIDED}/additionalProperties",
        ),
        (
            lambda new: data(new)["properties"]["role"].update({"not": {"const": "duty"}}),
            f"{DECIDED}/properties/role/not",
        ),
        (lambda new: new.update({"x-owner": "intake"}), "/x-owner"),
        (lambda new: new["properties"]["type"].update(const="other"), "/properties/type/const"),
    ],
)
def test_whatever_else_changes_is_stopped(change: Callable[[Schema], object], pointer: str) -> None:
    assert pointer in {found for found, _ in after(change)}


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        (lambda new: data(new)["required"].remove("rag"), True),
        (lambda new: new["$defs"]["Rag"]["enum"].append("blue"), True),
        (lambda new: new["$defs"]["Rag"]["enum"].remove("none"), False),
        (lambda new: data(new)["required"].append("level"), False),
        (lambda new: data(new)["properties"].pop("level"), False),
        (lambda new: data(new)["properties"]["role"].update(maxLength=5), False),
        (lambda new: data(new)["properties"]["level"]["anyOf"].append({"type": "string"}), True),
    ],
)
def test_what_is_only_sent_to_us_may_become_wider_and_never_narrower(
    change: Callable[[Schema], object], allowed: bool
) -> None:
    assert (after(change, sent_to_us=True) == []) is allowed


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_field_of_any_event_can_be_lost_retyped_or_demanded(draw: st.DataObject) -> None:
    name = draw.draw(st.sampled_from(NAMES))
    old = schema(name)
    new = deepcopy(old)
    owners = [part for part in (new, *new["$defs"].values()) if part.get("properties")]
    owner = draw.draw(st.sampled_from(owners))
    field = draw.draw(st.sampled_from(sorted(owner["properties"])))
    how = draw.draw(st.sampled_from(["lose", "retype", "demand"]))
    if how == "lose":
        del owner["properties"][field]
    elif how == "retype":
        owner["properties"][field] = {"type": "object", "properties": {"value": {}}}
    elif field in owner.get("required", ()):
        owner["properties"]["wanted"] = {"type": "string"}
        owner["required"].append("wanted")
    else:
        owner.setdefault("required", []).append(field)

    assert compare(old, new) != []


def test_the_command_says_what_breaks_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        (folder / "schemas").mkdir(parents=True)
        (folder / "codes.json").write_text('{"concerns": {"neglect": {}, "other": {}}}', "utf-8")
    (old / "schemas/triage.decided.v1.json").write_text(json.dumps(schema()), "utf-8")

    assert compatibility.main([str(old), str(old)]) == 0
    (new / "codes.json").write_text('{"concerns": {"other": {}}}', "utf-8")
    assert compatibility.main([str(old), str(new)]) == 1
    told = capsys.readouterr().err.splitlines()
    assert told == [
        "schemas/triage.decided.v1.json#: the event was removed",
        "codes.json#/concerns/neglect: the code was removed",
    ]


def test_every_service_finds_what_it_reads() -> None:
    assert unmet() == []


def test_a_field_that_a_service_reads_cannot_go(tmp_path: Path) -> None:
    needs = {
        "triage/referral.submitted.v1.json": ["/children/age_band", "/children/name", "/wishes"],
        "triage/triage.decided.v1.json": ["/rag"],
        "intake/made.up.v1.json": ["/thing"],
    }
    for name, reads in needs.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"reads": reads}), "utf-8")

    assert unmet(tmp_path) == [
        "intake reads /thing of made.up.v1: there is no such event",
        "triage reads /children/name of referral.submitted.v1: there is no such field",
        "triage reads /wishes of referral.submitted.v1: there is no such field",
        "triage reads  of triage.decided.v1: a service does not receive its own events",
    ]


def test_needs_are_listed_for_services_and_events_that_exist() -> None:
    services = {event.owner for event in event_types().values()} | {"console"}

    assert {path.name for path in CONSUMERS.iterdir()} <= services
