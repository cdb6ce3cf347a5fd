"""Who may see a restricted referral, whatever the lists say."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from chassis.restriction.seeing import Restriction, Seer

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
PEOPLE = st.sampled_from([UUID(int=number) for number in range(4)])
ROLES = st.sampled_from(["practitioner", "manager", "duty", "coordinator"])
TIMES = st.integers(-90, 90).map(lambda minutes: NOON + timedelta(minutes=minutes))
SEERS = st.builds(Seer, PEOPLE, st.sets(ROLES).map(lambda roles: tuple(sorted(roles))), TIMES)
RESTRICTIONS = st.builds(
    Restriction,
    st.frozensets(ROLES),
    st.frozensets(PEOPLE),
    st.frozensets(PEOPLE),
    st.lists(st.tuples(PEOPLE, TIMES), max_size=3).map(tuple),
)


@given(RESTRICTIONS, SEERS)
def test_whoever_is_denied_never_sees_it(restriction: Restriction, seer: Seer) -> None:
    if seer.staff_id in restriction.denied:
        assert not restriction.shows(seer)


@given(RESTRICTIONS, SEERS)
def test_nobody_sees_it_without_a_role_a_name_or_a_broken_glass(
    restriction: Restriction, seer: Seer
) -> None:
    if restriction.shows(seer):
        assert (
            set(seer.roles) & restriction.roles
            or seer.staff_id in restriction.allowed
            or seer.staff_id in dict(restriction.opened)
        )


@given(RESTRICTIONS, SEERS)
def test_a_broken_glass_mends_at_its_time(restriction: Restriction, seer: Seer) -> None:
    later = Seer(seer.staff_id, seer.roles, NOON + timedelta(days=1))
    unopened = Restriction(restriction.roles, restriction.allowed, restriction.denied)
    assert restriction.shows(later) == unopened.shows(later)


@given(RESTRICTIONS)
def test_where_a_role_or_a_name_is_left_somebody_sees_it(restriction: Restriction) -> None:
    named = [UUID(int=99), *restriction.allowed]
    seers = [Seer(who, tuple(sorted(restriction.roles)), NOON) for who in named]
    assert restriction.names_somebody == any(restriction.shows(one) for one in seers) or (
        not restriction.roles and restriction.opened
    )
