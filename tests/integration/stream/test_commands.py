"""Commands share a commit, and each is answered for itself, after it."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

import asyncpg
import pytest

from chassis.audit import AuditEntry
from chassis.database import Connection, Database, DatabaseAway
from chassis.errors import DomainError, InvalidInput
from chassis.http.claims import Claim
from chassis.ids import new_id
from chassis.stream import store
from chassis.stream.kernel import Answer, Command, Kernel
from chassis.stream.port import Outgoing
from policy.loading import PackSet
from tests.clocks import SetClock
from tests.integration.stream.streams import blocked
from tests.integration.stream.toy import (
    AUTHORITY,
    FAULTY,
    FORBIDDEN,
    NUL,
    REFUSED,
    UNSAVEABLE,
    Tally,
    Toy,
    heard,
    kernel_of,
    told,
)

ROW_TRANSACTIONS = """
SELECT (SELECT xmin::text FROM tally), (SELECT xmin::text FROM audit_entry),
       (SELECT xmin::text FROM idempotency), (SELECT xmin::text FROM mark),
       (SELECT xmin::text FROM event_stream.event_log)
"""
COUNTS = """
SELECT (SELECT count(*) FROM tally) + (SELECT count(*) FROM audit_entry)
     + (SELECT count(*) FROM idempotency) + (SELECT count(*) FROM mark)
     + (SELECT count(*) FROM event_stream.event_log)
