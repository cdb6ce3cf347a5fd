"""Whom each value of a form is about, before a copy of it is given to anybody."""

from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.intake.access.marking import About, lines
from services.intake.people.records import member_id

REFERRAL, ME, SISTER = UUID(int=9), UUID(int=1), UUID(int=2)
FORM: dict[str, Any] = {
    "authority": "warwickshire",
    "request": "assessment",
    "referrer": {"name": "Hannah Testley", "email": "h.testley@testwood.school.example"},
    "children": [
        {"child_id": str(ME), "given_name": "Callum", "also_known_as": ["Cal"]},
        {"child_id": str(SISTER), "given_name": "Elsie", "address": {"postcode": "CV32 9ZA"}},
    ],
    "household": [{"name": "Kerry Testwood", "relationship": "mother"}],
    "alleged_perpetrators": [{"name": "Gideon Fairbrook"}],
    "narrative": "He says that Gideon hit Elsie.",
    "going_well": "",
    "immediate_danger": False,
}


def about(pointer: str) -> About:
    (found,) = [line.about for line in lines(FORM, REFERRAL, {ME}) if line.pointer == pointer]
    return found


def test_only_what_is_about_the_person_alone_goes_unmarked() -> None:
    unmarked = {line.pointer for line in lines(FORM, REFERRAL, {ME}) if not line.redact}
    assert unmarked == {
        "/authority",
        "/request",
        "/immediate_danger",
        "/children/0/child_id",
        "/children/0/given_name",
        "/children/0/also_known_as/0",
    }


def test_a_parent_who_asks_is_no_third_party_and_their_children_are() -> None:
    mother = member_id(REFERRAL, 0, FORM["household"][0])
    unmarked = {line.pointer for line in lines(FORM, REFERRAL, {mother}) if not line.redact}
    assert {one for one in unmarked if one.startswith(("/children", "/household"))} == {
        "/household/0/name",
        "/household/0/relationship",
    }
    nobody = {"children": [{"given_name": "Elsie"}]}
    assert all(line.redact for line in lines(nobody, REFERRAL, {mother}))


def test_others_the_referrer_and_free_text_are_told_apart() -> None:
    assert about("/children/1/address/postcode") is About.THIRD_PARTY
    assert about("/household/0/name") is About.THIRD_PARTY
    assert about("/alleged_perpetrators/0/name") is About.THIRD_PARTY
    assert about("/referrer/email") is About.REFERRER
    assert about("/narrative") is About.ANYBODY


VALUES = st.recursive(
    st.text(min_size=1) | st.integers() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", min_size=1), inner),
    max_leaves=8,
)


@given(st.text("abcdef_", min_size=1), VALUES)
def test_a_field_that_nobody_thought_of_is_marked(name: str, value: Any) -> None:
    assert all(line.redact for line in lines({f"x_{name}": value}, REFERRAL, {ME}))
