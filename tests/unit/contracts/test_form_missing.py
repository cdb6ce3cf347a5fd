"""What a form may lack: with a worry and a way to the child it is taken, and told what to add."""

import pytest

from contracts.events import AgreementStatus
from tests.unit.contracts.posting import GOOD, Form, changed, read, refused, warned


@pytest.mark.parametrize(
    "child",
    [
        {"given_name": "Sam"},
        {"also_known_as": ["Sammy"]},
        {"date_of_birth": "2017-03-04", "address": {"postcode": "CV32 4AA"}},
        {"nhs_number": "943 476 5919"},
        {"upn": "B801200005001"},
        {"address": {"lines": ["1 Example Road"]}},
        {"school": "Testwood Primary"},
    ],
)
def test_a_worry_and_any_way_to_find_a_child_is_enough(child: Form) -> None:
    reading = read({"authority": "walsall", "children": [child], "narrative": "He was crying."})

    assert reading.form.children
    assert warned(reading)["/referrer"] == "missing"
    assert warned(reading)["/parents_informed"] == "missing"
    assert set(warned(reading).values()) == {"missing"}


@pytest.mark.parametrize(
    "worry",
    [{"narrative": "He was crying."}, {"concerns": [{"code": "neglect"}]},
     {"concerns": [{"detail": "He was crying."}]}, {"immediate_danger": True},
     {"request": "protection"}],
)  # fmt: skip
def test_a_tick_a_word_or_danger_is_a_worry(worry: Form) -> None:
    assert read({"authority": "walsall", "children": [{"given_name": "Sam"}], **worry})


@pytest.mark.parametrize(
    "form",
    [
        {"children": [{"given_name": "Sam"}]},
        {"children": [{"given_name": "Sam"}], "narrative": " \n\t "},
        {"children": [{"given_name": "Sam"}], "concerns": [{"current": True}]},
        {"narrative": "He was crying."},
        {"narrative": "He was crying.", "children": [{"date_of_birth": "2017-03-04"}]},
        {"narrative": "He was crying.", "children": [{"nhs_number": "unknown"}]},
        {"narrative": "He was crying.", "household": [{"name": "Jo Sampleton"}]},
    ],
)
def test_without_a_worry_or_a_way_to_the_child_it_says_what_is_missing(form: Form) -> None:
    status, pointers = refused({"authority": "walsall", **form}, lenient=True)

    assert status == 422
    assert "/referrer" in pointers
    assert "/authority" not in pointers


def test_an_unborn_child_is_found_by_the_mother() -> None:
    reading = read({
        "authority": "walsall",
        "concerns": [{"code": "unborn_child"}],
        "household": [{"name": "Jo Sampleton", "relationship": "mother"}],
    })  # fmt: skip

    assert len(reading.form.children) == 1
    assert warned(reading)["/children"] == "missing"


@pytest.mark.parametrize("expected", ["soon", "2030-01-01"])
def test_an_unborn_child_in_danger_is_found_by_the_mother_whatever_the_due_date(
    expected: str,
) -> None:
    form = {
        "authority": "walsall",
        "children": [{"expected_date_of_delivery": expected}],
        "household": [{"name": "Jo Sampleton", "relationship": "mother"}],
        "narrative": "He kicked her.",
    }

    reading = read({**form, "immediate_danger": True})

    assert warned(reading)["/children/0/expected_date_of_delivery"] == "set_aside"
    assert reading.form.household[0].name == "Jo Sampleton"
    assert refused(form) == (422, ["/children/0/expected_date_of_delivery"])


def test_no_way_to_answer_is_a_warning() -> None:
    reading = read(changed(referrer={"name": "Robin", "agency": "school"}))

    assert warned(reading) == {"/referrer/email": "missing"}


def test_nobody_asks_an_anonymous_caller_for_a_name() -> None:
    assert read(changed(referrer={"agency": "anonymous"})).warnings == ()


def test_brothers_and_sisters_share_an_address() -> None:
    assert read(GOOD).warnings == ()


def test_an_address_may_be_unknown_for_a_reason() -> None:
    form = changed(children=[{
        "given_name": "Sam", "age_estimate": 9, "address_unknown_because": "Staying with friends.",
    }])  # fmt: skip

    assert read(form).warnings == ()


def test_parents_who_were_not_told_want_a_reason() -> None:
    assert warned(read(changed(parents_informed=False))) == {"/reason_not_informed": "missing"}


def test_telling_and_agreement_may_differ_by_child_and_person() -> None:
    reading = read(
        changed(
            parents_informed=[
                {"child": 0, "person": 0, "informed": True},
                {"child": 1, "informed": False, "reason_not_informed": "police_investigation"},
            ],
            agreement=[{"child": 0, "status": "given"}, {"child": 1, "status": "refused"}],
        )
    )

    assert reading.warnings == ()
    assert reading.form.told is False
    assert reading.form.why_not_told == "police_investigation"
    assert reading.form.agreement_for(0) is AgreementStatus.GIVEN
    assert reading.form.agreement_for(1) is AgreementStatus.REFUSED
    assert reading.form.agreement_for() is AgreementStatus.REFUSED
