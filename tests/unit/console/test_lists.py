"""What the address of the queue asks for, and what it says when it is read again."""

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from chassis.identity import Caller
from services.console.lists import DUE, TITLES, Filters, cards, choices, page_of, read, tabs
from services.console.sessions import Session
from services.console.store.numbers import Counts

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)
NUMBERS = Counts(
    unprocessed=1, to_allocate=3, to_countersign=6, late=4, offered=8, to_decide=9, waiting=2,
    to_agree=7, red=5,
    by_urgency={"immediate": 2}, by_agency={"school": 7, "police": 2}, by_locality={},
)  # fmt: skip
ME = Session(
    "secret",
    "token",
    Caller(
        kind="staff", id=UUID(int=1), name="p.example", organisation_id=None,
        authorities=frozenset({"warwickshire"}), roles=frozenset({"practitioner"}),
        qualifications=frozenset(), scopes=frozenset(),
    ),
    NOON,
)  # fmt: skip


@given(
    st.builds(
        Filters,
        state=st.sampled_from(list(TITLES)),
        rag=st.sampled_from(["", "red", "none"]),
        urgency=st.sampled_from(["", "standard"]),
        agency=st.sampled_from(["", "school", "a b&c=d"]),
        who=st.sampled_from(["", "mine"]),
        due=st.sampled_from(["", *DUE]),
    )
)
def test_an_address_is_read_as_it_was_written(filters: Filters) -> None:
    assert read(dict(parse_qsl(urlsplit(filters.href()).query))) == filters


def test_what_is_not_understood_is_left_out() -> None:
    assert read({"state": "nonsense", "rag": "red", "other": "x"}) == Filters(rag="red")


def test_due_today_ends_with_the_day_in_england() -> None:
    wanted = Filters(due="today").wanted(ME, NOON)
    assert wanted.due_before == datetime(2026, 6, 3, 23, tzinfo=UTC)
    assert Filters(state="overdue").wanted(ME, NOON).due_before == NOON


def test_lists_say_how_much_somebody_has_to_act_on() -> None:
    names = [name for name, _, _ in tabs(Filters(state="overdue", locality="rugby"), NUMBERS)]
    assert names == [
        "To decide", "Out of hours (0)", "Awaiting information (2)", "Awaiting agreement (7)",
        "To countersign (6)", "To allocate (3)", "Offered (8)", "My team's", "Overdue (4)",
        "Decided", "All",
    ]  # fmt: skip


def test_a_page_says_which_it_is_and_of_how_many_where_that_is_counted() -> None:
    many = replace(NUMBERS, to_decide=1_234)
    assert page_of(Filters(page=2), many, 50) == "Page 2 of 25"
    assert page_of(Filters(page=2, rag="red"), many, 50) == "Page 2"
    assert page_of(Filters(state="all", page=1_200), many, 50) == "Page 1,200"
    assert read({"page": "nonsense"}) == read({"page": "0"}) == Filters()
    there = Filters(rag="red").href(after="x", page=3)
    assert read(dict(parse_qsl(urlsplit(there).query))) == Filters(rag="red", after="x", page=3)


def test_numbers_are_filters_and_what_was_not_processed_comes_first() -> None:
    found = cards(NUMBERS, Filters(rag="red"))
    assert [(card.label, card.number) for card in found[:3]] == [
        ("Not processed", 1), ("To decide", 10), ("Red", 5),
    ]  # fmt: skip
    assert [card.label for card in found if card.chosen] == ["Red"]


def test_options_have_their_numbers_where_the_list_is_counted() -> None:
    counted = {one.name: one.options for one in choices(Filters(), NUMBERS, [], [])}
    assert counted["agency"] == (("police", "Police (2)"), ("school", "School (7)"))
    assert counted["urgency"][0] == ("immediate", "Immediate (2)")
    plain = {one.name: one.options for one in choices(Filters(state="all"), NUMBERS, [], [])}
    assert plain["urgency"][0] == ("immediate", "Immediate")
    assert "due" not in plain
