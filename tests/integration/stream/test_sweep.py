"""Sweeps look at cases whose time has come, pass by those that others hold, and let no case hold
up another."""

import asyncio
from datetime import datetime
from uuid import UUID

import pytest

from chassis.change import Change, Ids
from chassis.database import Database
from chassis.ids import new_id
from chassis.stream.kernel import Kernel
from policy.loading import PackSet
from tests.clocks import SetClock
from tests.integration.stream.streams import Delivery
from tests.integration.stream.toy import (
    AUTHORITY,
    EARLY,
    TROUBLE,
    Tally,
    Toy,
    heard,
    kernel_of,
    told,
    word,
)

HOLD = "SELECT 1 FROM mark WHERE referral_id = $1 AND source = 'triage/1' FOR UPDATE"


@pytest.fixture
async def cases(kernel: Kernel[Tally], clock: SetClock) -> list[UUID]:
    """Six cases that have heard one word."""
    referrals = sorted(new_id() for _ in range(6))
    delivery = Delivery()
    events = [word(one, 1, "begun", clock()) for one in referrals]
    await kernel.answer_events(delivery, delivery.batch(events))
    return referrals


def due(*cases: UUID) -> dict[UUID, str]:
    return dict.fromkeys(cases, AUTHORITY)


async def test_what_is_due_is_done_in_one_sweep(
    kernel: Kernel[Tally], toy: Toy, database: Database, cases: list[UUID]
) -> None:
    def once(state: Tally, policy: PackSet, ids: Ids, now: datetime) -> Change[Tally] | None:
        del policy, ids, now
        return None if "fired" in state.heard else toy.hear(state, "fired")

    assert await kernel.sweep(due(*cases, new_id()), once) == 6
    assert await kernel.sweep(due(*cases), once) == 6
    assert await heard(database) == dict.fromkeys(cases, ["begun", "fired"])
    assert await told(database, "triage/1") == await heard(database)


async def test_a_case_that_somebody_holds_is_passed_by(
    kernel: Kernel[Tally], toy: Toy, database: Database, cases: list[UUID]
) -> None:
    async with database.transaction() as connection:
        await connection.execute(HOLD, cases[2])
        looked = await kernel.sweep(due(*cases), lambda state, *_: toy.hear(state, "fired"))
    assert looked == 5
    found = await heard(database)
    assert found[cases[2]] == ["begun"]
    assert [found[one] for one in cases if one != cases[2]] == [["begun", "fired"]] * 5


@pytest.mark.parametrize("trouble", [*TROUBLE, EARLY])
async def test_a_case_that_cannot_be_fired_holds_up_no_other(
    kernel: Kernel[Tally], toy: Toy, database: Database, cases: list[UUID], trouble: str
) -> None:
    def fire(state: Tally, policy: PackSet, ids: Ids, now: datetime) -> Change[Tally]:
        del policy, ids, now
        return toy.hear(state, trouble if state.heard[-1] == "culprit" else "fired")

    await kernel.sweep(due(cases[3]), lambda state, *_: toy.hear(state, "culprit"))
    await kernel.sweep(due(*cases), fire)
    found = await heard(database)
    assert found[cases[3]] == ["begun", "culprit"]
    assert [found[one] for one in cases if one != cases[3]] == [["begun", "fired"]] * 5
    assert await told(database, "triage/1") == found


async def test_a_case_that_cannot_be_read_holds_up_no_other(
    kernel: Kernel[Tally], toy: Toy, database: Database, cases: list[UUID]
) -> None:
    toy.unreadable.add(cases[0])
    assert await kernel.sweep(due(*cases), lambda state, *_: toy.hear(state, "fired")) == 5
    assert [(await heard(database))[one] for one in cases] == [
        ["begun"],
        *[["begun", "fired"]] * 5,
    ]


async def test_sweeps_and_events_of_the_same_cases_do_not_lock_each_other_out(
    toy: Toy, database: Database, packs: PackSet, clock: SetClock, cases: list[UUID],
    kernel: Kernel[Tally],
) -> None:  # fmt: skip
    sweeper = kernel_of(toy, database, packs, clock)
    delivery = Delivery()
    async with database.connection() as connection:
        before = await connection.fetchval(DEADLOCKS)

    async def events() -> None:
        for number in range(2, 40):
            batch = delivery.batch([word(one, number, f"{number}", clock()) for one in cases])
            await kernel.answer_events(delivery, batch)

    async def sweeps() -> None:
        for number in range(40):
            await sweeper.sweep(
                due(*cases), lambda state, *_, said=f"fired {number}": toy.hear(state, said)
            )

    await asyncio.gather(events(), sweeps())
    async with database.connection() as connection:
        await connection.execute("SELECT pg_stat_force_next_flush()")
        assert await connection.fetchval(DEADLOCKS) == before
    assert await told(database, "triage/1") == await heard(database)


DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
