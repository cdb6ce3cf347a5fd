"""Work that would hold everybody else up, done in a process beside this one: much rating or reading
at once. Pure functions only; the other process has no database and keeps nothing."""

import asyncio
import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import Any, TypeVar

from chassis.errors import Unavailable

A = TypeVar("A")
C = TypeVar("C")
R = TypeVar("R")

IDLE_SECONDS = 60.0
FEW = 10
"""So few pieces of work are no burden: a thread does them."""
NICER = 5
"""How much less urgent such work is than the house's own."""


class Beside:
    """One process beside this one. It is started when there is work for it, and ends when there was
    none for a minute. `urgent`: somebody waits for its work as for this process's own."""

    def __init__(self, *, urgent: bool = False) -> None:
        self._urgent = urgent
        self._pool: ProcessPoolExecutor | None = None
        self._starting: asyncio.Future[ProcessPoolExecutor] | None = None
        self._context: object = None
        self._ending: asyncio.TimerHandle | None = None
        self._running = 0
        self._changed = asyncio.Condition()

    async def run(
        self, function: Callable[[C, A], R], context: C, argument: A, *, pieces: int
    ) -> R:
        """`function(context, argument)`, a function of a module, for so many pieces of work. The
        context is sent once for as long as it is the same object. Raises what the function raises,
        and Unavailable where the process died."""
        if pieces <= FEW:
            return await asyncio.to_thread(function, context, argument)
        async with self._changed:
            # Who brings another context ends the process.
            await self._changed.wait_for(lambda: not self._running or self._context is context)
            self._running += 1
            starting = self._start(context)
        try:
            return await self._run(function, starting, argument)
        finally:
            async with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def is_ready(self, context: object) -> bool:
        """Whether a process with this context has started. Where none has, one is started; one that
        can't is tried again after a minute."""
        starting = self._start(context)
        self._end_later()
        return starting.done() and not starting.cancelled() and starting.exception() is None

    async def _run(
        self,
        function: Callable[[C, A], R],
        starting: asyncio.Future[ProcessPoolExecutor],
        argument: A,
    ) -> R:
        try:
            pool = await asyncio.shield(starting)
            return await asyncio.get_running_loop().run_in_executor(pool, _work, function, argument)
        except BrokenProcessPool as fault:
            if self._starting is starting:
                self.end()
            raise Unavailable("process_died", "The work was cut off. Try again.") from fault
        finally:
            self._end_later()

    def _start(self, context: object) -> asyncio.Future[ProcessPoolExecutor]:
        """The process with this context, once it has started."""
        if self._starting is None or self._context is not context:
            self.end()
            self._context = context
            # A process that is forked would share this one's connections.
            self._pool = ProcessPoolExecutor(
                1,
                mp_context=get_context("spawn"),
                initializer=_begin,
                initargs=(context, 0 if self._urgent else NICER),
            )
            # What is sent along is large: everybody would wait for it.
            self._starting = asyncio.get_running_loop().run_in_executor(None, _started, self._pool)
        return self._starting

    def _end_later(self) -> None:
        if self._ending:
            self._ending.cancel()
        self._ending = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._end_idle)

    def _end_idle(self) -> None:
        # What runs still ends it later.
        if not self._running:
            self.end()

    def end(self) -> None:
        """Let the process go, if there is one."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._context = self._starting = None


_contexts: list[Any] = []


def _begin(context: object, nicer: int) -> None:
    # Whoever stops the house stops this by letting it go.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(nicer)
    Thread(target=_end_with_parent, daemon=True).start()
    _contexts.append(context)


def _end_with_parent() -> None:
    """Whoever is killed takes nobody along: without this the process would wait for ever."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _started(pool: ProcessPoolExecutor) -> ProcessPoolExecutor:
    """The pool, once its process stands by."""
    pool.submit(_stand_by).result()
    return pool


def _stand_by() -> None:
    """Nothing: that it was done says that the process has started."""


def _work(function: Callable[[Any, A], R], argument: A) -> R:
    return function(_contexts[0], argument)
