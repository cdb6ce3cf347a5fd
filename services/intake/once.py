"""Doing a request once, with its idempotency key, where no referral is changed yet."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic_core import to_json

from chassis.database import Connection, Database
from chassis.http import idempotency
from chassis.http.claims import Claim
from chassis.stream.kernel import Answer

Work = Callable[[Connection], Awaitable[Mapping[str, Any]]]


async def once(database: Database, claim: Claim, now: datetime, status: int, work: Work) -> Answer:
    """The answer of `work`, done in one transaction with the claim of its key; or the stored answer
    where the same request was done before. Raises what `work` refuses, DatabaseAway."""
    async with database.transaction() as connection:
        settled = await idempotency.claim(connection, {0: claim}, now, Answer)
        if 0 in settled:
            return _answer(settled[0])
        body = to_json(await work(connection))
        await idempotency.keep(connection, [(claim, status, body)], [])
    return Answer(status, body)


def _answer(settled: Answer | Exception) -> Answer:
    if isinstance(settled, Exception):
        raise settled
    return settled
