"""What is wrong with a pack is said with file and line."""

import shutil
from pathlib import Path

import pytest

from policy.checking import check
from policy.loading import PACKS, PackError, load_packs
from policy.sources import PackProblem


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of one authority's pack and of what it includes, to be spoilt."""
    for part in ("shared", "walsall"):
        shutil.copytree(PACKS / part, tmp_path / part)
    return tmp_path


def spoil(folder: Path, file: str, text: str) -> tuple[str, int]:
    """Append to a file; answers its name and the first line that was added."""
    path = folder / file
    before = path.read_text() if path.exists() else ""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(before + text)
    return file, before.count("\n") + 1


def problems(folder: Path) -> tuple[PackProblem, ...]:
    with pytest.raises(PackError) as caught:
        load_packs(folder)
    return caught.value.problems


OWN = "walsall/2018.1/own.yaml"


@pytest.mark.parametrize(
    ("text", "line", "path", "message"),
    [
        ("colour: blue\n", 1, "colour", "there is no such key"),
        (
            "indicators:\n  new:\n    {clause: '2.5', level: 2, title: New, colour: blue}\n",
            3,
            "indicators.new.colour",
            "there is no such key",
        ),
        ("indicators:\n  new: {level: 2, title: New}\n", 2, "indicators.new.clause", "is missing"),
        (
            "indicators:\n  new:\n    level: 2\n    title: New\n    clause: '9.9'\n",
            5,
            "indicators.new.clause",
            "there is no clause '9.9'",
        ),
        (
            "indicators:\n  new:\n    {clause: '2.5', level: 3, title: New}\n",
            3,
            "indicators.new.level",
            "clause '2.5' is of level 2",
        ),
        (
            "indicators:\n  behaviour_some:\n    about: [behaviour, sorcery]\n",
            3,
            "indicators.behaviour_some.about",
            "unknown concern code 'sorcery'",
        ),
        (
            "indicators:\n  new:\n    clause: '2.5'\n    level: 2\n    title: New\n    ticked:\n"
            "      sorcery: some\n",
            7,
            "indicators.new.ticked.sorcery",
            "unknown concern code 'sorcery'",
        ),
        (
            "indicators:\n  behaviour_some:\n    phrases:\n    - child:LOW\n    - NO_SUCH + LOW\n",
            5,
            "indicators.behaviour_some.phrases.1",
            "there is no 'NO_SUCH' in the lexicon",
        ),
        (
            "families:\n  NEW_TOLD: a word, (hit|kicked him\n",
            2,
            "families.NEW_TOLD",
            "'(hit|kicked him' cannot be understood",
        ),
        (
            "indicators:\n  behaviour_some:\n    phrases:\n    - LOW + LOW LOW\n",
            4,
            "indicators.behaviour_some.phrases.0",
            "cannot be understood",
        ),
        (
            "indicators:\n  sexual_abuse:\n    milder: behaviour_some\n",
            3,
            "indicators.sexual_abuse.milder",
            "nothing lowers a hard rule",
        ),
        (
            "indicators:\n  sexual_abuse:\n    past: nothing\n",
            3,
            "indicators.sexual_abuse.past",
            "harm of the past is not nothing",
        ),
        (
            "combinations:\n  new:\n    indicator: no_such\n    all_of: [neglect]\n",
            3,
            "combinations.new.indicator",
            "there is no indicator 'no_such'",
        ),
        (
            "combinations:\n  new:\n    indicator: many_needs\n    all_of:\n    - sorcery\n",
            5,
            "combinations.new.all_of.0",
            "unknown concern code 'sorcery'",
        ),
        (
            "discussions:\n  attend:\n    domestic_abuse_triage:\n    - police\n    - coven\n",
            5,
            "discussions.attend.domestic_abuse_triage.1",
            "there is no agency 'coven'",
        ),
        (
            "history:\n  referred_before:\n    indicator: no_such\n",
            3,
            "history.referred_before.indicator",
            "there is no indicator 'no_such'",
        ),
        (
            "rating:\n  floors:\n    unread_text: behaviour_some\n",
            3,
            "rating.floors.unread_text",
            "a text that was not read is never Green",
        ),
        ("valid_from: tomorrow\n", 1, "valid_from", ""),
        (
            "words:\n  panel: x\nvalid_until: 2017-06-30\n",
            3,
            "valid_until",
            "ends before it begins",
        ),
        (
            "indicators:\n  baby_hurt:\n    ages: {under_1: physical_abuse}\n"
            "  physical_abuse:\n    ages: {under_1: baby_hurt}\n",
            3,
            "indicators.baby_hurt.ages.under_1",
            "leads back to itself: baby_hurt -> physical_abuse -> baby_hurt",
        ),
        (
            "indicators:\n  online_risk:\n    # softened into itself\n    milder: online_risk\n",
            4,
            "indicators.online_risk.milder",
            "leads back to itself: online_risk -> online_risk",
        ),
        (
            "indicators:\n  child_low:\n    stronger: bereaved\n  bereaved:\n"
            "    stronger: child_low\n",
            5,
            "indicators.bereaved.stronger",
            "leads back to itself: bereaved -> child_low -> bereaved",
        ),
        (
            "clocks:\n  rules:\n    plan:\n      stops_on: []\n",
            3,
            "clocks.rules.plan",
            "starts and never stops",
        ),
        (
            "clocks:\n  rules:\n    plan:\n      stops_on: ['case.milestone_recorded:plam']\n",
            4,
            "clocks.rules.plan.stops_on.0",
            "never carries 'plam'",
        ),
        (
            "clocks:\n  rules:\n    plan:\n      stops_on: [case.finished]\n",
            4,
            "clocks.rules.plan.stops_on.0",
            "there is no event 'case.finished'",
        ),
    ],
)
def test_a_problem_is_named_with_its_line(
    folder: Path, text: str, line: int, path: str, message: str
) -> None:
    file, _ = spoil(folder, OWN, text)
    # The folder's last file wins: `zz` would be read last, `own` is read before pack.yaml.
    if path == "valid_from":
        (folder / file).rename(folder / "walsall/2018.1/zz.yaml")
        file = "walsall/2018.1/zz.yaml"
    found = problems(folder)
    assert [(each.file, each.line, each.path) for each in found] == [(file, line, path)]
    assert message in found[0].message
    assert str(found[0]).startswith(f"{file}:{line}: {path}: ")


