"""Clocks: what starts and stops them, how long they run in each pack, what moves them."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.events import Outcome, Rag
from policy.clocks import (
    ClockRule,
    ClocksSection,
    ClockTimes,
    Rerated,
    Warn,
    clocks_for,
    effects,
    falls_due,
    recalculate,
    resume,
    start,
)
from policy.working_time import Calendar, HoursSection
from tests.shipped import SHIPPED

LONDON = ZoneInfo("Europe/London")
PACKS = {name: versions[-1] for name, versions in SHIPPED.packs.items()}
WARWICKSHIRE = PACKS["warwickshire"].clocks
HUB = Calendar.of(PACKS["warwickshire"].hours)
COLOURS = (Rag.RED, Rag.AMBER, Rag.GREEN)
BEFORE_EASTER = datetime(2026, 4, 2, 15, tzinfo=LONDON)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
MOMENTS = st.datetimes(
    datetime(2016, 1, 1),
    datetime(2034, 1, 1),
    timezones=st.just(UTC),  # noqa: DTZ001
)


def names(rules: tuple[ClockRule, ...]) -> set[str]:
    return {rule.name for rule in rules}


def local(times: ClockTimes) -> str:
    return times.due_at.astimezone(LONDON).strftime("%a %d %b %H:%M")


def section(**changes: Mapping[str, Any]) -> ClocksSection:
    """Warwickshire's clocks, some of them changed or, where a change is empty, left out."""
    rules = {name: rule.model_dump() for name, rule in WARWICKSHIRE.rules.items()}
    for name, change in changes.items():
        if change:
            rules[name] = {**rules.get(name, {}), **change}
        else:
            del rules[name]
    return ClocksSection.model_validate({"rules": deepcopy(rules)})


# --- what starts and stops ---------------------------------------------------------------------


def test_every_referral_starts_the_two_clocks_of_the_law() -> None:
    found = clocks_for("referral.submitted", None, None, WARWICKSHIRE)
    assert names(found) == {"statutory_decision", "acknowledge"}
    assert all(rule.counts_from == "receipt" for rule in found)


def test_a_suggested_red_wants_a_person_and_other_colours_do_not() -> None:
    red = clocks_for("triage.rated", Rag.RED, None, WARWICKSHIRE)
    assert names(red) == {"hub_enquiry", "accepted_by_person"}
    amber = clocks_for("triage.rated", Rag.AMBER, None, WARWICKSHIRE)
    assert names(amber) == {"hub_enquiry"}


def test_a_decision_stops_the_enquiry_and_starts_what_its_outcome_asks_for() -> None:
    found = effects("triage.decided", Rag.GREEN, Outcome.EARLY_HELP_ASSESSMENT, WARWICKSHIRE)
    assert {"statutory_decision", "hub_enquiry", "accepted_by_person"} <= names(found.stops)
    assert names(found.starts) == {
        "feedback_sent", "family_told", "lead_professional_allocated",
    }  # fmt: skip
    advice = clocks_for("triage.decided", Rag.NONE, Outcome.INFORMATION_AND_ADVICE, WARWICKSHIRE)
    assert names(advice) == {"feedback_sent", "family_told"}


def test_other_childrens_outcomes_and_parallel_duties_count_too() -> None:
    found = clocks_for(
        "triage.decided",
        Rag.AMBER,
        Outcome.CHILD_AND_FAMILY_ASSESSMENT,
        WARWICKSHIRE,
        also=("private_fostering_visit", "early_help_assessment"),
    )
    assert {
        "assessment_45_days",
        "private_fostering_visit",
        "lead_professional_allocated",
    } <= names(found)


def test_only_a_person_who_accepts_stops_the_lead_professional_clock() -> None:
    assert not effects("allocation.assigned:lead_professional", Rag.GREEN, None, WARWICKSHIRE).stops
    duty = effects("allocation.accepted:duty", Rag.RED, None, WARWICKSHIRE)
    assert names(duty.stops) == {"accepted_by_person"}
    lead = effects("allocation.accepted:lead_professional", Rag.GREEN, None, WARWICKSHIRE)
    assert names(lead.stops) == {"lead_professional_allocated", "lead_professional_accepts"}
    assert names(lead.starts) == {"first_contact", "early_help_assessment"}


def test_a_review_stops_one_clock_and_starts_the_next() -> None:
    found = effects("case.milestone_recorded:review", Rag.GREEN, None, WARWICKSHIRE)
    assert names(found.stops) == names(found.starts) == {"review"}


