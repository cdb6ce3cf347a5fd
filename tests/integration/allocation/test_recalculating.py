"""Open clocks are counted again when the calendar or the pack changes, and never silently."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from chassis.database import Database
from chassis.stream import store as stream_store
from policy.announced import EVERYWHERE, Announced
from policy.loading import PackSet, load_packs
from services.allocation.clocks.recalculating import BATCH, Recalculation
from services.allocation.store import AllocationStore
from tests.clocks import SetClock
from tests.integration.allocation.cases import SOURCE, VAULT, kernel_on, received, save

LONDON = ZoneInfo("Europe/London")
# The Thursday before Easter: one working day ends on the Tuesday that is announced to be closed.
THURSDAY = datetime(2026, 4, 2, 15, tzinfo=LONDON).astimezone(UTC)
ANNOUNCED = load_packs(
    announced={EVERYWHERE: Announced.model_validate({"bank_holidays": {"2026-04-07": "Thanks"}})}
)
AUDITED = """
SELECT details FROM audit_entry WHERE action = 'clock_recalculated' AND referral_id = ANY ($1)
"""
SAID = """
SELECT count(*) FROM event_stream.event_log
 WHERE type = 'uk.frontdoor.clock.recalculated.v1' AND referral_id = ANY ($1)
"""


async def test_a_day_announced_late_moves_every_open_clock_with_an_event_and_an_audit_entry(
    database: Database, packs: PackSet, clock: SetClock
) -> None:
    clock.now = THURSDAY
    cases = [received(packs, THURSDAY, unfireable=False) for _ in range(BATCH + 20)]
    await save(database, cases, clock())
    ids = [case.referral_id for case in cases]

    # What was counted by what is in force is left alone.
    assert await Recalculation(kernel_on(database, packs, clock)).step() == 0

    restarted = Recalculation(kernel_on(database, ANNOUNCED, clock))
    assert await restarted.step() == len(cases)
    async with database.connection() as connection:
        held = await AllocationStore(VAULT).load(connection, ids)
        audited = await connection.fetch(AUDITED, ids)
        said = await connection.fetchval(SAID, ids)
    due = {each.times.due_at for case in held.values() for each in case.clocks}
    assert due == {datetime(2026, 4, 8, 15, tzinfo=LONDON)}
    moved = sum(len(case.clocks) for case in cases)
    assert (len(audited), said) == (moved, moved)
    assert audited[0]["details"]["because"] == "calendar"
    assert await restarted.step() == 0


async def test_a_case_that_somebody_works_on_is_looked_at_in_the_next_round(
    database: Database, packs: PackSet, clock: SetClock
) -> None:
    clock.now = THURSDAY
    free, busy = (received(packs, THURSDAY, unfireable=False) for _ in range(2))
    await save(database, [free, busy], clock())
    recalculation = Recalculation(kernel_on(database, ANNOUNCED, clock))
    async with database.transaction() as connection:
        await stream_store.lock_cases(connection, "allocation", SOURCE, [busy.referral_id])
        assert await recalculation.step() == 1
    assert await recalculation.step() == 1
    assert await recalculation.step() == 0
