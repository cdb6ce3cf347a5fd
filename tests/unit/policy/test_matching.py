"""Comparing people: what agrees, in which order it does not matter, and who is never linked
without a person."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.loading import PackSet
from policy.matching import (
    MatchingSection,
    Person,
    State,
    block_keys,
    compare,
    judge,
    plain_name,
    twins,
)
from policy.matching.section import LEVELS

BORN = date(2017, 3, 4)
NUMBER = "9990000476"


@pytest.fixture(scope="module")
def matching(packs: PackSet) -> MatchingSection:
    return packs.packs["warwickshire"][-1].matching


def person(given: str | None = "Callum", family: str | None = "Testwood", **said: object) -> Person:
    rest: dict[str, object] = {
        "lines": ["4 Sample Court"],
        "born": BORN,
        "sex": "M",
        "postcode": "CV32 9ZA",
        **said,
    }
    return Person.named(given, family, **rest)  # type: ignore[arg-type]


NAMES = ("Callum", "Calum", "Cal", "Oscar", "Katherine", "Kate", "Mary Ann", "Zoë", "Baby", "")
FAMILIES = ("Testwood", "Testwod", "Mockley", "Testwood-Mockley", "O'Sample", "")
people = st.builds(
    person,
    given=st.sampled_from(NAMES),
    family=st.sampled_from(FAMILIES),
    also_known_as=st.lists(st.sampled_from(("Cal Mockley", "Kit", "Kate Testwood")), max_size=2),
    born=st.none() | st.dates(date(2010, 1, 1), date(2019, 12, 31)) | st.just(BORN),
    expected=st.none() | st.just(date(2017, 3, 20)),
    sex=st.sampled_from(("M", "F", "U", None)),
    postcode=st.sampled_from(("CV32 9ZA", "CV32 9ZB", "WS1 1AA", None)),
    lines=st.sampled_from((["4 Sample Court"], ["4, Sample Crt"], ["9 Mock Way"], [])),
    nhs_number=st.sampled_from((NUMBER, "9990000468", None)),
    upn=st.sampled_from(("A823432100001", None)),
    adult=st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(people, people)
def test_it_does_not_matter_who_is_compared_with_whom(
    matching: MatchingSection, one: Person, other: Person
) -> None:
    there, back = compare(one, other, matching), compare(other, one, matching)
    assert there.levels == back.levels
    assert there.bits == pytest.approx(back.bits)
    assert judge(one, other, there, matching) == judge(other, one, back, matching)


@settings(max_examples=300, deadline=None)
@given(people, people)
def test_nobody_is_linked_without_a_number_and_something_that_agrees(
    matching: MatchingSection, one: Person, other: Person
) -> None:
    compared = compare(one, other, matching)
    verdict = judge(one, other, compared, matching)
    if verdict is not None and verdict.state is State.LINKED:
        assert compared.number_same
        assert compared.name_agrees or compared.birth_agrees
        assert not twins(compared)
        assert not one.adult


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([("Callum", "Oscar"), ("Mary", "Kate"), ("Ali", "Zoë"), ("Tom", "Ben")]),
    st.dates(date(2005, 1, 1), date(2025, 12, 31)),
    st.booleans(),
    st.booleans(),
)
def test_twins_are_never_linked_whatever_numbers_they_were_given(
    matching: MatchingSection, names: tuple[str, str], born: date, nhs: bool, upn: bool
) -> None:
    shared = {"nhs_number": NUMBER if nhs else None, "upn": "A823432100001" if upn else None}
    one, other = (person(name, born=born, **shared) for name in names)
    verdict = judge(one, other, compare(one, other, matching), matching)
    if nhs or upn:
        assert verdict is not None
        assert verdict.state is State.CANDIDATE
        assert "may_be_twins" in verdict.reasons
    else:
        assert verdict is None


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"given": "Calum"}, "given_nickname"),
        ({"given": "Cal"}, "given_nickname"),
        ({"given": "Callumn"}, "given_similar"),
        ({"family": "Testwod"}, "family_similar"),
        ({"family": "Testwood-Mockley"}, "family_part"),
        ({"given": "Testwood", "family": "Callum"}, "names_swapped"),
        ({"born": date(2017, 4, 3)}, "birth_swapped"),
        ({"born": date(2017, 3, 14)}, "birth_digit"),
        ({"postcode": "CV32 9ZB"}, "home_same"),
        ({"lines": []}, "home_postcode"),
        ({"given": "Oscar", "also_known_as": ["Callum"]}, "given_nickname"),
    ],
)
def test_another_way_of_writing_is_a_candidate_and_shares_a_key(
    matching: MatchingSection, said: dict[str, object], reason: str
) -> None:
    one, other = person(), person(**said)  # type: ignore[arg-type]
    assert set(block_keys(one, matching)) & set(block_keys(other, matching))
    verdict = judge(one, other, compare(one, other, matching), matching)
    assert verdict is not None
    assert verdict.state is State.CANDIDATE
    assert reason in verdict.reasons
    assert verdict.score > 0.9


def test_an_identical_number_with_an_agreeing_birth_date_links(matching: MatchingSection) -> None:
    one = person(nhs_number=NUMBER)
    other = person("Calum", "Mockley", nhs_number=NUMBER, postcode="WS1 1AA", lines=["9 Mock Way"])
    verdict = judge(one, other, compare(one, other, matching), matching)
    assert verdict is not None
    assert verdict.state is State.LINKED


def test_a_number_alone_is_for_a_person_to_look_at(matching: MatchingSection) -> None:
    one = person(nhs_number=NUMBER)
    other = person("Zara", "Mockley", nhs_number=NUMBER, born=date(2011, 9, 9), postcode="WS1 1AA")
    verdict = judge(one, other, compare(one, other, matching), matching)
    assert verdict is not None
    assert verdict.state is State.CANDIDATE


def test_a_brother_is_no_candidate(matching: MatchingSection) -> None:
    one, other = person(), person("Oscar", born=date(2014, 8, 1))
    assert judge(one, other, compare(one, other, matching), matching) is None


def test_a_born_baby_is_met_again_as_the_unborn_one(matching: MatchingSection) -> None:
    unborn = person(None, born=None, expected=date(2026, 5, 20), sex="U")
    baby = person("Oscar", born=date(2026, 5, 28))
    assert set(block_keys(unborn, matching)) & set(block_keys(baby, matching))
    verdict = judge(unborn, baby, compare(unborn, baby, matching), matching)
    assert verdict is not None
    assert "birth_expected" in verdict.reasons


def test_a_rare_name_says_more_than_a_common_one(matching: MatchingSection) -> None:
    one, other = person(), person(born=date(2016, 1, 9), postcode=None, lines=[])
    rare = compare(one, other, matching, lambda _field, _name: 0.00001)
    common = compare(one, other, matching, lambda _field, _name: 0.02)
    assert rare.bits > common.bits + 10


def test_a_word_in_place_of_a_name_is_none(matching: MatchingSection) -> None:
    words = matching.placeholders
    assert Person.named("Baby", "Testwood", placeholders=words).given == ()
    assert Person.named("Mary Ann", "O’Sample-Mock", placeholders=words) == Person(
        ("mary", "maryann"), ("osamplemock", "osample", "mock")
    )
    assert plain_name("Zoë D’Árc") == "zoe darc"


@given(people)
def test_keys_are_few_and_the_same_each_time(matching: MatchingSection, one: Person) -> None:
    keys = block_keys(one, matching)
    assert len(keys) == len(set(keys)) <= 48
    assert keys == block_keys(one, matching)


def test_weights_of_every_level_are_given_and_no_others(matching: MatchingSection) -> None:
    dumped = matching.model_dump()
    for field, levels in LEVELS.items():
        assert set(dumped["weights"][field]) == set(levels)
    dumped["weights"]["given"].pop("same")
    with pytest.raises(ValueError, match="weights of given"):
        MatchingSection.model_validate(dumped)
    upside_down = {**matching.model_dump(), "limits": {"candidate": 0.9, "linked": 0.1}}
    with pytest.raises(ValueError, match="lower limit"):
        MatchingSection.model_validate(upside_down)


def test_a_date_far_from_the_expected_one_speaks_against(matching: MatchingSection) -> None:
    due = date(2026, 5, 20)
    unborn = person(None, born=None, expected=due)
    near = compare(unborn, person(None, born=due + timedelta(days=20)), matching)
    far = compare(unborn, person(None, born=due + timedelta(days=200)), matching)
    assert near.bits > far.bits + 8
