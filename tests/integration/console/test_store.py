"""The read model in PostgreSQL: what is saved is what is read, by those who may."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from chassis.database import Connection, Database
from chassis.restriction import Restriction, Seer
from chassis.restriction import store as restrictions
from chassis.stream.kernel import Saved
from contracts.events import Rag, Urgency
from services.console.domain import Assignment, ClockState, Entry, OpenClock, Row, Stage
from services.console.store import queue, sessions, views
from services.console.store.attention import clear_attention, note_attention, noted
from services.console.store.numbers import Counts, counted
from services.console.store.projection import ConsoleStore
from services.console.store.queue import FIRST, LATEST, SOONEST, Wanted
from tests.databases import Databases

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
STAFF = UUID(int=77)
HERE = ["warwickshire"]
SEER = Seer(STAFF, ("practitioner",), NOON)


def row(number: int, rag: Rag | None = Rag.AMBER, due_in: float | None = 4, **more: object) -> Row:
    """A row that waits. `due_in` is in hours."""
    clocks = ()
    if due_in is not None:
        clocks = (OpenClock(UUID(int=900 + number), "hub_enquiry", NOON + timedelta(hours=due_in)),)
    made = Row(
        referral_id=UUID(int=number),
        authority="warwickshire",
        reference=f"WAR-{number:06d}-K",
        received_at=NOON - timedelta(minutes=number),
        stage=Stage.TO_DECIDE,
        rag=rag,
        suggested=rag,
        urgency=Urgency.STANDARD,
        age_bands=("under_1", "1_to_4"),
        concerns=("neglect",),
        source_agency="school",
        locality="rugby",
        immediate_danger=False,
        restricted=False,
        clocks=clocks,
        number=1,
    )
    return replace(made, **more)  # type: ignore[arg-type]


async def numbers_of(
    connection: Connection, authorities: list[str], locality: str | None, seer: Seer
) -> Counts:
    return (await counted(connection, authorities, locality, seer)).of(seer.staff_id)


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    database = Database(databases.urls["console"], schema="console")
    await database.open()
    yield database
    await database.close()


async def save(database: Database, *rows: Row) -> None:
    async with database.transaction() as connection:
        await ConsoleStore().save(
            connection, [Saved(one.referral_id, one.authority, None, one, NOON) for one in rows]
        )


async def to_decide(
    database: Database, wanted: Wanted | None = None, after: queue.Place = FIRST, limit: int = 50
) -> list[int]:
    async with database.connection() as connection:
        found = await queue.to_decide(connection, HERE, wanted or Wanted(), after, limit)
    return [one.referral_id.int for one, _ in found]


async def test_an_incident_that_a_hidden_referral_tells_of_is_not_said(database: Database) -> None:
    few = Restriction(frozenset({"manager"}), frozenset(), frozenset())
    await save(database, row(1, incidents=(UUID(int=2), UUID(int=3))))
    async with database.transaction() as connection:
        await restrictions.restrict(connection, UUID(int=2), "walsall", few)
        found = {
            role: await queue.referral(connection, UUID(int=1), HERE, Seer(STAFF, (role,), NOON))
            for role in ("manager", "practitioner")
        }
        await restrictions.unrestrict(connection, [UUID(int=2)])
    assert {role: one and one.incidents for role, one in found.items()} == {
        "manager": (UUID(int=2), UUID(int=3)),
        "practitioner": (UUID(int=3),),
    }


async def test_a_row_is_read_as_it_was_saved(database: Database) -> None:
    whole = row(
        1,
        clocks=(
            OpenClock(UUID(int=5), "acknowledge", NOON, ClockState.PAUSED),
            OpenClock(UUID(int=6), "hub_enquiry", NOON, ClockState.BREACHED),
        ),
        assignments=(Assignment(UUID(int=8), "duty", "duty", accepted=True),),
        outcomes=("strategy_discussion",),
        claimed_by=STAFF,
        claimed_role="practitioner",
        claim_lapses_at=NOON,
        withdrawal_asked=True,
        raised=True,
    )
    line = Entry(UUID(int=9), 1, NOON, "referral.submitted", {"children": 2, "nothing": None})
    await save(database, replace(whole, added=(line,)))
    async with database.connection() as connection:
        assert await ConsoleStore().load(connection, [whole.referral_id]) == {
            whole.referral_id: whole
        }
        [told] = await queue.timeline(connection, whole.referral_id, HERE, 10, SEER)
    assert (told.kind, told.codes) == ("referral.submitted", {"children": 2})


async def test_red_first_then_what_is_due_first_then_what_is_most_severe(
    database: Database,
) -> None:
    await save(
        database,
        row(1, Rag.GREEN, 1),
        row(2, Rag.AMBER, 1),
        row(3, Rag.RED, 9),
        row(4, None, 20),
        row(5, Rag.AMBER, -3),
        row(6, Rag.GREEN, None),
        row(7, Rag.GREEN, 30, immediate_danger=True),
    )
    assert await to_decide(database) == [3, 4, 7, 5, 2, 1, 6]


async def test_pages_follow_each_other_without_a_gap_or_a_repeat(database: Database) -> None:
    await save(database, *(row(number, due_in=number % 3) for number in range(1, 24)))
    seen: list[int] = []
    after = FIRST
    async with database.connection() as connection:
        while found := await queue.to_decide(connection, HERE, Wanted(), after, 5):
            seen += [one.referral_id.int for one, _ in found]
            after = found[-1][1]
    assert sorted(seen) == list(range(1, 24))


async def test_filters(database: Database) -> None:
    await save(
        database,
        row(1, Rag.RED),
        row(2, None),
        row(3, Rag.GREEN, -1, claimed_by=STAFF),
        row(4, Rag.AMBER, locality="warwick"),
        row(5, Rag.AMBER, stage=Stage.DECIDED),
    )
    assert await to_decide(database, Wanted(rag="red")) == [1, 2]
    assert await to_decide(database, Wanted(mine=STAFF)) == [3]
    assert await to_decide(database, Wanted(unclaimed=True, rag="amber")) == [4]
    assert await to_decide(database, Wanted(locality="warwick")) == [4]
    assert await to_decide(database, Wanted(due_before=NOON)) == [3]
    async with database.connection() as connection:
        numbers = await numbers_of(connection, HERE, None, SEER)
        decided = await queue.newest(connection, HERE, "decided", Wanted(), LATEST, 9)
        everything = await queue.newest(connection, HERE, None, Wanted(), LATEST, 9)
    assert (numbers.to_decide, numbers.red, numbers.amber, numbers.green) == (4, 2, 1, 1)
    assert (numbers.overdue, numbers.unclaimed, numbers.mine) == (1, 3, 1)
    assert [one.referral_id.int for one in decided] == [5]
    assert [one.referral_id.int for one in everything] == [1, 2, 3, 4, 5]


async def test_urgency_agency_and_the_lists_of_what_waits_or_came_at_night(
    database: Database,
) -> None:
    await save(
        database,
        row(1, urgency=Urgency.IMMEDIATE, source_agency="police", out_of_hours=True),
        row(2, urgency=Urgency.STANDARD, asked=(UUID(int=7),)),
        row(3, urgency=Urgency.STANDARD, locality="warwick"),
    )
    assert await to_decide(database, Wanted(urgency="immediate")) == [1]
    assert await to_decide(database, Wanted(agency="police")) == [1]
    assert await to_decide(database, Wanted(waiting=True)) == [2]
    assert await to_decide(database, Wanted(out_of_hours=True)) == [1]
    async with database.connection() as connection:
        numbers = await numbers_of(connection, HERE, None, SEER)
    assert (numbers.to_decide, numbers.waiting, numbers.out_of_hours) == (3, 1, 1)
    assert numbers.by_urgency == {"immediate": 1, "standard": 2}
    assert numbers.by_agency == {"police": 1, "school": 2}
    assert numbers.by_locality == {"warwick": 1, "rugby": 2}


async def test_what_is_to_allocate_and_what_is_overdue_by_due_time(database: Database) -> None:
    allocating = OpenClock(UUID(int=5), "lead_professional_allocated", NOON - timedelta(hours=3))
    signing_clock = OpenClock(UUID(int=6), "countersigned", NOON + timedelta(hours=3))
    await save(
        database,
        row(1, due_in=-1),
        row(2, stage=Stage.DECIDED, clocks=(allocating,)),
        row(3, stage=Stage.DECIDED, due_in=-2),
        row(4, due_in=5),
        row(5, due_in=None),
        row(6, stage=Stage.WITHDRAWN, due_in=-9),
        row(7, stage=Stage.DECIDED, clocks=(signing_clock,)),
    )
    async with database.connection() as connection:
        late = Wanted(due_before=NOON)
        overdue = await queue.by_due(connection, HERE, "running", late, SOONEST, 9)
        second = await queue.by_due(connection, HERE, "running", late, overdue[0][1], 1)
        signing = await queue.by_due(connection, HERE, "to_countersign", Wanted(), SOONEST, 9)
        loose = await queue.by_due(connection, HERE, "to_allocate", Wanted(), SOONEST, 9)
        numbers = await numbers_of(connection, HERE, None, SEER)
    assert [one.referral_id.int for one, _ in overdue] == [2, 3, 1]
    assert [one.referral_id.int for one, _ in second] == [3]
    assert [one.referral_id.int for one, _ in loose] == [2]
    assert [one.referral_id.int for one, _ in signing] == [7]
    assert (numbers.to_allocate, numbers.to_countersign, numbers.late) == (1, 1, 3)


async def test_what_awaits_agreement_or_an_answer_and_what_a_team_has(database: Database) -> None:
    asked = OpenClock(UUID(int=5), "worker_accepts", NOON + timedelta(hours=2))
    team = Assignment(UUID(int=8), "team", "family_support", accepted=True)
    worker = Assignment(UUID(int=9), "lead_professional", str(UUID(int=501)))
    await save(
        database,
        row(1, agreement="given"),
        row(2, agreement="not_sought", due_in=9),
        row(3, Rag.RED),
        row(4, stage=Stage.DECIDED, clocks=(asked,), assignments=(worker,)),
        row(5, stage=Stage.DECIDED, due_in=1, assignments=(team,)),
        row(6, stage=Stage.WITHDRAWN, due_in=1, assignments=(team,)),
    )
    assert await to_decide(database, Wanted(to_agree=True)) == [2]
    mine = Wanted(held_by=("family_support", str(UUID(int=501))))
    async with database.connection() as connection:
        offered = await queue.by_due(connection, HERE, "offered", Wanted(), SOONEST, 9)
        held = await queue.by_due(connection, HERE, "held", mine, SOONEST, 9)
        nobody = await queue.by_due(connection, HERE, "held", Wanted(), SOONEST, 9)
        numbers = await numbers_of(connection, HERE, None, SEER)
        ids = [UUID(int=number) for number in (5, 1, 99)]
        known = await queue.some(connection, ids, HERE, SEER)
        elsewhere = await queue.some(connection, ids, ["walsall"], SEER)
    assert [one.referral_id.int for one, _ in offered] == [4]
    assert [one.referral_id.int for one, _ in held] == [5, 4]
    assert (nobody, elsewhere) == ([], [])
    assert [one.referral_id.int for one in known] == [5, 1]
    assert (numbers.to_agree, numbers.offered) == (1, 1)


async def test_views_are_their_owners_alone_and_not_without_end(database: Database) -> None:
    mine = {"authority": "warwickshire", "staff_id": STAFF, "now": NOON}
    async with database.transaction() as connection:
        for number in range(views.MOST):
            view = views.SavedView(UUID(int=number + 1), f"View {number:02}", "rag=red")
            assert await views.save_view(connection, view, **mine)
        one_more = views.SavedView(UUID(int=99), "One more", "rag=red")
        assert not await views.save_view(connection, one_more, **mine)
        again = views.SavedView(UUID(int=98), "View 00", "rag=amber")
        assert await views.save_view(connection, again, **mine)
        await views.remove_view(connection, UUID(int=2), UUID(int=1234))
        kept = await views.views_of(connection, STAFF, HERE)
        assert (len(kept), kept[0].query) == (views.MOST, "rag=amber")
        await views.remove_view(connection, UUID(int=2), STAFF)
        assert len(await views.views_of(connection, STAFF, HERE)) == views.MOST - 1
        assert not await views.views_of(connection, UUID(int=1234), HERE)


async def test_what_could_not_be_processed_stands_apart_until_it_is_cleared(
    database: Database,
) -> None:
    await save(database, row(1), row(2))
    lost = (UUID(int=99), "warwickshire", "not_rated")
    async with database.transaction() as connection:
        assert await note_attention(
            connection, [(UUID(int=1), "warwickshire", "parked"), lost], NOON
        ) == 2  # fmt: skip
        assert await note_attention(connection, [lost], NOON + timedelta(hours=1)) == 0
        assert await noted(connection) == {
            UUID(int=1): ("warwickshire", "parked"),
            UUID(int=99): ("warwickshire", "not_rated"),
        }
        unread = await queue.unprocessed(connection, HERE, 9, SEER)
        numbers = await numbers_of(connection, HERE, None, SEER)
    assert [(one.referral_id.int, one.row is not None) for one in unread] == [
        (1, True),
        (99, False),
    ]
    assert all(one.since == NOON for one in unread)
    assert (numbers.unprocessed, numbers.to_decide) == (2, 1)
    assert await to_decide(database) == [2]
    async with database.transaction() as connection:
        assert await clear_attention(connection, [UUID(int=1), UUID(int=98)]) == 1
    assert await to_decide(database) == [1, 2]


async def test_another_authority_s_staff_see_nothing(database: Database) -> None:
    await save(database, row(1))
    lost = (UUID(int=99), "warwickshire", "parked")
    elsewhere = ["walsall"]
    async with database.transaction() as connection:
        await note_attention(connection, [lost], NOON)
        assert await queue.to_decide(connection, elsewhere, Wanted(), FIRST, 9) == []
        assert await queue.newest(connection, elsewhere, None, Wanted(), LATEST, 9) == []
        assert await queue.unprocessed(connection, elsewhere, 9, SEER) == []
        assert await queue.referral(connection, UUID(int=1), elsewhere, SEER) is None
        assert await queue.note(connection, UUID(int=99), elsewhere, SEER) is None
        assert await queue.by_reference(connection, "WAR-000001-K", elsewhere, SEER) is None
        assert await queue.timeline(connection, UUID(int=1), elsewhere, 9, SEER) == []
        numbers = await numbers_of(connection, elsewhere, None, SEER)
    nothing = Counts(0, 0, 0, 0, 0, by_urgency={}, by_agency={}, by_locality={})
    assert numbers == nothing


async def test_what_is_erased_is_found_nowhere(database: Database) -> None:
    await save(database, row(1, stage=Stage.ERASED))
    async with database.connection() as connection:
        assert await queue.newest(connection, HERE, None, Wanted(), LATEST, 9) == []
        assert await queue.referral(connection, UUID(int=1), HERE, SEER) is None
        assert await queue.by_reference(connection, "war-000001-k", HERE, SEER) is None


async def test_a_session_ends_where_it_ended_at_the_provider(database: Database) -> None:
    later = NOON + timedelta(hours=8)

    async def open_for(name: bytes, there: bytes | None, person: bytes, at: datetime) -> None:
        elsewhere = sessions.Elsewhere(b"sealed", there, person)
        async with database.transaction() as connection:
            await sessions.open_session(
                connection, name * 32, authority="warwickshire", staff_id=STAFF,
                sealed_token=b"sealed", now=at, expires_at=later, elsewhere=elsewhere,
            )  # fmt: skip

    await open_for(b"a", b"there-1", b"mira", NOON)
    await open_for(b"b", b"there-2", b"mira", NOON)
    await open_for(b"c", None, b"mira", NOON)
    await open_for(b"d", None, b"mira", NOON + timedelta(hours=2))
    await open_for(b"e", b"there-1", b"noor", NOON)

    async def left(there: bytes | None, person: bytes | None) -> str:
        async with database.transaction() as connection:
            at = NOON + timedelta(hours=1)
            await sessions.end_sessions_there(connection, there, person, at)
            found = [one for one in "abcde"
                     if await sessions.find_session(connection, one.encode() * 32)]  # fmt: skip
        return "".join(found)

    assert await left(b"there-9", None) == "abcde"
    # That session, and those of which nobody knows which they are; what began later stays.
    assert await left(b"there-2", b"mira") == "ade"
    assert await left(None, b"mira") == "de"


async def test_every_change_rings_for_its_authority_alone(database: Database) -> None:
    await save(database, row(1), row(2))
    await save(database, row(3, authority="walsall"), row(1, Rag.RED))
    async with database.connection() as connection:
        assert await queue.revisions(connection) == {"warwickshire": 2, "walsall": 1}
