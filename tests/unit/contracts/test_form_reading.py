"""What becomes of a posted form: taken, taken with warnings, or refused with pointers."""

import json
from collections.abc import Callable
from datetime import date

import pytest

from contracts.events import AgreementStatus
from tests.unit.contracts.posting import (
    GOOD,
    Form,
    changed,
    read,
    refused,
    warned,
    with_child,
    with_concern,
)


def test_a_good_form_is_taken_without_a_word() -> None:
    reading = read(GOOD)

    assert reading.warnings == ()
    assert reading.set_aside == ()
    assert reading.form.children[0].date_of_birth == date(2017, 3, 4)
    assert reading.form.going_well is None


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'"a form"', b"\xff\xfe{}", b'{"a": NaN}', b'{"a": -Infinity}',
        b'{"authority": "walsall", "authority": "warwickshire"}', b"{" * 5000,
        b'{"a":' * 50 + b"1" + b"}" * 50, b'{"a": ' + b"9" * 5000 + b"}",
        json.dumps({f"k{number}": 1 for number in range(500)}).encode(),
    ],
)  # fmt: skip
def test_what_is_no_json_object_is_refused_as_malformed(body: bytes) -> None:
    assert refused(body, lenient=True) == (400, [""])


def test_a_byte_order_mark_does_no_harm() -> None:
    assert read(b"\xef\xbb\xbf" + json.dumps(GOOD).encode()).warnings == ()


def test_an_empty_form_is_told_everything_that_is_needed() -> None:
    status, pointers = refused({})

    assert status == 422
    assert pointers == ["/authority", "/referrer", "/children", "/parents_informed", "/narrative"]


@pytest.mark.parametrize("urgent", [{}, {"immediate_danger": True}])
@pytest.mark.parametrize("authority", [None, "", "atlantis", 5, ["warwickshire"]])
def test_nothing_is_taken_without_an_authority_to_take_it_to(
    urgent: Form, authority: object
) -> None:
    assert "/authority" in refused(changed(authority=authority, **urgent), lenient=True)[1]


BAD_ESSENTIALS: list[tuple[str, Callable[[object], Form], object]] = [
    ("/request", lambda bad: changed(request=bad), "rescue"),
    ("/referrer", lambda bad: changed(referrer=bad), "Robin"),
    ("/referrer/name", lambda bad: changed(referrer={**GOOD["referrer"], "name": bad}), 7),
    ("/referrer/name", lambda bad: changed(referrer={**GOOD["referrer"], "name": bad}), "x" * 201),
    ("/referrer/agency", lambda bad: changed(referrer={**GOOD["referrer"], "agency": bad}), "SCH"),
    ("/children/0/given_name", lambda bad: with_child(given_name=bad), ["Sam"]),
    ("/children/0/family_name", lambda bad: with_child(family_name=bad), "y" * 10_000),
    ("/children/0/date_of_birth", lambda bad: with_child(date_of_birth=bad), "2026-11-22"),
    ("/children/0/date_of_birth", lambda bad: with_child(date_of_birth=bad), "2001-11-20"),
    ("/children/0/date_of_birth", lambda bad: with_child(date_of_birth=bad), "2017-02-30"),
    ("/children/0/date_of_birth", lambda bad: with_child(date_of_birth=bad), "04/03/2017"),
    ("/children/0/date_of_birth", lambda bad: with_child(date_of_birth=bad), "1488585600"),
    ("/children/0/date_of_birth", lambda bad: with_child(date_of_birth=bad), 1488585600),
    ("/children/0/age_estimate", lambda bad: with_child(age_estimate=bad), "nine"),
    ("/children/0/age_estimate", lambda bad: with_child(age_estimate=bad), 26),
    ("/concerns", lambda bad: changed(concerns=bad), "neglect"),
    ("/concerns/0", lambda bad: changed(concerns=[bad]), "neglect"),
    ("/concerns/0/code", lambda bad: with_concern(code=bad), "sadness"),
    ("/concerns/0/impact", lambda bad: with_concern(impact=bad), "huge"),
    ("/concerns/0/children/0", lambda bad: with_concern(children=bad), [2]),
    ("/concerns/0/children/1", lambda bad: with_concern(children=bad), [0, -1]),
    ("/concerns/0/children/0", lambda bad: with_concern(children=bad), ["Sam"]),
    ("/parents_informed", lambda bad: changed(parents_informed=bad), "yes"),
    ("/parents_informed/0/child", lambda bad: changed(parents_informed=bad),
     [{"child": 9, "informed": True}]),
    ("/reason_not_informed", lambda bad: changed(reason_not_informed=bad), "did not like to"),
    ("/narrative", lambda bad: changed(narrative=bad), {"text": "It happened."}),
    ("/narrative", lambda bad: changed(narrative=bad), "n" * 100_001),
    ("/immediate_danger", lambda bad: changed(immediate_danger=bad), "perhaps"),
]  # fmt: skip