def test_the_referrer_and_an_agency_are_asked_under_their_own_clocks() -> None:
    agency = clocks_for("triage.information_requested:agency", Rag.AMBER, None, WARWICKSHIRE)
    referrer = clocks_for("triage.information_requested:referrer", Rag.AMBER, None, WARWICKSHIRE)
    assert (names(agency), names(referrer)) == ({"information_reply"}, {"referrer_answer"})


def test_a_closed_case_cancels_what_still_runs_but_never_the_decision() -> None:
    found = effects("case.closed", Rag.GREEN, None, WARWICKSHIRE)
    assert {"lead_professional_allocated", "plan", "review"} <= names(found.cancels)
    for pack in PACKS.values():
        assert not pack.clocks.rules["statutory_decision"].cancelled_by


def test_an_event_without_clocks_does_nothing() -> None:
    assert effects("referral.linked", Rag.RED, None, WARWICKSHIRE) == effects(
        "x", None, None, WARWICKSHIRE
    )


# --- how long ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("authority", "due"),
    [
        ("warwickshire", ("Thu 02 Apr 19:00", "Tue 07 Apr 15:00", "Thu 09 Apr 15:00")),
        (
            "bath-and-north-east-somerset",
            ("Thu 02 Apr 19:00", "Tue 07 Apr 15:00", "Thu 09 Apr 15:00"),
        ),
        ("stockton-on-tees", ("Thu 02 Apr 19:00", "Fri 03 Apr 15:00", "Sun 05 Apr 15:00")),
        ("hartlepool", ("Thu 02 Apr 19:00", "Fri 03 Apr 15:00", "Sun 05 Apr 15:00")),
        ("walsall", ("Thu 02 Apr 19:00", "Fri 03 Apr 15:00", "Fri 03 Apr 15:00")),
    ],
)
def test_the_same_referral_under_each_authoritys_times(
    authority: str, due: tuple[str, ...]
) -> None:
    pack = PACKS[authority]
    rule, calendar = pack.clocks.rules["hub_enquiry"], Calendar.of(pack.hours)
    assert tuple(local(start(rule, BEFORE_EASTER, rag, calendar)) for rag in COLOURS) == due


@pytest.mark.parametrize("authority", PACKS)
def test_every_authority_decides_within_one_working_day_whatever_the_colour(
    authority: str,
) -> None:
    pack = PACKS[authority]
    rule, calendar = pack.clocks.rules["statutory_decision"], Calendar.of(pack.hours)
    for rag in (None, *Rag):
        assert local(start(rule, BEFORE_EASTER, rag, calendar)) == "Tue 07 Apr 15:00"
        assert (
            falls_due(rule, BEFORE_EASTER, rag, calendar)
            == start(rule, BEFORE_EASTER, rag, calendar).due_at
        )


@pytest.mark.parametrize("authority", PACKS)
def test_a_suggested_red_at_night_wants_a_person_within_half_an_hour(authority: str) -> None:
    pack = PACKS[authority]
    at = datetime(2026, 4, 5, 2, tzinfo=LONDON)
    times = start(pack.clocks.rules["accepted_by_person"], at, Rag.RED, Calendar.of(pack.hours))
    assert times.due_at == at + timedelta(minutes=30)
    assert times.explanation == "due Sun 5 Apr 02:30: 30 minutes from Sun 5 Apr 02:00"


def test_walsall_has_a_lead_professional_within_five_working_days() -> None:
    pack = PACKS["walsall"]
    rule = pack.clocks.rules["lead_professional_allocated"]
    times = start(rule, BEFORE_EASTER, Rag.GREEN, Calendar.of(pack.hours))
    assert times.explanation == (
        "due Mon 13 Apr 15:00: 5 working days from Thu 2 Apr 15:00, "
        "Good Friday and Easter Monday not counted"
    )


def test_warnings_come_in_open_time() -> None:
    rule = WARWICKSHIRE.rules["statutory_decision"]
    at = datetime(2026, 4, 2, 9, tzinfo=LONDON)
    # Two working hours before Tuesday 09:00 is Thursday afternoon, not the bank holiday.
    assert start(rule, at, None, HUB).warn_at == datetime(2026, 4, 2, 16, tzinfo=LONDON)
    amber = start(WARWICKSHIRE.rules["hub_enquiry"], BEFORE_EASTER, Rag.AMBER, HUB)
    assert amber.warn_at == datetime(2026, 4, 7, 12, 45, tzinfo=LONDON)
    red = start(WARWICKSHIRE.rules["hub_enquiry"], BEFORE_EASTER, Rag.RED, HUB)
    assert red.warn_at == datetime(2026, 4, 2, 18, tzinfo=LONDON)


