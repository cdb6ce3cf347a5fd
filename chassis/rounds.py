"""What a service looks after beside answering: something done over and over."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from chassis.database import DatabaseAway


async def go_round(
    step: Callable[[], Awaitable[Any]],
    seconds: float,
    *,
    most: int | None = None,
    away: tuple[type[Exception], ...] = (DatabaseAway,),
    waits: Callable[[Any], object] = lambda _: None,
) -> NoReturn:
    """Take `step` until cancelled, `seconds` after the one before; at once again after one that
    returned `most`, all that it does at a time. What it needs may be away (`away`; `waits` hears
    of it): it is tried again as if nothing had been done. Raises what else `step` raises."""
    while True:
        done = 0
        try:
            done = await step()
        except away as gone:
            waits(gone)
        if most is None or done < most:
            await asyncio.sleep(seconds)
