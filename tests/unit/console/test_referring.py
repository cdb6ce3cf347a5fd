"""The web form: what was typed becomes what intake takes, and comes back as it was typed."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import DomainError
from contracts.form import ReferralForm, read_form
from contracts.form.model import FormPart
from services.console.doors import Doors
from services.console.forms import Typed
from services.console.referring.answers import (
    blanks_of,
    digest,
    put,
    say_nobody,
    typed_of,
    without_row,
)
from services.console.referring.progress import Step, following, progress, said, steps, where
from services.console.referring.questions import PAGES, SECTION_OF, SECTIONS
from services.console.referring.shapes import Form, Kind, Page

TODAY = date(2026, 3, 5)
EMPTY: Form = {"authority": "warwickshire", "form_version": "2"}


def answer(
    form: Form, name: str, place: int = 0, /, **typed: str | list[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Type on a page. A name's `_` at its end stands for `-`, as in `on_day`."""
    values = {
        key.replace("__", "-"): [value] if isinstance(value, str) else value
        for key, value in typed.items()
    }
    return put(PAGES[name], Typed(values), form, place, today=TODAY, authorities=["warwickshire"])


def typed_anything(page: Page) -> st.SearchStrategy[dict[str, list[str]]]:
    """Whatever a person, or a program, could send to a page."""
    fields: dict[str, st.SearchStrategy[list[str]]] = {}
    for field in page.fields:
        codes = [code for code, _ in field.options] or ["x", "Bo\nAda", "4", "é\u202e", ""]
        fields[field.name] = st.lists(st.sampled_from([*codes, "0", "yes"]), max_size=2)
        if field.kind is Kind.DAY:
            for part in ("day", "month", "year"):
                said = st.sampled_from(["", "1", "29", "2", "2019", "x"])
                fields[f"{field.name}-{part}"] = st.lists(said, max_size=1)
        if field.blank:
            none = st.sampled_from(["unknown", "not_applicable"])
            fields[f"{field.name}-none"] = st.lists(none, max_size=2)
    return st.fixed_dictionaries(fields)


@settings(max_examples=25)
@given(data=st.data())
def test_what_is_taken_comes_back_as_it_was_typed_and_intake_reads_all_of_it(
    data: st.DataObject,
) -> None:
    form: Form = {**EMPTY, "concerns": [{"code": "neglect"}], "children": [{"given_name": "Bo"}]}
    for page in data.draw(st.lists(st.sampled_from(list(PAGES.values())), max_size=4)):
        typed = Typed(data.draw(typed_anything(page)))
        taken, errors = put(page, typed, form, 0, today=TODAY, authorities=["warwickshire"])
        if errors:
            continue
        shown = typed_of(page, taken, 0)
        again, wrong = put(page, Typed(shown), taken, 0, today=TODAY, authorities=["warwickshire"])
        assert (again, wrong) == (taken, {})
        form = taken
    # Somebody has to be known of, whatever was left out.
    children = [{"given_name": "Bo", **child} for child in form.get("children") or [{}]]
    sent = {**form, "immediate_danger": True, "children": children}
    body = json.dumps(sent).encode()
    reading = read_form(body, today=TODAY, authorities=["warwickshire"])
    assert not [one for one in reading.warnings if one.code == "set_aside"]


def test_every_question_asks_for_a_field_of_the_form() -> None:
    for page in PAGES.values():
        for field in page.fields:
            model: Any = ReferralForm
            for part in ((page.rows,) if page.rows else ()) + field.at:
                assert part in model.model_fields, (page.name, field.name)
                annotation = str(model.model_fields[part].annotation)
                inner = [one for one in _parts() if f".{one.__name__}" in annotation]
                model = inner[0] if inner else model


def _parts() -> list[type]:
    return sorted(FormPart.__subclasses__(), key=lambda one: -len(one.__name__))


