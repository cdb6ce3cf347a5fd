"""Idempotency keys in PostgreSQL: done once, answered again, refused where they don't fit."""

import asyncio
from datetime import timedelta
from typing import Any

from chassis.database import Connection, Database
from chassis.errors import DomainError, InvalidInput
from chassis.http import idempotency, store
from chassis.http.claims import Claim
from chassis.http.idempotency import claim_of
from tests.clocks import START

Told = tuple[int, bytes, bool]


def told(status: int, body: bytes, replayed: bool) -> Told:  # noqa: FBT001
    return status, body, replayed


async def claim(connection: Connection, *claims: Claim) -> dict[int, Any]:
    return await idempotency.claim(connection, dict(enumerate(claims)), START, told)


def key(name: str, client: str = "elmfield", body: bytes = b"{}") -> Claim:
    return claim_of(client, name, body)


async def test_a_new_key_is_worked_on_and_an_old_one_is_answered(database: Database) -> None:
    async with database.transaction() as connection:
        assert await claim(connection, key("a"), key("b")) == {}
        await idempotency.keep(connection, [(key("a"), 201, b'{"id":1}')], [key("b")])
    async with database.transaction() as connection:
        assert await claim(connection, key("b"), key("a")) == {1: (201, b'{"id":1}', True)}


async def test_the_same_key_with_another_body_is_refused(database: Database) -> None:
    async with database.transaction() as connection:
        await claim(connection, key("a"))
        await idempotency.keep(connection, [(key("a"), 201, b"{}")], [])
        settled = await claim(connection, key("a", body=b'{"x":1}'))
    assert isinstance(settled[0], InvalidInput)


async def test_the_same_key_of_another_client_is_another_key(database: Database) -> None:
    async with database.transaction() as connection:
        await claim(connection, key("a"))
        await idempotency.keep(connection, [(key("a"), 201, b"{}")], [])
        assert await claim(connection, key("a", client="northfield")) == {}


async def test_the_same_key_twice_in_a_group_is_done_once(database: Database) -> None:
    async with database.transaction() as connection:
        settled = await claim(connection, key("a"), key("a"))
    assert list(settled) == [1]
    assert isinstance(settled[1], DomainError)
    assert settled[1].status == 409


async def test_the_same_key_at_once_elsewhere_waits_for_the_answer(database: Database) -> None:
    asked = asyncio.Event()

    async def second() -> dict[int, Any]:
        async with database.transaction() as connection:
            asked.set()
            return await claim(connection, key("a"))

    async with database.transaction() as connection:
        assert await claim(connection, key("a")) == {}
        waiting = asyncio.create_task(second())
        await asked.wait()
        await idempotency.keep(connection, [(key("a"), 201, b"{}")], [])
    assert await waiting == {0: (201, b"{}", True)}


async def test_a_refused_request_may_be_mended_and_sent_again(database: Database) -> None:
    async with database.transaction() as connection:
        await claim(connection, key("a"))
        await idempotency.keep(connection, [], [key("a")])
    async with database.transaction() as connection:
        assert await claim(connection, key("a", body=b'{"mended":true}')) == {}


async def test_old_keys_are_forgotten(database: Database) -> None:
    async with database.transaction() as connection:
        await claim(connection, key("a"))
        await idempotency.keep(connection, [(key("a"), 201, b"{}")], [])
        await store.forget(connection, START)
        assert 0 in await claim(connection, key("a"))
        await store.forget(connection, START + timedelta(seconds=1))
        assert await claim(connection, key("a")) == {}
