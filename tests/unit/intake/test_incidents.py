"""Two agencies that tell of one incident: what software may say of it, and that a person's word
stands, in both referrals alike."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from contracts.events import IncidentLinked, IncidentUnlinked
from policy.loading import PackSet
from policy.matching import State
from services.intake.calls.call import Call, Channel
from services.intake.domain import Case, Stage
from services.intake.incidents.domain import Account, Said, account, is_one, may_be_one, say
from services.intake.people.matches import Match, Role

NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
DAYS = 3
STAFF = UUID(int=99)
WORRIED = Account(frozenset({"domestic_abuse", "neglect"}), None)
SCHOOL, POLICE = UUID(int=1), UUID(int=2)


def case(number: UUID, organisation: int, **said: object) -> Case:
    plain = Case(
        referral_id=number,
        authority="warwickshire",
        reference=f"WAR-00000{number.int}-K",
        organisation_id=UUID(int=organisation),
        client_id="testwood-academy",
        received_at=NOW,
        pack_version="2018.1",
        source_agency="school",
        stage=Stage.RECEIVED,
        version=1,
    )
    return replace(plain, **said)  # type: ignore[arg-type]


def matched(state: State = State.LINKED, role: Role = Role.CHILD) -> Case:
    """The police's, about a child of the school's."""
    about = Match(UUID(int=20), role, SCHOOL, UUID(int=10), NOW, state, "nhs_number")
    return case(POLICE, 200, matches=(about,))


@pytest.mark.parametrize(
    ("school", "police", "may_be"),
    [
        ({}, {}, True),
        ({"organisation_id": UUID(int=200)}, {}, False),
        # Two who wrote by the web form.
        ({"organisation_id": UUID(int=200)}, {"source_agency": "police"}, True),
        # A call, and its own written form.
        ({"call": Call(Channel.TELEPHONE, STAFF, True, NOW, POLICE)}, {}, False),
        ({"call": Call(Channel.TELEPHONE, STAFF, True)}, {}, True),
        ({"authority": "walsall"}, {}, False),
        ({"historic": True}, {}, False),
        ({"received_at": NOW - timedelta(days=DAYS)}, {}, True),
        ({"received_at": NOW - timedelta(days=DAYS, minutes=1)}, {}, False),
        ({}, {"matches": ()}, False),
    ],
)
def test_two_agencies_about_one_child_within_the_packs_days(
    school: dict[str, object], police: dict[str, object], may_be: bool
) -> None:
    one, other = case(SCHOOL, 100, **school), replace(matched(), **police)  # type: ignore[arg-type]
    # Whichever of the two is asked.
    assert may_be_one(one, other, DAYS) is may_be_one(other, one, DAYS) is may_be


@pytest.mark.parametrize(
    ("police", "theirs", "is_so"),
    [
        (matched(), WORRIED, True),
        (matched(), Account(frozenset({"missing"}), None), False),
        # A candidate is a question to a person; so is a parent.
        (matched(State.CANDIDATE), WORRIED, False),
        (matched(State.NOT_SAME), WORRIED, False),
        (matched(role=Role.ADULT), WORRIED, False),
    ],
)
def test_software_says_so_only_of_a_linked_child_and_the_same_worry(
    police: Case, theirs: Account, is_so: bool
) -> None:
    assert is_one(case(SCHOOL, 100), police, DAYS, WORRIED, theirs) is is_so


def test_an_incident_number_says_more_than_the_worry() -> None:
    def numbered(number: str, concern: str = "neglect") -> Account:
        return Account(frozenset({concern}), number)

    one, other = case(SCHOOL, 100), matched()
    assert is_one(one, other, DAYS, numbered("A1", "missing"), numbered("A1"))
    assert not is_one(one, other, DAYS, numbered("A1"), numbered("A2"))


def test_what_a_form_tells_is_what_is_so_now() -> None:
    told = account(
        '{"incident_number": "mp 12/345", "concerns": [{"code": "neglect"},'
        ' {"code": "missing", "current": false}]}'
    )
    assert told == Account(frozenset({"neglect"}), "MP12345")
    assert account("{}") == Account(frozenset(), None)


def said(state: Case, what: State, staff: UUID | None = STAFF) -> tuple[Case, list[object]]:
    def ids() -> UUID:
        raise AssertionError("it needs no id of its own")

    change, answer = say(state, Said(POLICE, what, staff), PackSet({}), ids, NOW)
    assert answer["other_referral_id"] == POLICE
    return change.state, list(change.events)


def test_a_person_confirms_undoes_and_is_not_overruled() -> None:
    linked, events = said(case(SCHOOL, 100), State.LINKED, None)
    assert events == [IncidentLinked(other_referral_id=POLICE, how="matched")]
    assert said(linked, State.LINKED, None) == (linked, [])

    confirmed, events = said(linked, State.LINKED)
    assert (confirmed.incidents[0].said_by, events) == (STAFF, [])
    apart, events = said(confirmed, State.NOT_SAME)
    assert events == [IncidentUnlinked(other_referral_id=POLICE)]
    assert said(apart, State.NOT_SAME) == (apart, [])
    # A look-up that runs again leaves it alone.
    assert said(apart, State.LINKED, None) == (apart, [])
    again, events = said(apart, State.LINKED)
    assert events == [IncidentLinked(other_referral_id=POLICE, how="person")]
    assert len(again.incidents) == 1


def test_software_takes_back_what_it_said_and_nothing_else() -> None:
    linked, _ = said(case(SCHOOL, 100), State.LINKED, None)
    over, events = said(linked, State.CANDIDATE, None)
    assert (over.incidents, events) == ((), [IncidentUnlinked(other_referral_id=POLICE)])
    confirmed, _ = said(linked, State.LINKED)
    assert said(confirmed, State.CANDIDATE, None) == (confirmed, [])
    assert said(over, State.CANDIDATE, None) == (over, [])