def test_a_warning_that_would_come_before_the_start_is_left_out() -> None:
    rule = WARWICKSHIRE.rules["feedback_sent"].model_copy(
        update={"warn": (Warn.model_validate("3 working days before"),)}
    )
    assert start(rule, BEFORE_EASTER, None, HUB).warn_at is None


@given(MOMENTS, st.sampled_from(list(PACKS)), st.sampled_from(COLOURS))
def test_a_warning_comes_after_the_start_and_before_the_due_time(
    at: datetime, authority: str, rag: Rag
) -> None:
    pack = PACKS[authority]
    calendar = Calendar.of(pack.hours)
    for rule in pack.clocks.rules.values():
        if rule.period_for(rag) is None:
            continue
        times = start(rule, at, rag, calendar)
        assert at < times.due_at
        assert times.warn_at is None or at < times.warn_at < times.due_at


# --- recalculation -----------------------------------------------------------------------------


def test_raised_is_the_earlier_of_the_old_time_and_the_new_period() -> None:
    rule = WARWICKSHIRE.rules["hub_enquiry"]
    green = start(rule, BEFORE_EASTER, Rag.GREEN, HUB)
    at = datetime(2026, 4, 7, 10, tzinfo=LONDON)
    raised = recalculate(rule, green, Rerated(Rag.RED, at), calendar=HUB)
    assert raised.explanation == "due Tue 7 Apr 14:00: 4 hours from Tue 7 Apr 10:00"
    assert (raised.started_at, raised.counted_from, raised.rag) == (BEFORE_EASTER, at, Rag.RED)
    late = datetime(2026, 4, 9, 14, tzinfo=LONDON)
    assert recalculate(rule, green, Rerated(Rag.RED, late), calendar=HUB) is green


def test_lowered_gets_the_longer_period_from_the_start_and_the_law_stands() -> None:
    enquiry, law = (WARWICKSHIRE.rules[name] for name in ("hub_enquiry", "statutory_decision"))
    at = BEFORE_EASTER + timedelta(hours=1)
    red = start(enquiry, BEFORE_EASTER, Rag.RED, HUB)
    assert local(recalculate(enquiry, red, Rerated(Rag.GREEN, at), calendar=HUB)) == (
        "Thu 09 Apr 15:00"
    )
    decision = start(law, BEFORE_EASTER, None, HUB)
    assert recalculate(law, decision, Rerated(Rag.GREEN, at), calendar=HUB) is decision


def test_a_bank_holiday_announced_late_moves_an_open_clock_and_another_pack_never_does() -> None:
    rule = WARWICKSHIRE.rules["statutory_decision"]
    times = start(rule, BEFORE_EASTER, None, HUB)
    announced = Calendar.of(
        HoursSection.model_validate(
            {
                **PACKS["warwickshire"].hours.model_dump(),
                "bank_holidays": {"2026-04-07": "Thanks"},
            }
        )
    )
    moved = recalculate(rule, times, "calendar", calendar=announced)
    assert local(moved) == "Wed 08 Apr 15:00"
    assert moved.explanation.endswith("Good Friday, Easter Monday and Thanks not counted")
    assert moved.calendar_version == announced.version
    assert recalculate(rule, times, "pack", calendar=announced) is times
    assert recalculate(rule, times, "calendar", calendar=HUB) is times


def test_a_calendar_keeps_what_a_re_rating_and_a_pause_did() -> None:
    rule = WARWICKSHIRE.rules["hub_enquiry"]
    green = start(rule, BEFORE_EASTER, Rag.GREEN, HUB)
    at = datetime(2026, 4, 7, 10, tzinfo=LONDON)
    raised = recalculate(rule, green, Rerated(Rag.AMBER, at), calendar=HUB)
    assert recalculate(rule, raised, "calendar", calendar=HUB) == raised
    paused = resume(rule, green, at, at + timedelta(hours=3), HUB)
    assert recalculate(rule, paused, "calendar", calendar=HUB) == paused


def test_an_authoritys_own_closure_does_not_hold_the_law() -> None:
    closed = Calendar.of(
        HoursSection.model_validate(
            {
                **PACKS["warwickshire"].hours.model_dump(),
                "closures": {"2026-04-07": "Council closed"},
            }
        )
    )
    law, amber = (
        start(WARWICKSHIRE.rules[name], BEFORE_EASTER, Rag.AMBER, closed)
        for name in ("statutory_decision", "hub_enquiry")
    )
    assert (local(law), local(amber)) == ("Tue 07 Apr 15:00", "Wed 08 Apr 15:00")
    assert law.calendar_version == amber.calendar_version == closed.version


