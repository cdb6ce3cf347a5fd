"""What the tables of another system say of children, and what of it counts."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from chassis.vault import BlindIndex
from contracts.events import AssigneeKind, ChildDecision, Outcome, Rag
from policy.matching import Person, State
from services.intake.domain import Case, Stage
from services.intake.elsewhere.domain import here
from services.intake.elsewhere.known import (
    Fact,
    Freshness,
    Record,
    counted,
    digests,
    freshness,
    told,
)
from services.intake.elsewhere.tables import NotTheDataset, known
from services.intake.people.matches import Match, Role

INDEX = BlindIndex(b"k" * 32)
CHILD = UUID(int=7)
NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
TABLES = {
    "ssd_person": "PERS_PERSON_ID,pers_common_child_id,pers_dob,pers_forename,pers_surname\n"
    "1,999 000 0476,2017-03-04 00:00:00,Katherine,Testwood\n"
    "2,NULL,04/05/2018,Sam,Sampleton\n"
    "3,,2019-01-01,Nobody,Mock\n",
    "ssd_cin_episodes": "cine_person_id,cine_referral_date,cine_close_date,cine_referral_nfa,"
    "cine_referral_team\n"
    "1,2025-11-03,,N,Assessment\n"
    "1,2020-01-06,2020-06-30,N,Assessment\n"
    "2,2025-02-03,2025-12-19,N,\n"
    "3,2026-01-05,,Y,\n",
    "ssd_cp_plans": "cppl_person_id,cppl_cp_plan_start_date,cppl_cp_plan_end_date,"
    "cppl_cp_plan_latest_category\n1,2025-12-01,,Neglect\n",
    "ssd_legal_status": "lega_person_id,lega_legal_status,lega_legal_status_start_date,"
    "lega_legal_status_end_date\n3,V4 Short breaks,2026-01-01,\n",
    "ssd_involvements": "invo_person_id,invo_professional_id,invo_professional_team,"
    "invo_involvement_start_date,invo_involvement_end_date\n"
    "1,90,Old team,2025-11-03,2025-12-31\n1,91,Safeguarding North,2026-01-01,\n",
    "ssd_professionals": "prof_professional_id,prof_staff_id,prof_professional_name\n"
    "91,sw-1207,Robin Mockley\n",
    "ssd_linked_identifiers": "link_person_id,link_identifier_type,link_identifier_value,"
    "link_valid_to_date\n2,Unique Pupil Number,Z937000100001,\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(text, "utf-8-sig")
    return tmp_path


def test_tables_become_children_with_what_is_known(folder: Path) -> None:
    first, second = known(folder)
    assert first.person.nhs_number == "9990000476"
    assert first.person.born == date(2017, 3, 4)
    assert [(one.kind, one.until is None) for one in first.facts] == [
        ("social_care", True),
        ("protection_plan", True),
        ("social_care", False),
    ]
    assert {(one.team, one.worker, one.worker_code) for one in first.facts if not one.until} == {
        ("Safeguarding North", "Robin Mockley", "sw-1207")
    }
    text = TABLES["ssd_professionals"].replace("sw-1207", "robin.mockley")
    (folder / "ssd_professionals.csv").write_text(text)
    # What may be a name goes into no event.
    first, _ = known(folder)
    assert {(one.worker, one.worker_code) for one in first.facts if not one.until} == {
        ("Robin Mockley", None)
    }
    assert second.person.born == date(2018, 5, 4)
    # No further action is no case, and a short break no legal status: nobody knows the third.


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("ssd_cin_episodes", None),
        ("ssd_person", "somebody\n1\n"),
        (
            "ssd_cin_episodes",
            "cine_person_id,cine_referral_date,cine_close_date\n1,2025-11-03,soon\n",
        ),
    ],
)
def test_what_is_not_the_dataset_is_refused(folder: Path, table: str, text: str | None) -> None:
    path = folder / f"{table}.csv"
    if text is None:
        path.unlink()
    else:
        path.write_text(text, "utf-8")
    with pytest.raises(NotTheDataset):
        list(known(folder))


def test_a_number_alone_is_nobody_and_a_name_alone_is_not_sure() -> None:
    person = Person.named("Kay", "Testwood", born=date(2017, 3, 4), nhs_number="9990000476")
    ours = dict(digests("walsall", person, INDEX))
    for other, agrees in (
        (Person.named("Kay", "Mock", born=date(2017, 3, 4), nhs_number="9990000476"), {True}),
        (Person.named("Kay", "Testwood", nhs_number="9990000476"), {True}),
        (Person.named("Kay", "Testwood", born=date(2017, 3, 4)), {False}),
        (Person.named("Jo", "Mock", born=date(2018, 3, 4), nhs_number="9990000476"), set()),
    ):
        theirs = dict(digests("walsall", other, INDEX))
        assert {ours[one] for one in ours.keys() & theirs.keys()} == agrees
    assert not ours.keys() & dict(digests("hartlepool", person, INDEX)).keys()


def test_what_is_open_counts_and_what_was_closed_only_where_nothing_is() -> None:
    case = Fact("social_care", date(2025, 11, 3), team="North")
    plan = Fact("protection_plan", date(2025, 12, 1), worker_code="sw-1207")
    early = Fact("early_help", date(2024, 1, 8), date(2024, 9, 2))
    (one,) = counted(CHILD, Record(True, (plan, case, early)))
    assert (one.kind, one.team, one.worker, one.at) == (
        "open_social_care", "North", "sw-1207", datetime(2025, 11, 3, tzinfo=UTC),
    )  # fmt: skip
    (ended,) = counted(CHILD, Record(True, (early,)))
    assert (ended.kind, ended.at.date()) == ("closed", date(2024, 9, 2))


def test_what_is_old_is_not_known_and_never_not_open() -> None:
    assert freshness(None, NOW, 3) is Freshness.NEVER
    assert freshness(NOW - timedelta(days=3), NOW, 3) is Freshness.FRESH
    assert freshness(NOW - timedelta(days=3, seconds=1), NOW, 3) is Freshness.STALE
    record = Record(False, (Fact("early_help", date(2025, 1, 6)),))
    said = told({CHILD: [record]}, NOW, NOW, 3)
    assert said["children"][0]["sure"] is False
    assert told({}, None, NOW, 3) == {"freshness": "never", "as_of": None, "children": []}


def referral(number: int, outcome: Outcome | None = None, **said: object) -> Case:
    """A referral of one day, about one child of the same number."""
    at = NOW - timedelta(days=30 - number)
    case = Case(
        UUID(int=number), "walsall", f"WAL-{number}", UUID(int=1), "school", at, "2018.1", "school",
        Stage.DECIDED, 1, matches=said.get("matches", ()),  # type: ignore[arg-type]
        closed_at=said.get("closed_at"),  # type: ignore[arg-type]
    )  # fmt: skip
    if outcome is None:
        return case
    decided = ChildDecision(child_id=UUID(int=100 + number), rag=Rag.AMBER, outcome=outcome)
    return replace(case, decided_at=at, outcomes=(decided,))


def test_an_earlier_referral_that_goes_on_counts_and_so_does_one_that_was_closed_lately() -> None:
    assessed = replace(
        referral(1, Outcome.CHILD_AND_FAMILY_ASSESSMENT),
        allocated_to=AssigneeKind.LEAD_PROFESSIONAL,
        assignee="a worker",
        team="north",
    )
    helped = referral(2, Outcome.EARLY_HELP_ASSESSMENT, closed_at=NOW - timedelta(days=2))
    nothing = referral(3, Outcome.NO_FURTHER_ACTION)
    other, waits = referral(4, Outcome.STRATEGY_DISCUSSION), referral(5)
    later = referral(9, Outcome.STRATEGY_DISCUSSION)
    every = {one.referral_id: one for one in (assessed, helped, nothing, other, waits, later)}

    def match(case: Case, state: State = State.LINKED) -> Match:
        own = UUID(int=100 + case.referral_id.int)
        return Match(CHILD, Role.CHILD, case.referral_id, own, case.received_at, state, "person")

    said = {other: State.CANDIDATE}
    matches = tuple(match(one, said.get(one, State.LINKED)) for one in every.values())
    found = [
        (one.kind, one.at, one.team, one.worker)
        for one in here(referral(8, matches=matches), every)
    ]
    assert found == [
        ("open_social_care", assessed.decided_at, "north", "a worker"),
        ("closed", helped.closed_at, None, None),
    ]
