"""The peer of clocks: Procrastinate, a queue of jobs in PostgreSQL, with jobs deferred to a time.

A job notes its clock in a table of its own: less than a firing does, which reads the clock, changes
its state, and appends an event that others read.
"""

import asyncio
from datetime import datetime, timedelta

import psycopg
from procrastinate import App, PsycopgConnector

from chassis.clock import system_clock

TOGETHER = 1_000
CONCURRENCY = 20
# Its own default is five seconds: it is given our pace.
POLLING_SECONDS = 0.5

MADE = "CREATE TABLE fired (number integer PRIMARY KEY, at timestamptz NOT NULL)"
NOTE = "INSERT INTO fired (number, at) VALUES (%(number)s, %(at)s)"


async def fire(url: str, due: int, workers: int, ahead: timedelta) -> list[float]:
    """Defer `due` jobs to one moment that lies `ahead`, run them, and return how late each one
    was, in seconds."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(MADE)
    app = App(connector=PsycopgConnector(conninfo=url, max_size=workers * CONCURRENCY + 4))
    lateness: list[float] = []
    finished = asyncio.Event()

    @app.task(name="clock")
    async def clock(number: int, due_at: str) -> None:
        now = system_clock()
        await app.connector.execute_query_async(NOTE, number=number, at=now)
        lateness.append((system_clock() - datetime.fromisoformat(due_at)).total_seconds())
        if len(lateness) == due:
            finished.set()

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        due_at = system_clock() + ahead
        for start in range(0, due, TOGETHER):
            jobs = [
                {"number": number, "due_at": due_at.isoformat()}
                for number in range(start, min(due, start + TOGETHER))
            ]
            await clock.configure(schedule_at=due_at).batch_defer_async(*jobs)
        loops = [
            asyncio.create_task(
                app.run_worker_async(
                    concurrency=CONCURRENCY,
                    fetch_job_polling_interval=POLLING_SECONDS,
                    install_signal_handlers=False,
                )
            )
            for _ in range(workers)
        ]
        await finished.wait()
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
    return lateness