@pytest.mark.parametrize(
    ("name", "typed", "field"),
    [
        ("child-birth", {"date_of_birth__day": "31", "date_of_birth__month": "2",
                         "date_of_birth__year": "2018"}, "date_of_birth"),
        ("child-birth", {"date_of_birth__day": "1", "date_of_birth__month": "1",
                         "date_of_birth__year": "2031"}, "date_of_birth"),
        ("child-birth", {"date_of_birth__day": "4"}, "date_of_birth"),
        ("child-birth", {"age_estimate": "seven"}, "age_estimate"),
        ("child-birth", {"age_estimate": "70"}, "age_estimate"),
        ("child-address", {"postcode": "nowhere"}, "postcode"),
        ("child-sex", {"sex": "X"}, "sex"),
        ("child-school", {"school": "Testwood", "school-none": "unknown"}, "school"),
        ("contact", {"email": "not an address"}, "email"),
        ("name", {"name": "x" * 201}, "name"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_beside_its_field(
    name: str, typed: dict[str, str], field: str
) -> None:
    _, errors = answer({**EMPTY, "children": [{"given_name": "Bo"}]}, name, **typed)
    assert list(errors) == [field]


def test_known_unknown_and_does_not_apply_are_three_answers() -> None:
    form, _ = answer(EMPTY, "child-name", given_name="Bo")
    form, errors = answer(
        form, "child-school", **{"school": "Testwood", "upn-none": "unknown"},
        **{"school_year-none": "not_applicable"},
    )  # fmt: skip
    assert errors == {}
    assert blanks_of(form) == {
        "/children/0/upn": "unknown",
        "/children/0/school_year": "not_applicable",
    }
    form, _ = answer(form, "child-school", school="Testwood", upn="A950000178301")
    assert "no_values" not in form


def test_an_unborn_child_is_asked_for_no_school_and_stays_unborn() -> None:
    form, _ = answer(EMPTY, "child-name", family_name="Testwood")
    form, _ = answer(form, "child-birth", age_estimate="1")
    form, _ = answer(form, "child-born", born="unborn")
    names = [step.page.name for step in steps(SECTION_OF["child-name"], form)]
    assert "child-expected" in names
    assert not {"child-birth", "child-school"} & set(names)
    form, _ = answer(form, "child-expected")
    assert blanks_of(form) == {"/children/0/expected_date_of_delivery": "unknown"}
    assert "age_estimate" not in form["children"][0]
    form, _ = answer(form, "child-born", born="born")
    assert "no_values" not in form


def test_worries_keep_what_was_said_of_them_when_one_is_added() -> None:
    form, _ = answer({**EMPTY, "children": [{}, {}]}, "concerns", concerns=["neglect", "housing"])
    form, _ = answer(form, "concern", 1, impact="serious", children=["1"])
    form, _ = answer(form, "concerns", concerns=["housing", "missing"])
    assert form["concerns"] == [
        {"code": "housing", "impact": "serious", "children": [1]},
        {"code": "missing"},
    ]
    assert following(Step(PAGES["concerns"]), form) == "/refer/page/concern/0"


@given(gone=st.integers(0, 3), of=st.lists(st.integers(0, 2), unique=True))
def test_taking_a_child_out_leaves_every_other_child_where_it_was_meant(
    gone: int, of: list[int]
) -> None:
    names = ["Ada", "Bo", "Cy"]
    form: Form = {
        **EMPTY,
        "children": [{"given_name": name} for name in names],
        "concerns": [{"code": "neglect", "children": of}],
        "no_values": [{"field": f"/children/{n}/school", "answer": "unknown"} for n in of],
    }
    left = without_row(form, "children", gone)
    kept = [one["given_name"] for one in left["children"]]
    meant = [names[n] for n in of if n != gone]
    assert [kept[n] for n in left["concerns"][0]["children"]] == meant
    assert [kept[int(at.split("/")[2])] for at in blanks_of(left)] == meant


def test_a_row_in_which_nothing_was_typed_is_not_added() -> None:
    form, errors = answer(EMPTY, "person-name")
    assert errors == {}
    assert not form.get("household")


def test_who_one_is_decides_what_is_asked() -> None:
    form, _ = answer(EMPTY, "who", agency="neighbour_or_friend")
    assert "organisation" not in [step.page.name for step in steps(SECTION_OF["who"], form)]
    form, _ = answer(form, "who", agency="work")
    assert form["referrer"]["agency"] == "other"
    form, _ = answer(form, "organisation", kind="school", role="Teacher")
    form, _ = answer(form, "who", agency="work")
    assert form["referrer"] == {"agency": "school", "role": "Teacher"}
    form, _ = answer(form, "who", agency="anonymous")
    assert "contact" not in [step.page.name for step in steps(SECTION_OF["who"], form)]


def test_progress_and_what_was_said() -> None:
    form = say_nobody({**EMPTY, "narrative": "He is hungry."}, "household", nobody=True)
    states = {one.section.name: one.state for one in progress(form)}
    assert states["household"] == "Done"
    assert states["worries"] == "1 of 2 answered"
    assert states["safety"] == "If you can"
    assert states["children"] == "Not started"
    told = {section.name: rows for section, rows in said(form)}
    assert [one.text for one in told["worries"]] == ["He is hungry."]
    assert told["household"][0].text == "Not known"


def test_whatever_is_missing_leads_to_the_page_that_asks_for_it() -> None:
    form: Form = {**EMPTY, "children": [{}], "referrer": {"agency": "school"}}
    for at, words in (
        ("/children/0/date_of_birth", "/refer/page/child-birth/0"),
        ("/children/0/address", "/refer/page/child-address/0"),
        ("/parents_informed", "/refer/page/told"),
        ("/household", "/refer/list/household"),
        ("/referrer/email", "/refer/page/contact"),
        ("/agreement", "/refer/page/agreement"),
    ):
        assert where(at, form) == words


def test_two_who_saw_the_same_answers_saw_the_same() -> None:
    assert digest({"a": ["1"], "b": []}) == digest({"a": ["1"]})
    assert digest({"a": ["1"]}) != digest({"a": ["2"]})


def test_titles_of_pages_name_nobody() -> None:
    assert all("{name}" not in page.title or page.rows for page in PAGES.values())
    kinds = {field.kind for section in SECTIONS for page in section.pages for field in page.fields}
    assert kinds == set(Kind) - {Kind.LIST}  # that one is for the forms of staff


async def test_beginnings_are_counted_by_address() -> None:
    doors = Doors(2)
    await doors.enter("192.0.2.1")
    await doors.enter("192.0.2.1")
    await doors.enter("192.0.2.2")
    with pytest.raises(DomainError) as refused:
        await doors.enter("192.0.2.1")
    assert refused.value.status == 429
