"""Rating stored referrals again by another version of the guidance, without touching anything."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.database import Database
from contracts.events import NarrativeSignal, TextReading
from policy.loading import PackSet
from policy.pack import Pack
from policy.rating import suggest
from policy.trying import Tried
from services.triage.domain import Case
from services.triage.domain.suggesting import rating_facts
from services.triage.store import TriageStore
from services.triage.trials import store as trials

PAGE = 500
FIRST = UUID(int=0)

Read = tuple[Sequence[NarrativeSignal], Sequence[TextReading]]
ReadAgain = Callable[[Sequence[UUID], Pack], Awaitable[Mapping[UUID, Read]]]
"""Has intake read the texts of some referrals by a version: what it finds, not what they say."""


async def stored(
    database: Database,
    store: TriageStore,
    read_again: ReadAgain,
    new: Pack,
    packs: PackSet,
    span: tuple[datetime, datetime],
) -> AsyncIterator[tuple[str, Tried]]:
    """Every referral of the version's authority that was received in a time, by its reference, as
    it was suggested and as the new version would. Raises DatabaseAway."""
    after, number = FIRST, 0
    while True:
        async with database.connection() as connection:
            ids = await trials.page(connection, new.authority, span, after, PAGE)
            cases = await store.load(connection, ids)
        if not ids:
            return
        readings = await read_again(ids, new)
        for referral_id in ids:
            number += 1
            case = cases[referral_id]
            yield case.facts.reference, tried(number, case, readings.get(referral_id), new, packs)
        after = ids[-1]


def tried(number: int, case: Case, read: Read | None, new: Pack, packs: PackSet) -> Tried:
    """One referral by the version that held when it came and by the new one. What agencies answered
    is not read again: it counts as it was read then."""
    facts = rating_facts(case.facts)
    before = suggest(facts, packs.version(case.authority, case.facts.pack_version))
    if read is None:
        return Tried(number, error="texts_not_here")
    signals, texts = read
    here = {text.text for text in texts}
    kept = [signal for signal in facts.signals if signal.text.startswith("reply/")]
    kept_texts = [
        text for text in facts.texts if text.text.startswith("reply/") and text.text not in here
    ]
    again = replace(facts, signals=(*signals, *kept), texts=(*texts, *kept_texts))
    return Tried(number, before, suggest(again, new), case.facts.pack_version)
