"""When a hub's week begins: on the first day that it opens, while it is open."""

from datetime import date, datetime

import pytest

from policy.loading import PackSet
from policy.working_time import LONDON
from services.notifications.digests.weeks import week_begins


@pytest.mark.parametrize(
    ("now", "monday"),
    [
        ("2026-03-09 08:29", None),
        ("2026-03-09 08:30", "2026-03-09"),
        ("2026-03-09 15:00", "2026-03-09"),
        ("2026-03-09 20:00", None),
        ("2026-03-10 10:00", None),
        ("2026-03-08 10:00", None),
        # Easter Monday, and the Tuesday after it.
        ("2026-04-06 10:00", None),
        ("2026-04-07 10:00", "2026-04-06"),
        # The Monday after the clocks went forward.
        ("2026-03-30 08:30", "2026-03-30"),
    ],
)
def test_a_week_begins_once(packs: PackSet, now: str, monday: str | None) -> None:
    calendar = packs.packs["warwickshire"][0].calendar
    at = datetime.fromisoformat(now).replace(tzinfo=LONDON)
    assert week_begins(calendar, at) == (date.fromisoformat(monday) if monday else None)