"""


def claim(key: str, content: str = "the same") -> Claim:
    return Claim("a-partner", key, hashlib.sha256(content.encode()).digest())


def says(
    toy: Toy, said: str, referral_id: UUID | None = None, key: Claim | None = None
) -> Command[Tally]:
    """A command to a referral of its own, unless one is given."""
    return Command(referral_id or new_id(), AUTHORITY, toy.decide(said), claim=key)


@pytest.mark.usefixtures("serving")
async def test_a_command_is_answered_with_what_was_decided(
    kernel: Kernel[Tally], toy: Toy, database: Database
) -> None:
    referral = new_id()
    for place, said in enumerate(("good morning", "good night"), 1):
        answer = await kernel.submit(says(toy, said, referral))
        assert json.loads(answer.body)["sequence"] == place
    assert json.loads(answer.body)["heard"] == ["good morning", "good night"]
    assert await heard(database) == {referral: ["good morning", "good night"]}
    assert await told(database, "triage/1") == await heard(database)


@pytest.mark.usefixtures("serving")
async def test_commands_that_come_together_share_one_commit(
    kernel: Kernel[Tally], toy: Toy, database: Database
) -> None:
    one = new_id()
    commands = [says(toy, f"{number}", one if number % 2 else None) for number in range(50)]
    answers = await asyncio.gather(*map(kernel.submit, commands))
    assert {answer.status for answer in answers} == {200}
    async with database.connection() as connection:
        commits = "SELECT count(DISTINCT xmin::text) FROM tally"
        assert await connection.fetchval(commits) == 1
    found = await heard(database)
    assert found[one] == [f"{number}" for number in range(50) if number % 2]
    assert len(found) == 26


@pytest.mark.usefixtures("serving")
@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (REFUSED, DomainError),
        (FAULTY, ZeroDivisionError),
        (NUL, asyncpg.CharacterNotInRepertoireError),
        (FORBIDDEN, asyncpg.CheckViolationError),
        (UNSAVEABLE, LookupError),
    ],
)
async def test_a_command_that_fails_takes_no_other_with_it(
    kernel: Kernel[Tally], toy: Toy, database: Database, trouble: str, error: type[Exception]
) -> None:
    commands = [says(toy, f"{number}", key=claim(f"{number}")) for number in range(9)]
    commands[4] = says(toy, trouble, key=claim("4"))
    answers = await asyncio.gather(*map(kernel.submit, commands), return_exceptions=True)
    assert isinstance(answers[4], error)
    assert [type(answer) for answer in answers].count(Answer) == 8
    assert set(await heard(database)) == {
        command.referral_id for place, command in enumerate(commands) if place != 4
    }
    toy.mended.add(trouble)
    answer = await kernel.submit(commands[4])
    assert not answer.replayed, "a refused request may be sent again with the same key"


@pytest.mark.usefixtures("serving")
async def test_a_key_that_comes_again_gets_the_answer_that_was_given(
    kernel: Kernel[Tally], toy: Toy, database: Database, packs: PackSet, clock: SetClock
) -> None:
    referral = new_id()
    command = says(toy, "once", referral, claim("key"))
    first = await kernel.submit(command)
    again = await kernel.submit(command)
    assert (again.status, again.body, again.replayed) == (first.status, first.body, True)
    other = kernel_of(toy, database, packs, clock)
    elsewhere = asyncio.create_task(other.run_commands())
    assert (await other.submit(command)).body == first.body
    elsewhere.cancel()
    with pytest.raises(InvalidInput) as refusal:
        await kernel.submit(says(toy, "another", referral, claim("key", "another")))
    assert refusal.value.code == "key_used_before"
    assert await heard(database) == {referral: ["once"]}


async def test_a_key_that_comes_twice_at_once_is_done_once(
    toy: Toy, database: Database, packs: PackSet, clock: SetClock
) -> None:
    kernels = [kernel_of(toy, database, packs, clock) for _ in range(4)]
    loops = [asyncio.create_task(kernel.run_commands()) for kernel in kernels]
    try:
        for number in range(10):
            command = says(toy, "once", key=claim(f"{number}"))
            answers = await asyncio.gather(
                *(kernel.submit(command) for kernel in kernels for _ in range(2)),
                return_exceptions=True,
            )
            done = [one for one in answers if isinstance(one, Answer) and not one.replayed]
            refused = [one for one in answers if isinstance(one, DomainError)]
            repeated = [one for one in answers if isinstance(one, Answer) and one.replayed]
            assert len(done) == 1
            assert {one.code for one in refused} <= {"still_running"}
            assert {one.body for one in repeated} <= {done[0].body}
            assert len(refused) + len(repeated) == 7
            assert (await heard(database))[command.referral_id] == ["once"]
    finally:
        for loop in loops:
            loop.cancel()


class Fallible:
    """An appender that can fail."""

    def __init__(self) -> None:
        self.fails = True

    async def __call__(self, connection: Connection, events: Sequence[Outgoing]) -> None:
        await store.append(connection, events)
        if self.fails:
            raise ArithmeticError


async def test_state_event_audit_and_answer_are_one_commit(
    toy: Toy, database: Database, packs: PackSet, clock: SetClock
) -> None:
    append = Fallible()
    kernel = kernel_of(toy, database, packs, clock, append=append)
    loop = asyncio.create_task(kernel.run_commands())
    referral = new_id()
    command = Command(
        referral,
        AUTHORITY,
        toy.decide("a word"),
        audit=AuditEntry("word_said", None, AUTHORITY, referral),
        claim=claim("key"),
        status=201,
    )
    with pytest.raises(ArithmeticError):
        await kernel.submit(command)
    async with database.connection() as connection:
        assert await connection.fetchval(COUNTS) == 0
    append.fails = False
    assert (await kernel.submit(command)).status == 201
    loop.cancel()
    async with database.connection() as connection:
        transactions = await connection.fetchrow(ROW_TRANSACTIONS)
    assert transactions is not None
    assert None not in transactions
    assert len(set(transactions)) == 1


async def test_who_waits_when_the_service_stops_is_told_to_come_again(
    kernel: Kernel[Tally], toy: Toy, database: Database
) -> None:
    async with database.transaction() as connection:
        await connection.execute("LOCK TABLE tally IN ACCESS EXCLUSIVE MODE")
        loop = asyncio.create_task(kernel.run_commands())
        waiting = [asyncio.create_task(kernel.submit(says(toy, "first")))]
        await blocked(connection)
        waiting += [asyncio.create_task(kernel.submit(says(toy, f"{one}"))) for one in range(3)]
        await asyncio.wait(waiting, timeout=0)
        loop.cancel()
        with suppress(asyncio.CancelledError):
            await loop
    told_so = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one) for one in told_so] == [DatabaseAway] * 4
    assert await heard(database) == {}
