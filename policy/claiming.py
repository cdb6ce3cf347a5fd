"""Until when somebody may keep a referral to themselves (practice rule 9)."""

from datetime import datetime

from contracts.events import Rag
from policy.pack import Pack
from policy.working_time import closes_next, due, opens_next


def lapses_at(pack: Pack, rag: Rag, at: datetime) -> datetime:
    """When a claim made at `at` lapses, in UTC: when the shift ends, sooner for Red. A shift of the
    hub ends when it closes, one of the emergency duty team when the hub opens."""
    end = closes_next(pack.calendar, at) or opens_next(pack.calendar, at)
    if rag is not Rag.RED:
        return end
    period = pack.claims.red
    return min(
        end, due(at, period.amount, period.unit, period.count, calendar=pack.calendar).due_at
    )
