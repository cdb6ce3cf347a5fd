"""Days announced after the packs were written."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from frontdoor.commandline import main
from policy.announced import EVERYWHERE, read_announced
from policy.loading import PackError, load_packs
from tests.shipped import SHIPPED

DAY = date(2026, 5, 8)


def announce(folder: Path, *words: str) -> str:
    found = CliRunner().invoke(main, ["calendar", "announce", "--data", str(folder), *words])
    return found.output


def test_a_bank_holiday_holds_everywhere_and_a_closure_for_one_hub(tmp_path: Path) -> None:
    assert "Start Frontdoor again" in announce(tmp_path, "2026-05-08", "Victory Day")
    announce(tmp_path, "2026-05-11", "Moving house", "--authority", "walsall", "--closure")
    packs = load_packs(announced=tmp_path / "calendar.yaml").packs
    for versions in packs.values():
        assert all(pack.hours.bank_holidays[DAY] == "Victory Day" for pack in versions)
    closed = {name for name, each in packs.items() if date(2026, 5, 11) in each[-1].hours.closures}
    assert closed == {"walsall"}
    # What the pack had closed itself stays closed.
    assert date(2018, 12, 27) in packs["walsall"][-1].hours.closures
    assert packs["walsall"][-1].calendar.version != SHIPPED.packs["walsall"][-1].calendar.version


def test_what_was_announced_is_listed_by_day(tmp_path: Path) -> None:
    announce(tmp_path, "2026-05-11", "Moving house", "--authority", "walsall", "--closure")
    announce(tmp_path, "2026-05-08", "Victory Day")
    found = CliRunner().invoke(main, ["calendar", "list", "--data", str(tmp_path)])
    assert found.output.splitlines() == [
        f"2026-05-08 {EVERYWHERE}, bank holiday: Victory Day",
        "2026-05-11 walsall, closure: Moving house",
    ]


def test_an_authority_without_a_pack_and_a_hub_that_never_opens_are_refused(
    tmp_path: Path,
) -> None:
    assert "no pack for 'atlantis'" in announce(
        tmp_path, "2026-05-08", "Day", "--authority", "atlantis"
    )
    days = {date.fromordinal(DAY.toordinal() + number): "Shut" for number in range(40)}
    lines = "".join(f"    {day}: {name}\n" for day, name in days.items())
    (tmp_path / "calendar.yaml").write_text(f"walsall:\n  closures:\n{lines}")
    with pytest.raises(PackError, match="closed for over three weeks"):
        load_packs(announced=tmp_path / "calendar.yaml")
    assert "closed for over three weeks" in announce(tmp_path, "2026-05-07", "Day")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("walsall: {holidays: {2026-05-08: Day}}", "walsall.holidays"),
        ("walsall: {closures: {tomorrow: Day}}", "walsall.closures.tomorrow"),
        ("- 2026-05-08", "must name authorities"),
        ("a: [", "is no YAML"),
    ],
)
def test_a_file_that_is_none_is_explained(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "calendar.yaml"
    path.write_text(text)
    with pytest.raises(PackError, match=message):
        read_announced(path)
