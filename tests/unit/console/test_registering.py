"""The form of one worker on the register."""

from datetime import date

import pytest

from policy.loading import load_packs
from policy.pack import Pack
from services.console.forms import Typed
from services.console.registering import body, choices, code, kept

ADA = {
    "name": "Ada Testwell", "agency": "school", "team": "schools_that_lead", "hours": 18.5,
    "leads_up_to": 2, "skills": ["young_carer"], "localities": ["rugby"], "wards": [],
    "school_clusters": ["rugby_schools"],
}  # fmt: skip


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_packs(authorities=["warwickshire"]).current("warwickshire", date(2026, 3, 5))


def test_everything_is_chosen_by_name(pack: Pack) -> None:
    found = {
        name: {one["value"]: one["text"] for one in items}
        for name, items in choices(pack, Typed(kept(ADA))).items()
    }
    assert found["skills"] == {
        "early_help": "Early help", "early_years": "Early years", "school": "School",
        "social_work": "Social work", "young_carer": "Young carer",
    }  # fmt: skip
    assert found["school_clusters"]["rugby_schools"] == "Rugby schools"
    assert found["wards"] == {"Exhall": "Exhall", "Fillongley": "Fillongley"}
    assert list(found["levels"]) == ["", "1", "2", "3", "4"]
    assert "young_carer" not in str(choices(pack, Typed()))


def test_what_is_kept_comes_back_as_it_was() -> None:
    assert body(Typed(kept(ADA))) == {**ADA, "hours": "18.5", "leads_up_to": "2"}


def test_a_code_is_one_that_lists_use() -> None:
    assert code(Typed({"code": [" W-17 "]})) == "W-17"
    assert not code(Typed({"code": ["W 17/x"]}))
