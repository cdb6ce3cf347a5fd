"""Who may be on the register, and what a file of workers may hold."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import DomainError, InvalidInput, PreconditionFailed
from services.allocation.workers import domain, registering, rows
from services.allocation.workers.domain import Worker
from tests.shipped import SHIPPED

SECTION = SHIPPED.packs["warwickshire"][-1].allocation
WORKER = Worker(
    worker_id=UUID(int=1),
    authority="warwickshire",
    code="W-1",
    name="Ada Testwell",
    agency="school",
    team="schools_that_lead",
    skills=("school",),
    localities=("rugby",),
    wards=(),
    school_clusters=("rugby_schools",),
    hours=37,
    leads_up_to=2,
    registered_on=date(2026, 1, 5),
)
HEADER = "code,name,agency,team,skills,localities,school_clusters,hours,leads_up_to\n"
ROW = "W-1,Ada Testwell,school,schools_that_lead,school,rugby;warwick,rugby_schools,18.5,2\n"


def read(text: str) -> dict[str, Worker]:
    return registering.read(
        text.encode(), "warwickshire", lambda: UUID(int=1), SECTION, date(2026, 3, 5)
    )


def pointers(text: str) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        read(text)
    return [one.pointer for one in refused.value.errors]


def test_a_file_of_workers_is_read() -> None:
    (found,) = read("\ufeff" + HEADER + ROW).values()
    assert found.localities == ("rugby", "warwick")
    assert found.hours == 18.5
    assert SECTION.caseload.capacity(found.hours) == SECTION.caseload.full_time_points / 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["/header"]),
        ("code,name\nW-1,Ada\n", ["/header"]),
        (HEADER.replace("skills", "shoe_size") + ROW, ["/header"]),
        (HEADER + "W-1,Ada\n", ["/rows/1"]),
        (HEADER + ROW + ROW, ["/rows/2/code"]),
        (HEADER + ROW.replace("18.5", "lots"), ["/rows/1/hours"]),
        (HEADER + ROW.replace("18.5", "-1"), ["/rows/1/hours"]),
        (HEADER + ROW.replace("18.5", "nan"), ["/rows/1/hours"]),
        (HEADER + ROW.replace("schools_that_lead", "nobody"), ["/rows/1/team"]),
        (HEADER + ROW.replace("rugby;warwick", "rugby;atlantis"), ["/rows/1/localities/1"]),
        (HEADER + ROW.replace(",school,", ",wizards,"), ["/rows/1/agency"]),
        (HEADER + ROW.replace(",2\n", ",5\n"), ["/rows/1/leads_up_to"]),
        (HEADER + ROW.replace("Ada Testwell", ""), ["/rows/1/name"]),
    ],
)
def test_a_wrong_file_is_refused_whole_and_by_field(text: str, expected: list[str]) -> None:
    assert pointers(text) == expected


@given(st.binary(max_size=200))
def test_no_file_breaks_it(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        rows.read(body)


def test_a_change_says_so_once_and_the_second_of_two_is_told() -> None:
    assert domain.changed(WORKER, replace(WORKER, worker_id=UUID(int=9)), None) is None
    after = domain.changed(WORKER, replace(WORKER, hours=0), 1)
    assert after is not None
    assert (after.hours, after.version, after.worker_id) == (0, 2, WORKER.worker_id)
    with pytest.raises(PreconditionFailed):
        domain.changed(after, replace(WORKER, hours=10), 1)


def test_who_holds_cases_does_not_leave() -> None:
    with pytest.raises(DomainError, match="worker_holds_cases"):
        domain.leave(WORKER, 1, date(2026, 3, 5))
    left = domain.leave(WORKER, 0, date(2026, 3, 5))
    assert left.left_on == date(2026, 3, 5)
    with pytest.raises(DomainError, match="worker_left"):
        domain.leave(left, 0, date(2026, 3, 6))
    assert domain.changed(left, WORKER, None) is not None, "and may come back"


def test_who_is_asked_for_something_does_not_leave_before_it_is_settled() -> None:
    with pytest.raises(DomainError, match="worker_has_actions"):
        domain.leave(WORKER, 0, date(2026, 4, 2), promised=1)


def test_days_and_shifts_that_cannot_be_are_refused() -> None:
    with pytest.raises(InvalidInput):
        domain.absence(WORKER, date(2026, 3, 5), date(2026, 3, 4))
    with pytest.raises(InvalidInput):
        domain.absence(WORKER, date(2026, 3, 5), date(2036, 3, 4))
    assert domain.absence(WORKER, date(2028, 2, 29), date(2028, 2, 29))
    night = datetime(2026, 3, 28, 22, tzinfo=UTC)
    for team, hours in (("hub", 8), ("edt", 0), ("edt", 25)):
        with pytest.raises(InvalidInput):
            domain.shift(WORKER, team, night, night + timedelta(hours=hours), SECTION, on_call=True)
    assert domain.shift(WORKER, "edt", night, night + timedelta(hours=9), SECTION, on_call=True)


def test_a_ward_brings_its_locality_and_a_team_its_own() -> None:
    assert domain.serves(WORKER, SECTION) == {"rugby"}
    ward = replace(WORKER, localities=(), wards=("Exhall",))
    assert domain.serves(ward, SECTION) == {"nuneaton_and_bedworth"}
    team = replace(WORKER, localities=(), team="early_help_warwick")
    assert domain.serves(team, SECTION) == {"warwick"}
    anywhere = replace(WORKER, localities=())
    assert domain.serves(anywhere, SECTION) == set(SECTION.localities)
