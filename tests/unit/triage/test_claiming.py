"""Who reads a referral, and until when."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import DomainError, Forbidden
from contracts.events import Rag, TriageClaimed, TriageReleased
from policy.claiming import lapses_at
from policy.loading import PackSet
from services.triage.domain import Case, Person
from services.triage.domain.claiming import Release, TakeClaim, claim, lapse, release
from tests.unit.triage.cases import AMBER, AUTHORITY, OPEN, RED, Ids, person, submitted

CLOSES = datetime(2026, 3, 5, 17, 30, tzinfo=UTC)
MANAGER = person(9, "manager")


def take(
    case: Case, who: Person, packs: PackSet, *, now: datetime = OPEN, take_over: bool = False
) -> Case:
    change, _ = claim(case, TakeClaim(who, take_over), packs, Ids(), now)
    return change.state


def test_a_claim_lapses_when_the_shift_ends_and_sooner_for_red(packs: PackSet) -> None:
    amber = take(submitted(packs, AMBER), person(), packs).claim
    red = take(submitted(packs, RED), person(), packs).claim
    assert amber is not None
    assert amber.lapses_at == CLOSES
    assert red is not None
    assert red.lapses_at == OPEN + timedelta(hours=1)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC)),
    st.sampled_from(list(Rag)),
)
def test_a_claim_always_ends_and_red_never_later(packs: PackSet, at: datetime, rag: Rag) -> None:
    pack = packs.current(AUTHORITY, at.date())
    assert at < lapses_at(pack, Rag.RED, at) <= lapses_at(pack, rag, at)
    assert lapses_at(pack, Rag.RED, at) <= at + timedelta(hours=1)


def test_the_second_is_told_that_somebody_reads_it(packs: PackSet) -> None:
    held = take(submitted(packs, AMBER), person(1), packs)
    with pytest.raises(DomainError) as refused:
        take(held, person(2), packs)
    assert refused.value.code == "claimed_by_another"
    assert "17:30" in refused.value.detail
    with pytest.raises(Forbidden):
        take(held, person(2), packs, take_over=True)
    assert take(held, person(1), packs).claim is not None
    later = CLOSES + timedelta(seconds=1)
    assert take(held, person(2), packs, now=later).claim is not None


def test_a_manager_takes_it_over(packs: PackSet) -> None:
    held = take(submitted(packs, AMBER), person(1), packs)
    change, told = claim(held, TakeClaim(MANAGER, take_over=True), packs, Ids(), OPEN)
    (event,) = change.events
    assert isinstance(event, TriageClaimed)
    assert event.taken_from == person(1).staff_id
    assert told["claim"]["by"] == MANAGER.name


def test_it_is_given_back_by_whoever_has_it_or_a_manager(packs: PackSet) -> None:
    held = take(submitted(packs, AMBER), person(1), packs)
    with pytest.raises(Forbidden):
        release(held, Release(person(2)), packs, Ids(), OPEN)
    for who in (person(1), MANAGER):
        change, _ = release(held, Release(who), packs, Ids(), OPEN)
        assert change.state.claim is None
        (event,) = change.events
        assert isinstance(event, TriageReleased)
        assert not event.lapsed
    with pytest.raises(DomainError):
        release(submitted(packs, AMBER), Release(MANAGER), packs, Ids(), OPEN)


def test_a_claim_that_nobody_gave_back_lapses_once(packs: PackSet) -> None:
    held = take(submitted(packs, RED), person(1), packs)
    assert lapse(held, packs, Ids(), OPEN + timedelta(minutes=59)) is None
    change = lapse(held, packs, Ids(), OPEN + timedelta(hours=1))
    assert change is not None
    (event,) = change.events
    assert isinstance(event, TriageReleased)
    assert event.lapsed
    assert lapse(change.state, packs, Ids(), OPEN + timedelta(hours=2)) is None
