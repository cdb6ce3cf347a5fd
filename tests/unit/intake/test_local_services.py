"""Reading directories in Open Referral UK's form, and what is said of their services."""

import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

import services.intake.directory as package
from policy.local_services import in_words
from services.intake.directory.domain import Entry, shown
from services.intake.directory.reading import NotADirectory, entries, entry

SAMPLE = Path(package.__file__).parent / "sample.json"
TODAY = date(2026, 3, 5)


def test_the_sample_that_ships_is_read() -> None:
    talking, kitchen, door, club = (one for one in entries(SAMPLE) if one)
    assert (talking.minimum_age, talking.maximum_age) == (8, 17)
    assert "bereavement" in talking.needs
    assert talking.areas == ("E05099901",)
    assert talking.description == (
        "Counselling for children and young people who have lost somebody."
    )
    assert (kitchen.telephone, kitchen.checked_on) == ("01632 960334", date(2023, 3, 15))
    assert (door.minimum_age, door.needs) == (18, ("domestic_abuse",))
    assert not club.open


def test_the_tables_of_a_data_package_are_joined(tmp_path: Path) -> None:
    tables = {
        "services.csv": "id,organization_id,name,status\ns1,o1,Mock Grief Group,active\n,o1,Nobody,\n",
        "organizations.csv": "id,name\no1,Mock Trust\n",
        "phones.csv": "id,service_id,number\np1,s1,01632 960336\n",
        "service_areas.csv": "id,service_id,extent\na1,s1,E07000222\n",
        "eligibilities.csv": "id,service_id,minimum_age,maximum_age\ne1,s1,5,11.0\n",
        "attributes.csv": "id,link_id,taxonomy_term_id\nt1,s1,b\n",
        "taxonomy_terms.csv": "id,name\nb,Bereavement\n",
    }
    for name, text in tables.items():
        (tmp_path / name).write_text(text)
    one, nameless = entries(tmp_path)
    assert nameless is None
    assert one == Entry(
        source_id="s1",
        name="Mock Grief Group",
        organisation="Mock Trust",
        telephone="01632 960336",
        minimum_age=5,
        maximum_age=11,
        needs=("bereavement",),
        areas=("E07000222",),
    )


@pytest.mark.parametrize("text", ["", "[", "{}", '{"contents": 3}', '"services"'])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "feed.json").write_text(text)
    with pytest.raises(NotADirectory):
        list(entries(tmp_path / "feed.json"))
    with pytest.raises(NotADirectory):
        list(entries(tmp_path))


_JSON = some.recursive(
    some.none() | some.booleans() | some.floats() | some.text(max_size=5),
    lambda held: (
        some.lists(held, max_size=3)
        | some.dictionaries(
            some.sampled_from(
                [
                    "id",
                    "name",
                    "phones",
                    "minimum_age",
                    "eligibilitys",
                    "organization",
                    "attributes",
                ]
            ),
            held,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(_JSON)
def test_whatever_a_feed_says_is_an_entry_or_none(said: Any) -> None:
    found = entry(json.loads(json.dumps(said)))
    assert found is None or (found.source_id and found.name)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://mock.example", 7])
def test_no_page_that_runs_a_script(url: Any) -> None:
    found = entry({"id": "1", "name": "Mock", "url": url})
    assert found is not None
    assert found.url is None


def test_where_a_service_is_there_for() -> None:
    def area(*places: dict[str, str]) -> str | None:
        found = entry({"id": "1", "name": "Mock", "service_areas": list(places)})
        assert found is not None
        return found.area

    assert area({"extent": "E07000222"}, {"name": "E05099901"}) is None
    assert area({"name": "Rugby"}, {"service_area": "Leamington"}, {"name": "Rugby"}) == (
        "Rugby, Leamington"
    )
    many = area(*({"name": f"Ward {one}"} for one in range(9)))
    assert many == "Ward 0, Ward 1, Ward 2, Ward 3 and 5 more places"


@pytest.mark.parametrize(
    ("checked", "is_open", "warned"),
    [
        (date(2025, 3, 6), True, None),
        (date(2025, 3, 4), True, "since 4 March 2025"),
        (None, True, "at any time"),
        (date(2026, 3, 1), False, "has ended"),
    ],
)
def test_what_is_stale_says_so(checked: date | None, is_open: bool, warned: str | None) -> None:
    said = shown(UUID(int=1), Entry("1", "Mock", checked_on=checked, open=is_open), TODAY)
    assert warned in said["warning"] if warned else said["warning"] is None


def test_a_decision_says_how_to_get_in_touch() -> None:
    (talking, *_) = (one for one in entries(SAMPLE) if one)
    said = shown(UUID(int=1), talking, TODAY)
    assert in_words(said) == (
        "Get in touch with Talking Place (Mock Trust), for ages 8 to 17, in Invented ward. A parent, a "
        "school or the young person telephones. No letter is needed. Telephone 01632 960333."
    )
    long = in_words({**said, "how_to_join": "Ring us. " * 200})
    assert len(long) <= 500
    assert long.endswith("Telephone 01632 960333.")
