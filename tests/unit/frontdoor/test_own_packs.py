"""A council with packs of its own: commands know them as the house does."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import frontdoor.commands
from frontdoor.commands.policy import assess, policy
from policy.loading import PACKS


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(PACKS / "shared", tmp_path / "shared")
    shutil.copytree(PACKS / "walsall", tmp_path / "inventshire")
    pack = tmp_path / "inventshire" / "2018.1" / "pack.yaml"
    pack.write_text(pack.read_text().replace("authority: walsall", "authority: inventshire"))
    monkeypatch.setenv("FRONTDOOR_PACKS", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("own")
def test_a_pack_of_the_installation_is_known_without_being_named() -> None:
    due = ["due", "--authority", "inventshire", "--start", "2026-04-02T15:00"]
    answer = CliRunner().invoke(policy, [*due, "--amount", "1", "--unit", "working_days"])
    assert json.loads(answer.output)["due_at"].startswith("2026-04-07T14:00")
    rated = CliRunner().invoke(
        assess, ["--authority", "inventshire"], input='{"narrative": "He was hit with a belt."}\n'
    )
    assert json.loads(rated.output)["rag"] == "red"
    gone = CliRunner().invoke(assess, ["--authority", "walsall"])
    assert "there are inventshire" in gone.output


def test_no_command_takes_the_shipped_packs_for_the_installations() -> None:
    folder = Path(frontdoor.commands.__file__).parent
    assert [path.name for path in folder.glob("*.py") if "load_packs()" in path.read_text()] == []