@pytest.mark.parametrize(("pointer", "make", "bad"), BAD_ESSENTIALS)
def test_a_bad_essential_value_is_refused_with_its_pointer(
    pointer: str, make: Callable[[object], Form], bad: object
) -> None:
    assert refused(make(bad)) == (422, [pointer])


@pytest.mark.parametrize(("pointer", "make", "bad"), BAD_ESSENTIALS)
def test_a_sender_who_cannot_ask_again_is_warned_instead(
    pointer: str, make: Callable[[object], Form], bad: object
) -> None:
    reading = read(make(bad), lenient=True)

    assert pointer in warned(reading)
    assert pointer in reading.set_aside
    assert pointer in reading.originals


@pytest.mark.parametrize(
    "urgent",
    [
        {"immediate_danger": True},
        {"immediate_danger": "yes"},
        {"request": "protection"},
        {"concerns": [{"code": "neglect", "impact": "immediate"}]},
        {"concerns": [{"code": "no such code", "impact": "immediate"}]},
        {"concerns": [{"code": "injury_to_non_mobile_child"}]},
        {"concerns": [{"code": "sexual_abuse", "impact": "serious"}]},
        {"concerns": [{"code": "physical_abuse", "impact": "serious"}]},
    ],
)
def test_what_is_urgent_never_waits_for_form(urgent: Form) -> None:
    reading = read(with_child(date_of_birth="2030-01-01") | urgent)

    assert warned(reading)["/children/0/date_of_birth"] == "set_aside"
    assert reading.form.children[0].date_of_birth is None
    assert json.loads(reading.originals["/children/0/date_of_birth"]) == "2030-01-01"


@pytest.mark.parametrize(
    "concern", [{"code": "physical_abuse", "impact": "some"}, {"code": "neglect"}]
)
def test_what_is_not_urgent_is_sent_back_to_be_put_right(concern: Form) -> None:
    form = with_child(date_of_birth="2030-01-01") | {"concerns": [concern]}

    assert refused(form) == (422, ["/children/0/date_of_birth"])


def test_urgent_words_about_nobody_are_still_refused() -> None:
    form = {"authority": "walsall", "immediate_danger": True, "narrative": "Come quickly."}

    assert "/children" in refused(form)[1]


def test_a_yes_in_words_counts_as_danger_and_is_pointed_out() -> None:
    reading = read(changed(immediate_danger="Yes"))

    assert reading.form.immediate_danger is True
    assert warned(reading) == {"/immediate_danger": "read_as_yes"}


def test_every_bad_field_is_named_at_once() -> None:
    form = with_child(date_of_birth="soon", family_name=4) | {"request": "x", "narrative": 1}

    assert set(refused(form)[1]) == {
        "/request", "/narrative", "/children/0/date_of_birth", "/children/0/family_name",
    }  # fmt: skip


def test_a_child_is_born_or_expected_but_not_both() -> None:
    form = with_child(expected_date_of_delivery="2027-01-01")
    dates = ["/children/0/date_of_birth", "/children/0/expected_date_of_delivery"]

    assert refused(form) == (422, dates)

    reading = read(form, lenient=True)
    assert reading.form.children[0].date_of_birth == date(2017, 3, 4)
    assert reading.set_aside == ("/children/0/expected_date_of_delivery",)


@pytest.mark.parametrize(
    ("expected", "taken"),
    [
        ("2027-09-21", True), ("2027-09-22", False), ("2026-09-21", True), ("2026-09-20", False),
    ],
)  # fmt: skip
def test_a_birth_is_expected_within_reason(expected: str, taken: bool) -> None:
    form = changed(
        children=[{"expected_date_of_delivery": expected, "address": {"lines": ["1 A"]}}]
    )
    form["concerns"] = [{"code": "unborn_child"}]

    if taken:
        assert read(form).warnings == ()
    else:
        assert refused(form)[1] == ["/children/0/expected_date_of_delivery"]


