"""Keeping in both referrals what is said of their incident."""

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

from chassis.audit import AuditEntry
from chassis.database import Connection
from chassis.identity import Caller
from chassis.restriction import store as restrictions
from chassis.stream.kernel import Answer, Command, Kernel
from chassis.telemetry import traces
from policy.matching import State
from services.intake.domain import Case
from services.intake.incidents import domain
from services.intake.incidents.incident import said_of
from services.intake.store import IntakeStore


async def settle(
    kernel: Kernel[Case],
    store: IntakeStore,
    connection: Connection,
    referral_id: UUID,
    others: Iterable[UUID],
    days: int,
) -> None:
    """Link a referral with those of `others` of which the software may say that they tell of the
    same incident, and take back what it said of those that share no child with it any longer. A
    restricted one is left to people."""
    case = (await store.load(connection, [referral_id]))[referral_id]
    wanted = {*others, *(one.other_referral_id for one in case.incidents)}
    if not wanted:
        return
    cases = await store.load(connection, sorted(wanted))
    for one in case.incidents:
        other = cases.get(one.other_referral_id)
        if other and not one.said_by and not domain.shares_a_child(case, other):
            await say(kernel, case, other, State.CANDIDATE, None)
    near = [
        other
        for other in cases.values()
        if domain.may_be_one(case, other, days)
        and said_of(case.incidents, other.referral_id) is None
    ]
    if not near:
        return
    ids = [referral_id, *(other.referral_id for other in near)]
    hidden = await restrictions.read(connection, ids)
    accounts = {
        form["referral_id"]: domain.account(form["content"])
        for form in await store.words(connection, ids, ["form"])
    }
    for other in near:
        both = (case.referral_id, other.referral_id)
        if hidden.keys().isdisjoint(both) and accounts.keys() >= set(both):
            mine, theirs = (accounts[one] for one in both)
            if domain.is_one(case, other, days, mine, theirs):
                await say(kernel, case, other, State.LINKED, None)


async def say(
    kernel: Kernel[Case], case: Case, other: Case, state: State, caller: Caller | None
) -> Answer:
    """Keep it in both. What the first of them answers."""
    answers = await asyncio.gather(
        *(
            kernel.submit(
                Command(
                    referral_id=one.referral_id,
                    authority=one.authority,
                    decide=partial(
                        _say, domain.Said(another.referral_id, state, caller.id if caller else None)
                    ),
                    audit=AuditEntry(
                        f"incident_{state}",
                        caller,
                        one.authority,
                        one.referral_id,
                        {"other_referral_id": str(another.referral_id)},
                    ),
                    traceparent=traces.current_traceparent(),
                )
            )
            for one, another in ((case, other), (other, case))
        )
    )
    return answers[0]


def _say(command: domain.Said, state: Case | None, *rest: Any) -> Any:
    return domain.say(state, command, *rest)
