"""Reading rows in processes beside this one: it is most of an import's work, and needs no
database."""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from multiprocessing import get_context

from chassis.ids import new_id
from chassis.vault import BlindIndex
from policy.loading import load_packs
from services.intake.importing.reading import Reading, Ready, Refusal
from services.intake.importing.rows import Row
from services.intake.importing.store import Run
from services.intake.preparing import Preparing


class Beside:
    """Reads windows of rows, several at a time."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    async def read(self, rows: Sequence[Row], now: datetime) -> Sequence[Ready | Refusal]:
        """Each row, read or refused. Raises BrokenProcessPool where such a process died."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, _read, rows, now)


@contextmanager
def beside(
    processes: int, run: Run, agency: str, organisation: str, index: BlindIndex
) -> Iterator[Beside]:
    """Processes that read the rows of one import, while the block runs."""
    pool = ProcessPoolExecutor(
        processes,
        # A process that is forked would share this one's connections.
        mp_context=get_context("spawn"),
        initializer=_begin,
        initargs=(run, agency, organisation, index),
    )
    with pool:
        yield Beside(pool)


_readings: list[Reading] = []


def _begin(run: Run, agency: str, organisation: str, index: BlindIndex) -> None:
    preparing = Preparing(load_packs(authorities=[run.authority]), index, new_id)
    _readings.append(Reading(preparing, run, agency, organisation))


def _read(rows: Sequence[Row], now: datetime) -> Sequence[Ready | Refusal]:
    (reading,) = _readings
    return reading.read(rows, now)
