"""What the page of a copy says where the form has pointers and codes."""

from datetime import UTC, datetime

import pytest

from services.intake.access.words import plain, value_at, where


@pytest.mark.parametrize(
    ("pointer", "said"),
    [
        ("/children/0/address/lines/1", "Child 1, address, line 2"),
        ("/children/1/nhs_number", "Child 2, NHS number"),
        ("/concerns/0/code", "Worry 1"),
        ("/concerns/0/children/1", "Worry 1, about 2"),
        ("/narrative", "Narrative"),
        ("/household/2/date_of_birth", "Person of the household 3, date of birth"),
        ("/something_new/0", "Something new 1"),
    ],
)
def test_a_place_on_the_form(pointer: str, said: str) -> None:
    assert where(pointer) == said


@pytest.mark.parametrize(
    ("pointer", "value", "said"),
    [
        ("/children/0/sex", "F", "Female"),
        ("/children/0/date_of_birth", "2017-03-04", "4 March 2017"),
        ("/concerns/0/code", "poor_attendance", "Poor school attendance"),
        ("/referrer/agency", "school", "School"),
        ("/concerns/0/children/1", 0, "Child 1"),
        ("/immediate_danger", True, "Yes"),
        ("/children/0/given_name", "Maya", "Maya"),
        ("/children/0/unborn", "not_known", "Not known"),
        ("/narrative", "She said: a_b is 2026-13-99.", "She said: a_b is 2026-13-99."),
    ],
)
def test_what_it_says_there(pointer: str, value: object, said: str) -> None:
    assert value_at(pointer, value).startswith(said)


def test_times_are_englands() -> None:
    assert plain(datetime(2026, 7, 1, 9, 30, tzinfo=UTC)) == "1 July 2026, 10:30"
    assert plain("2026-07-01T09:30:00Z") == "1 July 2026, 10:30"
    assert plain("2026-99-01") == "2026-99-01"
