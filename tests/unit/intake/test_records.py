"""Whom a form is about, as they are looked up: everybody on it once, a confidential address never."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic_core import to_json

from contracts.form import ReferralForm
from policy.loading import PackSet
from policy.matching import MatchingSection
from services.intake.people.matches import Role
from services.intake.people.records import Record, opened, records_of, sealed_form, shown
from tests.journey.forms import child, form

REFERRAL = UUID(int=7)
NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def matching(packs: PackSet) -> MatchingSection:
    return packs.packs["warwickshire"][-1].matching


def read(matching: MatchingSection, **said: Any) -> list[Record]:
    document = ReferralForm.model_validate(form(**said)).model_dump(mode="json")
    for place, one in enumerate(document["children"]):
        one["child_id"] = str(UUID(int=100 + place))
    return list(records_of(to_json(document).decode(), REFERRAL, NOW, matching))


def test_children_household_and_adults_are_looked_up(matching: MatchingSection) -> None:
    people = read(
        matching,
        household=[
            {"name": "Kerry Testwood", "relationship": "mother"},
            {"name": "Oscar Testwood", "relationship": "brother"},
            {"name": "unknown", "relationship": "father"},
        ],
    )
    assert [one.role for one in people] == [Role.CHILD, Role.ADULT, Role.OTHER_CHILD]
    assert people[1].person.postcode == people[0].person.postcode == "CV32 9ZA"
    again = read(matching, household=[{"name": "Kerry Testwood", "relationship": "mother"}])
    assert again[1].person_id == people[1].person_id


def test_who_lives_elsewhere_is_not_looked_up_at_the_childrens_home(
    matching: MatchingSection,
) -> None:
    people = read(
        matching,
        household=[
            {"name": "Lee Testwood", "relationship": "father", "lives_with_children": "no"},
            {"name": "Jo Mockley", "relationship": "aunt", "address": {"postcode": "WS1 1AA"}},
        ],
    )
    assert [one.person.postcode for one in people[1:]] == [None, "WS1 1AA"]


def test_a_confidential_address_takes_no_part(matching: MatchingSection) -> None:
    hidden = {"lines": ["4 Sample Court"], "postcode": "CV32 9ZA", "confidential": True}
    for one in read(matching, children=[child(address=hidden)]):
        assert one.person.postcode is None
        assert one.person.line is None


def test_no_fixed_abode_is_nobodys_home(matching: MatchingSection) -> None:
    (one, _) = read(matching, children=[child(address={"postcode": "ZZ99 3VZ"})])
    assert one.person.postcode is None


def test_a_person_is_read_as_they_were_sealed(matching: MatchingSection) -> None:
    for one in read(matching):
        assert opened(sealed_form(one.person)) == one.person
        assert "postcode" not in shown(one.person)
