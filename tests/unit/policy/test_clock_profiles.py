"""The arrangements that authorities have published, each on the same referrals."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from contracts.events import Rag
from policy.clocks import ClocksSection, start
from policy.loading import PACKS
from tests.shipped import SHIPPED

LONDON = ZoneInfo("Europe/London")
PROFILES = PACKS / "shared" / "profiles"
PACK = SHIPPED.packs["warwickshire"][-1]
COLOURS = (Rag.RED, Rag.AMBER, Rag.GREEN)

THURSDAY = datetime(2026, 4, 2, 15, tzinfo=LONDON)
"""Before Easter, while the hub is open (08:30 to 17:30, Fridays to 17:00)."""
EVENING = datetime(2026, 4, 2, 20, tzinfo=LONDON)
SATURDAY = datetime(2026, 10, 24, 23, 30, tzinfo=LONDON)
"""The clocks go back two and a half hours later."""
LEAP_DAY = datetime(2028, 2, 29, 16, tzinfo=LONDON)
NEW_YEARS_EVE = datetime(2025, 12, 31, 16, tzinfo=LONDON)

EXPECTED = {
    "hub-in-days": {
        THURSDAY: ("Thu 02 Apr 19:00", "Tue 07 Apr 15:00", "Thu 09 Apr 15:00"),
        EVENING: ("Fri 03 Apr 00:00", "Tue 07 Apr 17:30", "Thu 09 Apr 17:30"),
        SATURDAY: ("Sun 25 Oct 02:30", "Mon 26 Oct 17:30", "Wed 28 Oct 17:30"),
        LEAP_DAY: ("Tue 29 Feb 20:00", "Wed 01 Mar 16:00", "Fri 03 Mar 16:00"),
        NEW_YEARS_EVE: ("Wed 31 Dec 20:00", "Fri 02 Jan 16:00", "Tue 06 Jan 16:00"),
    },
    "hub-as-time-passes": {
        THURSDAY: ("Thu 02 Apr 19:00", "Fri 03 Apr 15:00", "Sun 05 Apr 15:00"),
        EVENING: ("Fri 03 Apr 00:00", "Fri 03 Apr 20:00", "Sun 05 Apr 20:00"),
        SATURDAY: ("Sun 25 Oct 02:30", "Sun 25 Oct 22:30", "Tue 27 Oct 22:30"),
        LEAP_DAY: ("Tue 29 Feb 20:00", "Wed 01 Mar 16:00", "Fri 03 Mar 16:00"),
        NEW_YEARS_EVE: ("Wed 31 Dec 20:00", "Thu 01 Jan 16:00", "Sat 03 Jan 16:00"),
    },
    "hub-in-working-hours": {
        THURSDAY: ("Tue 07 Apr 10:00", "Thu 09 Apr 12:00", "Sun 05 Apr 15:00"),
        EVENING: ("Tue 07 Apr 12:30", "Thu 09 Apr 14:30", "Sun 05 Apr 20:00"),
        SATURDAY: ("Mon 26 Oct 12:30", "Wed 28 Oct 14:30", "Tue 27 Oct 22:30"),
        LEAP_DAY: ("Wed 01 Mar 11:00", "Fri 03 Mar 13:00", "Fri 03 Mar 16:00"),
        NEW_YEARS_EVE: ("Fri 02 Jan 11:00", "Tue 06 Jan 13:30", "Sat 03 Jan 16:00"),
    },
    "hub-from-opening": {
        THURSDAY: ("Thu 02 Apr 19:00", "Tue 07 Apr 15:00", "Thu 09 Apr 12:00"),
        EVENING: ("Tue 07 Apr 12:30", "Tue 07 Apr 17:30", "Thu 09 Apr 14:30"),
        SATURDAY: ("Mon 26 Oct 12:30", "Mon 26 Oct 17:30", "Wed 28 Oct 14:30"),
        LEAP_DAY: ("Tue 29 Feb 20:00", "Wed 01 Mar 16:00", "Fri 03 Mar 13:00"),
        NEW_YEARS_EVE: ("Wed 31 Dec 20:00", "Fri 02 Jan 16:00", "Tue 06 Jan 13:30"),
    },
    "replies-as-time-passes": {
        THURSDAY: ("Thu 02 Apr 17:00", "Thu 02 Apr 21:00", "Fri 03 Apr 15:00"),
        EVENING: ("Thu 02 Apr 22:00", "Fri 03 Apr 02:00", "Fri 03 Apr 20:00"),
        SATURDAY: ("Sun 25 Oct 01:30", "Sun 25 Oct 04:30", "Sun 25 Oct 22:30"),
        LEAP_DAY: ("Tue 29 Feb 18:00", "Tue 29 Feb 22:00", "Wed 01 Mar 16:00"),
        NEW_YEARS_EVE: ("Wed 31 Dec 18:00", "Wed 31 Dec 22:00", "Thu 01 Jan 16:00"),
    },
}
CASES = [(name, at) for name, each in EXPECTED.items() for at in each]


def section(path: Path) -> tuple[str, ClocksSection]:
    """The one clock that a profile sets, and the shared clocks with it."""
    rules = {name: rule.model_dump() for name, rule in PACK.clocks.rules.items()}
    ((clock, change),) = yaml.safe_load(path.read_text(encoding="utf-8"))["clocks"]["rules"].items()
    rules[clock] = {**rules[clock], **change}
    return clock, ClocksSection.model_validate({"rules": rules})


@pytest.mark.parametrize(("name", "at"), CASES)
def test_a_profile_on_the_same_referrals(name: str, at: datetime) -> None:
    clock, rules = section(PROFILES / f"{name}.yaml")
    found = tuple(
        start(rules.rules[clock], at, rag, PACK.calendar).due_at.astimezone(LONDON)
        for rag in COLOURS
    )
    assert tuple(due.strftime("%a %d %b %H:%M") for due in found) == EXPECTED[name][at]


def test_every_profile_is_held_to_the_same_referrals() -> None:
    assert {path.stem for path in PROFILES.glob("*.yaml")} == EXPECTED.keys()


def test_a_start_while_the_hub_is_closed_says_from_when_it_counts() -> None:
    clock, rules = section(PROFILES / "hub-from-opening.yaml")
    assert start(rules.rules[clock], EVENING, Rag.RED, PACK.calendar).explanation == (
        "due Tue 7 Apr 12:30: 4 hours from Tue 7 Apr 08:30, the first opening after Thu 2 Apr 20:00"
    )


def test_no_profile_lets_a_suggested_red_or_the_law_wait_for_the_morning() -> None:
    for path in PROFILES.glob("*.yaml"):
        _, rules = section(path)
        for clock in ("accepted_by_person", "statutory_decision"):
            assert rules.rules[clock] == PACK.clocks.rules[clock]


@pytest.mark.parametrize(
    ("clock", "message"),
    [
        ("accepted_by_person", "runs day and night"),
        ("statutory_decision", "begins at once, open or closed"),
    ],
)
def test_neither_may_begin_at_opening(clock: str, message: str) -> None:
    rules = {name: rule.model_dump() for name, rule in PACK.clocks.rules.items()}
    period = {"accepted_by_person": "30 minutes", "statutory_decision": "1 working day"}[clock]
    rules[clock]["period"] = f"{period}, from opening"
    with pytest.raises(ValueError, match=message):
        ClocksSection.model_validate({"rules": rules})