PERIODS = st.sampled_from(
    [
        "30 minutes",
        "4 hours",
        "72 hours",
        "4 working hours",
        "24 working hours",
        "1 working day",
        "3 working days",
        "2 working days, the first day counted",
    ]
)


@st.composite
def rules(draw: st.DrawFn) -> ClockRule:
    return ClockRule.model_validate(
        {
            **WARWICKSHIRE.rules["hub_enquiry"].model_dump(),
            "period": {str(rag): draw(PERIODS) for rag in Rag},
            "warn": draw(st.sampled_from([None, "75%", "1 working hour before"])),
        }
    )


RATINGS = st.lists(st.tuples(st.sampled_from(list(Rag)), st.integers(1, 4000)), max_size=6)


@given(rules(), MOMENTS, st.sampled_from(list(Rag)), RATINGS)
def test_re_rating_keeps_its_promises(
    rule: ClockRule, began: datetime, rag: Rag, ratings: list[tuple[Rag, int]]
) -> None:
    order = [Rag.RED, Rag.AMBER, Rag.GREEN, Rag.NONE]
    times, at = start(rule, began, rag, HUB), began
    for new, minutes in ratings:
        at += timedelta(minutes=minutes)
        found = recalculate(rule, times, Rerated(new, at), calendar=HUB)
        assert times.rag is not None
        if order.index(new) < order.index(times.rag):
            fresh = start(rule, at, new, HUB).due_at
            assert found.due_at == min(times.due_at, fresh)
        else:
            assert found.due_at >= times.due_at
        assert found.started_at == began
        assert recalculate(rule, times, Rerated(new, at), calendar=HUB, breached=True) is times
        times = found


@given(rules(), rules(), MOMENTS, st.sampled_from(list(Rag)))
def test_another_pack_never_lengthens_an_open_clock(
    rule: ClockRule, other: ClockRule, at: datetime, rag: Rag
) -> None:
    times = start(rule, at, rag, HUB)
    found = recalculate(other, times, "pack", calendar=HUB)
    assert found.due_at == min(times.due_at, start(other, at, rag, HUB).due_at)
    assert recalculate(other, times, "pack", calendar=HUB, breached=True) is times


@given(rules(), MOMENTS, st.sampled_from([Rag.AMBER, Rag.GREEN]), st.integers(1, 5000))
def test_a_pause_never_brings_a_clock_forward(
    rule: ClockRule, at: datetime, rag: Rag, minutes: int
) -> None:
    times = start(rule, at, rag, HUB)
    halfway = at + (times.due_at - at) / 2
    found = resume(rule, times, halfway, halfway + timedelta(minutes=minutes), HUB)
    assert found.due_at >= times.due_at
    if found.due_at != times.due_at:
        assert "paused from" in found.explanation
    if rule.period_for(rag).unit == "hours":  # type: ignore[union-attr]
        assert found.due_at - times.due_at == timedelta(minutes=minutes)


def test_a_pause_is_told_in_the_explanation() -> None:
    rule = WARWICKSHIRE.rules["hub_enquiry"]
    green = start(rule, BEFORE_EASTER, Rag.GREEN, HUB)
    since = datetime(2026, 4, 7, 10, tzinfo=LONDON)
    found = resume(rule, green, since, datetime(2026, 4, 8, 10, tzinfo=LONDON), HUB)
    assert found.explanation == (
        "due Fri 10 Apr 15:00: 3 working days from Thu 2 Apr 15:00, Good Friday and Easter Monday"
        " not counted, paused from Tue 7 Apr 10:00 to Wed 8 Apr 10:00"
    )


def test_all_stages_of_a_disagreement_share_ten_days_that_the_hub_has() -> None:
    def held(event: str, rag: Rag) -> tuple[set[str], set[str]]:
        found = effects(event, rag, None, WARWICKSHIRE)
        return names(found.pauses), names(found.resumes)

    raised = effects("disagreement.raised:stage_1", Rag.AMBER, None, WARWICKSHIRE)
    assert "disagreement_in_all" in names(raised.starts)
    assert held("disagreement.answered:stage_1", Rag.AMBER)[0] == {"disagreement_in_all"}
    assert held("disagreement.escalated:stage_2", Rag.AMBER)[1] == {"disagreement_in_all"}
    assert held("disagreement.answered:stage_1", Rag.RED)[0] == set()
    over = effects("disagreement.resolved", Rag.AMBER, None, WARWICKSHIRE)
    assert "disagreement_in_all" in names(over.stops)


