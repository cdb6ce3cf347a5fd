"""A pool of connections for one service, under its own role and schema.

A database that is away raises `DatabaseAway` and nothing else, so that HTTP can answer 503 and
loops can wait; a mistake in how it is used is raised as it is. The pool opens connections when they are wanted: a process starts, and comes back,
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
    # A connection that PostgreSQL ended while nobody used it, used before asyncpg has noticed.
    asyncpg.InternalClientError,
)
AMBIGUOUS = (OSError, TimeoutError, asyncpg.InterfaceError)
"""Those of AWAY that a mistake in our own code raises too."""

ACQUIRE_SECONDS = 10
"""A disk that stalls for a moment holds up all commits, and whoever waits for a connection: PostgreSQL
is not away yet."""

CLOSE_SECONDS = 5
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
            await asyncio.wait_for(pool.close(), CLOSE_SECONDS)
        except AWAY:
            pool.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection outside any transaction. Raises DatabaseAway."""
        if self._pool is None:
            raise DatabaseAway
        mistake: Exception | None = None
        try:
            async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
                try:
                    yield connection
                except AWAY as fault:
                    if not _lost(connection, fault):
                        mistake = fault
                    raise
        except Exception as away:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                # What failed is the rollback: whoever ends this task waits for it to end.
                raise asyncio.CancelledError from away
            if (
                not isinstance(away, AWAY)
                or away is mistake
                or isinstance(away, asyncpg.ClientConfigurationError)
            ):
                raise
            if mistake is not None:
                # The connection was given back in the middle of something.
                raise mistake from away
            raise DatabaseAway from away

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction: committed when the block ends, rolled back when it raises."""
        async with self.connection() as connection, connection.transaction():
            yield connection


def _lost(connection: Connection, fault: Exception) -> bool:
    """Whether what failed while a connection was in use says that PostgreSQL is away. Otherwise
    it is a mistake of whoever used it (a wrong number of arguments, two queries at once, a file
    that is not there), which no waiting would mend."""
    if not isinstance(fault, AMBIGUOUS) or _closed(connection):
        return True
    return not isinstance(fault, asyncpg.InterfaceError) and _raised_by_asyncpg(fault)


def _closed(connection: Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        # The pool has taken it back meanwhile: it was terminated.
        return True


def _raised_by_asyncpg(fault: Exception) -> bool:
    frame = fault.__traceback__
    while frame is not None:
        if str(frame.tb_frame.f_globals.get("__name__")).startswith("asyncpg."):
            return True
        frame = frame.tb_next
    return False


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
