"""Rating stored referrals again by another version of the guidance, without touching anything."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from chassis.database import Database
from contracts.events import NarrativeSignal, TextReading
from contracts.events.parts import CUT
from policy.loading import PackSet
from policy.pack import Pack
from policy.rating import RatingFacts
from policy.trying import Tried, compared
from services.triage.domain import Case
from services.triage.domain.suggesting import rating_facts
from services.triage.store import TriageStore
from services.triage.trials import store as trials

PAGE = 500
FIRST = UUID(int=0)

Read = tuple[Sequence[NarrativeSignal], Sequence[TextReading]]
ReadAgain = Callable[[Sequence[UUID], Pack], Awaitable[Mapping[UUID, Read]]]
"""Has intake read the texts of some referrals by a version: what it finds, not what they say."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: a version, on what its authority received in a time, in UTC. `against`: the
    version to compare with; without it the one that held when each came."""

    new: Pack
    span: tuple[datetime, datetime]
    against: Pack | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One referral to try. `read` and `read_before` are what intake found by the new version and
    by the one to compare with; None where its texts are no longer there."""

    number: int
    case: Case
    read: Read | None
    read_before: Read | None = None


RateAgain = Callable[[Sequence[Asked]], Awaitable[Sequence[Tried]]]


async def stored(
    database: Database,
    store: TriageStore,
    read_again: ReadAgain,
    rate_again: RateAgain,
    trial: Trial,
) -> AsyncIterator[tuple[Case, Tried]]:
    """Every referral that a trial is about, in order of id, as it was suggested and as the new
    version would. Raises DatabaseAway."""
    after, number = FIRST, 0
    while True:
        async with database.connection() as connection:
            ids = await trials.page(connection, trial.new.authority, trial.span, after, PAGE)
            cases = await store.load(connection, ids)
        if not ids:
            return
        readings = await read_again(ids, trial.new)
        before = await read_again(ids, trial.against) if trial.against else {}
        asked = [
            Asked(number + place, cases[one], readings.get(one), before.get(one))
            for place, one in enumerate(ids, 1)
        ]
        for one, found in zip(asked, await rate_again(asked), strict=True):
            yield one.case, found
        number += len(ids)
        after = ids[-1]


def tried(asked: Asked, new: Pack, packs: PackSet, against: Pack | None = None) -> Tried:
    """One referral by the version that held when it came, or `against`, and by the new one. What
    agencies answered is not read again: it counts as it was read then."""
    case = asked.case
    facts = rating_facts(case.facts)
    old = against or packs.version(case.authority, case.facts.pack_version)
    if asked.read is None or (against and asked.read_before is None):
        return Tried(asked.number, error="texts_not_here")
    was = _with(facts, asked.read_before) if asked.read_before else facts
    return compared(asked.number, was, old, _with(facts, asked.read), new)


def _with(facts: RatingFacts, read: Read) -> RatingFacts:
    """The facts with what was found in the texts this time."""
    signals, texts = read
    here = {text.text for text in texts}
    kept = [signal for signal in facts.signals if signal.text.startswith("reply/")]
    # What no reader can read again, such as a file or the end of a text that was cut, stays unread.
    kept_texts = [
        text
        for text in facts.texts
        if (text.text not in here and (text.text.startswith("reply/") or not text.read))
        or text.reason == CUT
    ]
    return replace(facts, signals=(*signals, *kept), texts=(*texts, *kept_texts))
