"""Asking for many at once: while one question to the database is on its way, those that come are
gathered, and asked together."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from chassis.errors import Unavailable

Q = TypeVar("Q")
A = TypeVar("A")

MOST = 200
"""How many questions are asked together at most."""


class Gathering(Generic[Q, A]):
    """Puts questions to `answer`, which answers several, in their order."""

    def __init__(self, answer: Callable[[Sequence[Q]], Awaitable[Sequence[A]]]) -> None:
        self._answer = answer
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """The answer to one question, asked together with others. Raises what `answer` raises;
        where that lies in one question, the others of its group are answered all the same."""
        answered: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answered))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_all())
        return await answered

    async def _ask_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            await self._ask_group([one for one in group if not one[1].done()])

    async def _ask_group(self, group: Sequence[tuple[Q, asyncio.Future[A]]]) -> None:
        if not group:
            return
        try:
            answers = await self._answer([question for question, _ in group])
        except Exception as fault:
            if len(group) > 1 and not isinstance(fault, Unavailable):
                middle = len(group) // 2
                await self._ask_group(group[:middle])
                await self._ask_group(group[middle:])
                return
            for _, answered in group:
                if not answered.done():
                    answered.set_exception(fault)
            return
        for (_, answered), answer in zip(group, answers, strict=True):
            if not answered.done():
                answered.set_result(answer)
