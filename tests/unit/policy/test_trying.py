"""A new version of the guidance tried on past referrals."""

import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from contracts.events import Rag
from frontdoor.commands.policy import policy
from policy.loading import PACKS, PackSet, load_packs
from policy.pack import ColourRule
from policy.trying import Summary, explained, reads_alike, try_all

SELF_HARM: dict[str, Any] = {
    "received_on": "2018-03-01",
    "children": [{"date_of_birth": "2004-01-10", "given_name": "Invented"}],
    "concerns": [{"code": "self_harm", "impact": "serious", "children": [0]}],
    "narrative": "She cut her arms again on Friday. Her brother saw it.",
}
QUIET: dict[str, Any] = {
    "received_on": "2018-03-02",
    "concerns": [{"code": "poor_attendance", "impact": "some"}],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Walsall with a second version: self-harm at level 4, and a word that the first lacks."""
    made = tmp_path_factory.mktemp("packs")
    for part in ("shared", "walsall"):
        shutil.copytree(PACKS / part, made / part)
    shutil.copytree(made / "walsall/2018.1", made / "walsall/2027.1")
    pack = made / "walsall/2027.1/pack.yaml"
    pack.write_text(pack.read_text().replace('2018.1"', '2027.1"').replace("2018-01", "2027-04"))
    (made / "walsall/2027.1/new.yaml").write_text(
        "include: [shared/2018.1]\n"
        "indicators:\n"
        "  self_harm: {clause: '4.16', level: 4}\n"
        "  whittling:\n"
        "    {clause: '3.14', level: 3, title: Whittles, about: [behaviour], harm: true,"
        " phrases: ['whittl*']}\n"
    )
    return made


@pytest.fixture(scope="module")
def packs(folder: Path) -> PackSet:
    return load_packs(folder)


def tried(packs: PackSet, *records: object) -> list[Any]:
    return list(try_all(records, packs.version("walsall", "2027.1"), packs))


def test_who_would_change_and_why(packs: PackSet) -> None:
    first, second = tried(packs, SELF_HARM, QUIET)
    assert (first.version, first.changes, second.changes) == ("2018.1", True, False)
    answer = explained(first)
    assert (answer["from"]["rag"], answer["to"]["rag"]) == ("amber", "red")
    assert answer["children"] == [{"child": 1, "from": "amber", "to": "red"}]
    assert answer["placed_elsewhere"] == [
        {
            "indicator": "self_harm",
            "from": place("3.8", 3, "amber", "standard"),
            "to": place("4.16", 4, "red", "same_day"),
        }
    ]


def place(clause: str, level: int, rag: str, urgency: str) -> dict[str, Any]:
    return {"clause": clause, "level": level, "hard": False, "rag": rag, "urgency": urgency}


def test_a_sign_that_gets_another_colour_where_it_is_says_why(packs: PackSet) -> None:
    old = packs.version("walsall", "2018.1")
    rating = old.rating.model_copy(update={"colours": (ColourRule(rag=Rag.RED),)})
    new = old.model_copy(update={"rating": rating})
    (found,) = try_all([QUIET], new, packs, old)
    assert explained(found)["placed_elsewhere"] == [
        {
            "indicator": "attendance_slipping",
            "from": place("2.4", 2, "green", "standard"),
            "to": place("2.4", 2, "red", "same_day"),
        }
    ]


def test_texts_are_read_again_under_the_new_version(packs: PackSet) -> None:
    (found,) = tried(packs, {"narrative": "He was whittling in the yard at school."})
    assert [each["indicator"] for each in explained(found)["now"]] == ["whittling"]


def test_nothing_of_the_referral_is_repeated(packs: PackSet) -> None:
    (found,) = tried(packs, SELF_HARM)
    told = json.dumps(explained(found))
    assert not any(word in told for word in ("Invented", "Friday", "brother", "2004"))


def test_a_version_tried_against_itself_changes_nothing(packs: PackSet) -> None:
    new = packs.version("walsall", "2027.1")
    assert not any(each.changes for each in try_all([SELF_HARM, QUIET], new, packs, new))
    assert reads_alike(new, new)
    assert not reads_alike(packs.version("walsall", "2018.1"), new)


def test_what_cannot_be_rated_is_counted_and_stops_nothing(packs: PackSet) -> None:
    summary = Summary()
    records = [None, [], {}, {"narrative": "hm", "received_on": "1999-01-01"}, SELF_HARM]
    for each in tried(packs, *records):
        summary.count(each)
    assert summary.shown() == {
        "referrals": 5,
        "would_change": 1,
        "raised": 1,
        "lowered": 0,
        "moves": {"amber to red": 1},
        "not_rated": {"no_version_then": 1, "not_an_object": 2, "nothing_to_assess": 1},
    }


def test_the_command_says_it_in_lines_and_touches_nothing(folder: Path, tmp_path: Path) -> None:
    past = tmp_path / "past.jsonl"
    past.write_text(f"{json.dumps(SELF_HARM)}\n\nno json\n{json.dumps(QUIET)}\n")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    arguments = ["try", str(past), "--authority", "walsall", "--packs", str(folder)]
    answer = CliRunner().invoke(policy, [*arguments, "--version", "2027.1"])
    lines = [json.loads(line) for line in answer.output.splitlines()]
    assert answer.exit_code == 0
    assert [line.get("referral") for line in lines] == [1, None]
    assert lines[-1]["not_rated"] == {"not_an_object": 1}
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    refused = CliRunner().invoke(policy, [*arguments, "--version", "2099.1"])
    assert refused.exit_code == 1
    assert "2099.1" in refused.output


def test_ten_thousand_fit_in_half_a_minute(packs: PackSet) -> None:
    records = [SELF_HARM, QUIET] * 150
    began = time.process_time()
    assert sum(each.changes for each in tried(packs, *records)) == 150
    # Of this process's own work, with room for a slow machine: 10,000 in 30 seconds is 3 ms each.
    assert (time.process_time() - began) / len(records) < 0.003 * 3