@pytest.mark.parametrize(("born", "taken"), [("2001-11-21", True), ("2026-11-21", True)])
def test_the_first_and_the_last_day_of_a_possible_birth(born: str, taken: bool) -> None:
    assert (read(with_child(date_of_birth=born)).warnings == ()) is taken


@pytest.mark.parametrize("urgent", [False, True])
def test_fifty_children_are_one_clear_error(urgent: bool) -> None:
    form = changed(children=GOOD["children"] * 25, immediate_danger=urgent)

    assert refused(form, lenient=urgent) == (422, ["/children"])


def test_thirty_children_are_taken() -> None:
    assert len(read(changed(children=GOOD["children"] * 15)).form.children) == 30


@pytest.mark.parametrize(
    ("pointer", "form"),
    [
        ("/concerns/0/observed_on", with_concern(observed_on="yesterday")),
        ("/concerns/0/observed_on", with_concern(observed_on="2026-11-22")),
        ("/children/0/sex", with_child(sex="girl")),
        ("/children/0/ethnicity", with_child(ethnicity="white")),
        ("/children/0/school", with_child(school=["Testwood"])),
        ("/children/0/address", with_child(address="1 Example Road")),
        ("/children/0/address/postcode", with_child(address={"lines": ["1"], "postcode": "X"})),
        ("/household/0/date_of_birth", changed(household=[{"date_of_birth": "1066-10-14"}])),
        ("/household/0", changed(household=["Jo"])),
        ("/household", changed(household="Jo")),
        ("/referrer/email", changed(referrer={**GOOD["referrer"], "email": "robin at testwood"})),
        ("/agreement/status", changed(agreement={"status": "probably"})),
        ("/agreement/0/child", changed(agreement=[{"child": 7, "status": "given"}])),
        ("/referrer_level", changed(referrer_level=9)),
        ("/going_well", changed(going_well=["lots"])),
    ],
)
def test_a_bad_value_elsewhere_is_set_aside_and_never_refuses(pointer: str, form: Form) -> None:
    reading = read(form)

    assert warned(reading)[pointer] == "set_aside"
    assert reading.set_aside == (pointer,)


def test_agreement_for_a_child_who_is_not_there_is_nobodys_agreement() -> None:
    reading = read(changed(agreement=[{"child": 7, "status": "given"}]))

    assert reading.form.agreement_for() is AgreementStatus.UNKNOWN


def test_a_concern_about_a_child_who_is_not_there_becomes_one_about_all() -> None:
    reading = read(with_concern(children=[0, 9]), lenient=True)

    assert reading.form.concerns[0].children == ()


def test_a_bad_row_leaves_the_others_where_they_were() -> None:
    form = changed(children=["Sam", *GOOD["children"]])
    form["concerns"][0]["children"] = [2]

    reading = read(form, lenient=True)

    assert reading.form.children[2].given_name == "Kit"
    assert reading.form.concerns[0].children == (2,)


def test_an_unknown_concern_stays_a_concern() -> None:
    reading = read(with_concern(code="sadness", detail="He cries all day."), lenient=True)

    assert reading.form.concerns[0].code == "other"
    assert reading.form.concerns[0].detail == "He cries all day."


@pytest.mark.parametrize("field", ["nhs_number", "upn"])
def test_a_number_that_does_not_check_is_kept_and_not_matched(field: str) -> None:
    reading = read(with_child(**{field: "9434765918"}))
    child = reading.form.children[0]

    assert warned(reading) == {f"/children/0/{field}": "unverified"}
    assert getattr(child, field) == "9434765918"
    assert getattr(child, f"verified_{field}") is None
    assert reading.set_aside == ()


def test_a_pupil_number_that_is_said_to_be_unknown_is_no_mistake() -> None:
    assert read(with_child(upn="UN4")).warnings == ()


def test_fields_that_the_form_does_not_have_are_left_out_and_said() -> None:
    form = changed(child_voise="Sad") | {"SamSampleton": "a name as a key"}
    form["children"][0]["nickname"] = "Sammy"

    reading = read(form)

    assert [warning.code for warning in reading.warnings] == ["unknown_field"] * 3
    assert set(warned(reading)) == {"", "/children/0"}
    assert "perhaps child_voice was meant" in str(reading.warnings)
    assert "Sampleton" not in str(reading.warnings)


def test_names_too_long_are_cut_when_it_is_urgent() -> None:
    reading = read(with_child(given_name="x" * 10_000) | {"immediate_danger": True})

    assert reading.form.children[0].given_name == "x" * 200
    assert warned(reading) == {"/children/0/given_name": "shortened"}