def test_all_problems_are_told_at_once(folder: Path) -> None:
    spoil(folder, OWN, "colour: blue\nindicators:\n  a: {level: 2, title: A}\n")
    assert len(problems(folder)) == 2


def test_an_unknown_include_is_named(folder: Path) -> None:
    spoil(folder, OWN, "# a word first\ninclude:\n- shared/2018.1\n- shared/2099.1\n")
    assert [(each.file, each.line) for each in problems(folder)] == [(OWN, 4)]


@pytest.mark.parametrize("include", ["../../etc", "/etc", "shared/2018.1/../../../outside"])
def test_an_include_stays_inside_the_folder_of_packs(folder: Path, include: str) -> None:
    spoil(folder, OWN, f"include: ['{include}']\n")
    assert "nothing to include" in problems(folder)[0].message


def test_a_circle_of_includes_is_named(folder: Path) -> None:
    spoil(folder, "shared/circle/a.yaml", "include: [shared/circle/b.yaml]\n")
    spoil(folder, "shared/circle/b.yaml", "include: [shared/circle/a]\n")
    spoil(folder, OWN, "include: [shared/circle]\n")
    found = problems(folder)
    assert found[0].line == 1
    assert "includes itself" in found[0].message


@pytest.mark.parametrize(("text", "line"), [("a: [1\nb: 2\n", 2), ("- a\n", 1), ("\t\n", 1)])
def test_what_is_no_yaml_mapping_is_named(folder: Path, text: str, line: int) -> None:
    spoil(folder, OWN, text)
    found = problems(folder)
    assert (found[0].file, found[0].line) == (OWN, line)


def test_two_versions_may_not_begin_on_one_day(folder: Path) -> None:
    shutil.copytree(folder / "walsall/2018.1", folder / "walsall/2019.1")
    pack = folder / "walsall/2019.1/pack.yaml"
    pack.write_text(pack.read_text().replace('2018.1"', '2019.1"'))
    found = problems(folder)
    assert found[0].file == "walsall/2019.1/pack.yaml"
    assert found[0].message == "begins on the same day as version 2018.1"


def test_versions_may_not_overlap(folder: Path) -> None:
    shutil.copytree(folder / "walsall/2018.1", folder / "walsall/2019.1")
    spoil(folder, "walsall/2018.1/pack.yaml", "valid_until: 2019-06-30\n")
    pack = folder / "walsall/2019.1/pack.yaml"
    pack.write_text(
        pack.read_text().replace('2018.1"', '2019.1"').replace("2018-01-01", "2019-06-30")
    )
    assert problems(folder)[0].message == "begins before version 2018.1 ends"
    pack.write_text(pack.read_text().replace("2019-06-30", "2019-07-01"))
    assert [each.version for each in load_packs(folder).packs["walsall"]] == ["2018.1", "2019.1"]


def test_a_version_stands_in_its_own_folder(folder: Path) -> None:
    (folder / "walsall/2018.1").rename(folder / "walsall/2020.1")
    assert problems(folder)[0].path == "version"


def test_a_key_written_twice_is_found_by_the_check(folder: Path) -> None:
    spoil(folder, OWN, "words:\n  panel: one\n  panel: two\n")
    assert [(each.file, each.line, each.message) for each in check(folder)] == [
        (OWN, 3, "is written twice")
    ]


def test_an_address_for_alerts_is_checked(folder: Path) -> None:
    spoil(folder, OWN, "messages:\n  alerts:\n    duty: duty at walsall\n")
    (problem,) = problems(folder)
    assert (problem.line, problem.path) == (3, "messages.alerts.duty")
    assert "is not an email address" in problem.message


def test_a_pack_that_alerts_nobody_loads_and_is_found_by_the_check(folder: Path) -> None:
    spoil(folder, OWN, "messages:\n  alerts: null\n")
    path = folder / "walsall/2018.1/messages.yaml"
    path.write_text(path.read_text().partition("  alerts:")[0])
    assert load_packs(folder).version("walsall", "2018.1").messages.alerts is None
    assert [(each.file, each.path) for each in check(folder)] == [(OWN, "messages.alerts")]


def test_an_authority_without_a_pack_is_named(folder: Path) -> None:
    with pytest.raises(PackError, match="atlantis"):
        load_packs(folder, authorities=["walsall", "atlantis"])


def test_a_folder_without_packs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no pack in this folder"):
        load_packs(tmp_path)


def test_an_authority_can_change_add_and_remove_what_it_includes(folder: Path) -> None:
    spoil(
        folder,
        OWN,
        "indicators:\n  young_carer: {title: Ours}\nremove:\n"
        "  indicators: [provocative, lives_with_others]\n",
    )
    pack = load_packs(folder).version("walsall", "2018.1")
    assert pack.indicators["young_carer"].title == "Ours"
    assert pack.indicators["young_carer"].clause == "3.24"
    assert "lives_with_others" not in pack.indicators
