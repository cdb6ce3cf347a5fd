"""Trying a version of the guidance on an installation's own referrals, beside the house that runs."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from chassis.clock import system_clock
from chassis.database import Database
from chassis.vault import KeyRing, Vault
from policy.loading import PackSet
from policy.trying import Tried
from services.intake.readings import Readings
from services.intake.store import IntakeStore
from services.triage.domain import Case
from services.triage.store import TriageStore
from services.triage.trials import Asked, Trial, stored, tried


@asynccontextmanager
async def trial_of(
    urls: Mapping[str, str],
    ring: KeyRing,
    packs: PackSet,
    trial: Trial,
) -> AsyncIterator[AsyncIterator[tuple[Case, Tried]]]:
    """The referrals that were received in a time, tried one by one. Raises DatabaseAway."""

    async def rate_again(asked: Sequence[Asked]) -> Sequence[Tried]:
        return [tried(one, trial.new, packs, trial.against) for one in asked]

    intake = Database(urls["intake"], schema="intake")
    triage = Database(urls["triage"], schema="triage")
    await intake.open()
    try:
        await triage.open()
        try:
            readings = Readings(intake, IntakeStore(Vault("intake", ring)), system_clock)
            store = TriageStore(Vault("triage", ring))
            yield stored(triage, store, readings.again, rate_again, trial)
        finally:
            await triage.close()
    finally:
        await intake.close()
