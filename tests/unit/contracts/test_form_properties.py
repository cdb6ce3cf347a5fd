"""What holds for any body at all."""

import json
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codes import CONCERN_TYPES
from contracts.form import FormReading, FormRefused, ReferralForm, read_form
from contracts.form.model import Address, Agreement, Child, Concern, Person, Referrer

MARK = "Zqxj"

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.dates().map(str),
    st.sampled_from([*CONCERN_TYPES, "walsall", "protection", "immediate", "given", "school"]),
)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def some_of(model: type[Any], **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """An object with some of a model's fields, right or wrong."""
    values = {name: parts.get(name, leaves) | anything for name in model.model_fields}
    return st.fixed_dictionaries({}, optional=values)


forms = some_of(
    ReferralForm,
    authority=st.just("walsall"),
    referrer=some_of(Referrer),
    children=st.lists(some_of(Child, address=some_of(Address)), max_size=4),
    household=st.lists(some_of(Person), max_size=3),
    concerns=st.lists(some_of(Concern), max_size=3),
    agreement=some_of(Agreement) | st.lists(some_of(Agreement), max_size=3),
)


def read(body: bytes, *, lenient: bool) -> FormReading | FormRefused:
    try:
        return read_form(body, today=date(2026, 11, 21), authorities={"walsall"}, lenient=lenient)
    except FormRefused as refused:
        return refused


def said(answer: FormReading | FormRefused) -> str:
    """All that a partner, or a log, would see."""
    if isinstance(answer, FormRefused):
        return f"{answer!s} {answer!r} {answer.errors}"
    return f"{answer!r} {answer.warnings} {answer.set_aside} {answer.form!r} {answer.form!s}"


@given(st.binary(max_size=400), st.booleans())
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read_or_refused(body: bytes, lenient: bool) -> None:
    read(body, lenient=lenient)


@given(anything, st.booleans())
@settings(max_examples=100, deadline=None)
def test_any_json_is_read_or_refused(tree: object, lenient: bool) -> None:
    read(json.dumps(tree).encode(), lenient=lenient)


@given(forms, st.booleans())
@settings(max_examples=100, deadline=None)
def test_whatever_is_taken_is_whole_and_can_be_kept(tree: dict[str, Any], lenient: bool) -> None:
    answer = read(json.dumps(tree).encode(), lenient=lenient)

    if isinstance(answer, FormRefused):
        assert answer.errors
        return
    kept = answer.form.model_dump_json()
    assert ReferralForm.model_validate_json(kept) == answer.form
    if not any(one.endswith("/expected_date_of_delivery") for one in answer.set_aside):
        # Such a date says that a child is expected even where it cannot be read, and is not kept.
        again = read(kept.encode(), lenient=False)
        assert isinstance(again, FormReading)
        assert again.form == answer.form
        assert again.set_aside == ()
    assert answer.form.children
    assert all(
        place < len(answer.form.children)
        for concern in answer.form.concerns
        for place in concern.children
    )
    assert 0 <= answer.completeness.score <= 100


def marked(tree: Any) -> Any:
    """The same tree with every string made one that nobody else would say."""
    if isinstance(tree, dict):
        return {key: marked(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [marked(item) for item in tree]
    if isinstance(tree, str) and tree not in {"walsall", "protection", "immediate"}:
        return f"{MARK}{tree}"
    return tree


@given(forms, st.booleans())
@settings(max_examples=60, deadline=None)
def test_nothing_that_was_sent_is_repeated(tree: dict[str, Any], lenient: bool) -> None:
    answer = read(json.dumps(marked(tree)).encode(), lenient=lenient)

    assert MARK not in said(answer)