def test_red_never_pauses() -> None:
    rule = PACKS["bath-and-north-east-somerset"].clocks.rules["hub_enquiry"]
    assert [rag for rag in Rag if rule.pauses_for(rag)] == [Rag.GREEN]
    clocks = PACKS["bath-and-north-east-somerset"].clocks
    asked = "triage.information_requested:referrer"
    assert names(effects(asked, Rag.GREEN, None, clocks).pauses) == {"hub_enquiry"}
    assert not effects(asked, Rag.RED, None, clocks).pauses
    assert not effects(asked, None, None, clocks).pauses


# --- refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"plan": {"stops_on": ()}}, "plan starts and never stops"),
        ({"plan": {"stops_on": ["referral.submitted"], "cancelled_by": ()}}, "plan can't end"),
        ({"review": {"cancelled_by": ()}}, "review can't end: whatever stops it starts it again"),
        (
            {"plan": {"pause": {"by": ["case.closed"], "until": ["referral.submitted"]}}},
            "a pause can't end",
        ),
        ({"plan": {"stops_on": ["case.milestone_recorded:plann"]}}, "never carries 'plann'"),
        ({"plan": {"starts_on": ["case.opened"]}}, "there is no event 'case.opened'"),
        ({"plan": {"starts_on": ["clock.met"]}}, "there is no event 'clock.met'"),
        ({"plan": {"period": "a fortnight"}}, "write a period as"),
        ({"plan": {"period": "1.5 working days"}}, "working days are whole"),
        ({"plan": {"period": "4 hours, the first day counted"}}, "with their first day"),
        ({"plan": {"period": {}}}, "no period for any colour"),
        ({"plan": {"warn": "sometimes"}}, "write a warning as"),
        ({"plan": {"tell": {"breached": []}}}, "at least 1 item"),
        ({"statutory_decision": {}}, "there is no statutory_decision clock"),
        ({"accepted_by_person": {}}, "there is no accepted_by_person clock"),
        ({"statutory_decision": {"period": "2 working days"}}, "at most 1 working days"),
        ({"statutory_decision": {"period": "24 hours"}}, "at most 1 working days"),
        ({"statutory_decision": {"statutory": False}}, "can't be marked otherwise"),
        ({"statutory_decision": {"period": {"red": "1 working day"}}}, "one period for every"),
        ({"statutory_decision": {"starts_on": ["triage.rated"]}}, "runs for every referral"),
        ({"statutory_decision": {"counts_from": "event"}}, "from its receipt"),
        ({"statutory_decision": {"stops_on": ["triage.claimed"]}}, "by nothing else"),
        ({"statutory_decision": {"cancelled_by": ["case.closed"]}}, "by nothing else"),
        (
            {
                "statutory_decision": {
                    "pause": {
                        "by": ["triage.information_requested"],
                        "until": ["triage.information_received"],
                    }
                }
            },
            "nothing pauses statutory_decision",
        ),
        ({"assessment_45_days": {"period": "46 working days"}}, "at most 45 working days"),
        ({"hub_enquiry": {"period": {"red": "4 hours"}}}, "Red, Amber and Green"),
        (
            {
                "hub_enquiry": {
                    "pause": {
                        "by": ["triage.information_requested"],
                        "until": ["triage.information_received"],
                        "rags": ["red"],
                    }
                }
            },
            "never pauses for Red",
        ),
        (
            {"hub_enquiry": {"pause": {"by": ["triage.information_requested"], "until": []}}},
            "at least 1 item",
        ),
        ({"accepted_by_person": {"period": "1 working hour"}}, "day and night"),
        ({"accepted_by_person": {"starts_on": ["triage.decided:red"]}}, "when Red is suggested"),
    ],
)
def test_clocks_that_would_fail_a_child_are_refused(
    changes: dict[str, dict[str, Any]], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        section(**changes)


def test_a_pack_may_be_stricter_than_the_law() -> None:
    stricter = section(
        statutory_decision={"period": "1 working day, the first day counted"},
        assessment_45_days={"period": "35 working days"},
    )
    times = start(stricter.rules["statutory_decision"], BEFORE_EASTER, None, HUB)
    assert local(times) == "Thu 02 Apr 17:30"


def test_a_clock_without_a_period_for_a_colour_does_not_start() -> None:
    enquiry = WARWICKSHIRE.rules["hub_enquiry"]
    assert enquiry.period_for(Rag.NONE) is None
    assert not clocks_for("triage.rated", Rag.NONE, None, WARWICKSHIRE)
    with pytest.raises(ValueError, match="hub_enquiry has no period for none"):
        start(enquiry, BEFORE_EASTER, Rag.NONE, HUB)
