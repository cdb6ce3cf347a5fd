"""A pool of connections for one service, under its own role and schema.

A database that is away raises `DatabaseAway` and nothing else, so that HTTP can answer 503 and
loops can wait. The pool opens connections when they are wanted: a process starts, and comes back,
without help while PostgreSQL is stopped.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeAlias

import asyncpg
from pydantic_core import from_json, to_json

from chassis.errors import Unavailable

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
else:
    Connection = asyncpg.Connection

AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
ACQUIRE_SECONDS = 5
COMMAND_SECONDS = 60


class DatabaseAway(Unavailable):
    """PostgreSQL cannot be reached now. Nothing was committed that was not answered."""

    def __init__(self) -> None:
        super().__init__(
            "database_away", "The service cannot reach its database. Try again shortly."
        )


class Database:
    """One service's way to PostgreSQL. `url` is a libpq URI; `schema` comes first on the path."""

    def __init__(self, url: str, *, schema: str, most: int = 10) -> None:
        self.url = url
        self.schema = schema
        self._most = most
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    async def open(self) -> None:
        """Make the pool. Connects to nothing yet."""
        self._pool = await asyncpg.create_pool(
            self.url,
            min_size=0,
            max_size=self._most,
            command_timeout=COMMAND_SECONDS,
            max_inactive_connection_lifetime=300,
            server_settings={
                "search_path": self.schema,
                "application_name": f"frontdoor {self.schema}",
                "timezone": "UTC",
                "idle_in_transaction_session_timeout": "30000",
                "lock_timeout": "10000",
            },
            init=_speak_json,
            reset=_leave_as_it_is,
        )

    async def close(self) -> None:
        """Give back every connection; a query that is still running is cut after five seconds."""
        if self._pool is None:
            return
        pool, self._pool = self._pool, None
        try:
            await asyncio.wait_for(pool.close(), ACQUIRE_SECONDS)
        except AWAY:
            pool.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection outside any transaction. Raises DatabaseAway."""
        if self._pool is None:
            raise DatabaseAway
        try:
            async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
                yield connection
        except AWAY as away:
            raise DatabaseAway from away

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction: committed when the block ends, rolled back when it raises."""
        async with self.connection() as connection, connection.transaction():
            yield connection


async def _leave_as_it_is(connection: Connection) -> None:
    """What asyncpg would undo at every release, with a round trip of its own:
    nothing of ours outlives its transaction, and an open one is rolled back all the same."""


async def _speak_json(connection: Connection) -> None:
    await connection.set_type_codec(
        "jsonb",
        encoder=lambda value: to_json(value).decode(),
        decoder=from_json,
        schema="pg_catalog",
    )
