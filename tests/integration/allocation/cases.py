"""Referrals as allocation holds them, and the kernel that changes them."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from chassis.clock import Clock
from chassis.database import Database
from chassis.ids import new_id
from chassis.stream import store as stream_store
from chassis.stream.bell import Bell
from chassis.stream.kernel import Kernel, Saved, Service
from chassis.stream.port import Lag
from chassis.vault import KeyRing, Vault
from contracts.events import AgeBand, ChildFacts, ReferralSubmitted
from contracts.registry import type_of
from policy.loading import PackSet
from services.allocation.domain import Case, on_submitted
from services.allocation.handlers import HANDLERS
from services.allocation.store import AllocationStore

AUTHORITY = "walsall"
SOURCE = "allocation/1"
OTHER_PACK = "1999.1"
VAULT = Vault("allocation", KeyRing.new())


class CaughtUp:
    """A consumer that has read everything."""

    async def lag(self) -> Lag:
        return Lag(0, 0.0)


def kernel_on(database: Database, packs: PackSet, clock: Clock) -> Kernel[Case]:
    """Allocation's kernel, as a process of its own would have it."""
    service: Service[Case] = Service(
        name="allocation",
        source=SOURCE,
        database=database,
        store=AllocationStore(VAULT),
        handlers=HANDLERS,
        policy=packs,
        clock=clock,
        ids=new_id,
        bell=Bell(),
    )
    return Kernel(service)


def received(packs: PackSet, at: datetime, *, unfireable: bool) -> Case:
    """A referral with the clocks that run from its receipt."""
    facts = ReferralSubmitted(
        reference="WAL-000123-K",
        received_at=at,
        pack_version="2018.1",
        children=(ChildFacts(child_id=new_id(), age_band=AgeBand.UNDER_1),),
        source_agency="school",
        census_source="1A",
        organisation_id=new_id(),
        basis="public_task",
    )
    known = type_of(ReferralSubmitted)
    referral_id = new_id()
    event: Any = known.envelope(
        id=new_id(),
        source="intake/1",
        type=known.type,
        subject=referral_id,
        time=at,
        partitionkey=str(referral_id),
        sequence="0000000001",
        authority=AUTHORITY,
        correlationid=new_id(),
        data=facts,
    )
    change = on_submitted(None, event, packs, new_id, at)
    assert change is not None
    return replace(change.state, pack_version=OTHER_PACK) if unfireable else change.state


async def save(database: Database, cases: list[Case], now: datetime) -> None:
    cases = sorted(cases, key=lambda case: case.referral_id)
    async with database.transaction() as connection:
        ids = [case.referral_id for case in cases]
        await stream_store.lock_cases(connection, "allocation", SOURCE, ids)
        saved = [Saved(case.referral_id, AUTHORITY, None, case, now) for case in cases]
        await AllocationStore(VAULT).save(connection, saved)
