"""Released versions stay as they were; packs keep to their written schema."""

import shutil
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from frontdoor.commands.policy import policy
from policy.checking import check
from policy.loading import PACKS
from policy.releasing import plain
from policy.schema import schema
from policy.sources import Sources


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    folder = tmp_path / "packs"
    for name in ("shared", "walsall"):
        shutil.copytree(PACKS / name, folder / name)
    return folder


def release(folder: Path) -> None:
    done = CliRunner().invoke(policy, ["release", "walsall@2018.1", str(folder)])
    assert done.exit_code == 0, done.output


def test_a_released_version_that_changes_is_told_of(packs: Path) -> None:
    release(packs)
    assert check(packs) == ()
    hours = packs / "walsall" / "2018.1" / "clocks.yaml"
    hours.write_text(hours.read_text().replace("5 working days", "4 working days"))
    (problem,) = check(packs)
    assert "has changed since it was released" in problem.message
    again = CliRunner().invoke(policy, ["release", "walsall@2018.1", str(packs)])
    assert again.exit_code == 1


def test_a_change_to_an_included_file_is_a_change(packs: Path) -> None:
    release(packs)
    shared = packs / "shared" / "2018.1" / "clauses.yaml"
    shared.write_text(shared.read_text().replace("title: ", "title: Some ", 1))
    assert any("since it was released" in one.message for one in check(packs))


def test_a_comment_and_the_order_of_keys_are_no_change(packs: Path) -> None:
    release(packs)
    pack = packs / "walsall" / "2018.1" / "pack.yaml"
    pack.write_text(pack.read_text() + "# Nothing new.\n")
    assert check(packs) == ()


def test_a_released_version_that_is_gone_is_told_of(packs: Path) -> None:
    release(packs)
    shutil.rmtree(packs / "walsall")
    assert any("is not here" in one.message for one in check(packs))


def test_every_pack_keeps_to_the_written_schema() -> None:
    checker = jsonschema.Draft202012Validator(schema())
    sources = Sources(PACKS.resolve())
    seen = 0
    for folder in sorted(PACKS.glob("*/*")):
        if not folder.is_dir() or folder.parent.name == "shared":
            continue
        content, _ = sources.merged(folder)
        assert [error.message for error in checker.iter_errors(plain(content))] == []
        seen += 1
    assert seen >= 5
