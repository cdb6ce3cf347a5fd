"""Allocation: where a child lives, who takes the work, and what a pack may not say."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.events import AgeBand, AgreementStatus, AssigneeKind, Outcome, Rag
from policy.allocation import (
    WITHOUT_WORK,
    AllocationSection,
    Assignment,
    Work,
    assign,
    ladder,
    locality_of,
    next_meeting,
)
from policy.working_time import Calendar, HoursSection
from tests.shipped import SHIPPED

PACKS = {name: versions[-1] for name, versions in SHIPPED.packs.items()}
SECTIONS = {name: pack.allocation for name, pack in PACKS.items() if pack.allocation is not None}
WARWICKSHIRE, WALSALL = SECTIONS["warwickshire"], SECTIONS["walsall"]
GIVEN = AgreementStatus.GIVEN


def taken(authority: str, work: Work, *, open_now: bool = True) -> tuple[str, str]:
    """Who takes the work, and by which rule."""
    found = assign(work, SECTIONS[authority], open_now=open_now)
    return found.assignee, found.rule


def changed(**changes: Any) -> AllocationSection:
    """Warwickshire's section with some parts laid over it; None takes a part out."""
    content = deepcopy(WARWICKSHIRE.model_dump(exclude_unset=True))
    for key, value in changes.items():
        held = content.get(key)
        content[key] = {**held, **value} if isinstance(held, dict) and value else value
    return AllocationSection.model_validate(
        {key: value for key, value in content.items() if value is not None}
    )


# --- places ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("authority", "postcode", "school", "expected"),
    [
        ("warwickshire", "CV32 4AA", None, ("warwick", None)),
        ("warwickshire", "cv324aa", None, ("warwick", None)),
        ("warwickshire", "CV3 2AA", None, (None, None)),
        ("warwickshire", "CV7 9AA", None, ("nuneaton_and_bedworth", None)),
        ("warwickshire", "CV7 8AA", None, ("north_warwickshire", None)),
        ("warwickshire", "CV7 7AA", None, (None, None)),
        ("warwickshire", "ZZ99 3VZ", None, (None, None)),
        ("warwickshire", "not a postcode", "no school", (None, None)),
        ("warwickshire", None, None, (None, None)),
        ("warwickshire", "", "", (None, None)),
        ("warwickshire", "CV21", None, ("rugby", None)),
        ("warwickshire", None, "warwick PRETEND school", ("warwick", "warwick_schools")),
        # The address goes first here, the school in Walsall.
        ("warwickshire", "CV21 1AA", "Warwick Pretend School", ("rugby", "warwick_schools")),
        ("walsall", "WS9 1AA", "Sampleton High School (sixth form)", ("south", "south_sampleton")),
        ("walsall", "WS9 1AA", "Educated at home", ("east", None)),
        # A ward goes before the outward code in which it lies.
        ("bath-and-north-east-somerset", "BA2 8AA", None, ("somer_valley", None)),
        ("bath-and-north-east-somerset", "BA2 3AA", None, ("bath", None)),
        ("stockton-on-tees", "TS23 1AA", None, ("north", None)),
        ("hartlepool", "TS25 1AA", None, ("south", None)),
    ],
)
def test_where_a_child_belongs(
    authority: str, postcode: str | None, school: str | None, expected: tuple[str | None, ...]
) -> None:
    assert locality_of(postcode, school, SECTIONS[authority]) == expected


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_address_or_school_can_break_it(postcode: str, school: str) -> None:
    locality, cluster = locality_of(postcode, school, WALSALL)
    assert locality is None or locality in WALSALL.localities
    assert cluster is None or cluster in WALSALL.school_clusters


# --- who takes it ------------------------------------------------------------------------------


@pytest.mark.parametrize("authority", SECTIONS)
def test_a_suggested_red_goes_to_duty_at_once_by_day_and_to_edt_by_night(authority: str) -> None:
    section = SECTIONS[authority]
    work = Work(Rag.RED)
    by_day = assign(work, section, open_now=True)
    assert (by_day.kind, by_day.assignee) == (AssigneeKind.DUTY, "duty")
    assert by_day.reason == f"Red is suggested: {section.teams['duty'].name}"
    by_night = assign(work, section, open_now=False)
    assert (by_night.kind, by_night.assignee) == (AssigneeKind.DUTY, "edt")
    assert "the hub is closed" in by_night.reason


def test_no_rule_of_a_pack_can_take_a_suggested_red_from_duty() -> None:
    greedy = changed(
        first=({"rule": "greedy", "to": {"team": "hub"}, "because": "We want it"},), rules=()
    )
    assert assign(Work(Rag.RED), greedy, open_now=True).assignee == "duty"
    assert assign(Work(Rag.AMBER), greedy, open_now=True).rule == "greedy"


@pytest.mark.parametrize("authority", SECTIONS)
def test_a_strategy_discussion_is_social_works_and_edts_at_night(authority: str) -> None:
    work = Work(Rag.RED, Outcome.STRATEGY_DISCUSSION)
    assert taken(authority, work) == ("assessment", "strategy_discussion")
    assert taken(authority, work, open_now=False) == ("edt", "red_decided_out_of_hours")


@pytest.mark.parametrize(
    ("authority", "work", "expected"),
    [
        (
            "warwickshire",
            Work(Rag.GREEN, Outcome.EARLY_HELP_ASSESSMENT, locality="rugby", agreement=GIVEN),
            ("early_help_rugby", "early_help_in_locality"),
        ),
        (
            "warwickshire",
            Work(
                Rag.GREEN,
                Outcome.EARLY_HELP_ASSESSMENT,
                (AgeBand.UNDER_1,),
                "rugby",
                agency="health_visitor",
            ),
            ("health_visitors", "under_five"),
        ),
        (
            "warwickshire",
            Work(
                Rag.GREEN,
                Outcome.SINGLE_AGENCY_SUPPORT,
                (AgeBand.AGE_5_TO_10,),
                "rugby",
                agency="school",
                level=2,
            ),
            ("schools_that_lead", "school_leads"),
        ),
        # A school is not asked to lead above its level.
        (
            "warwickshire",
            Work(
                Rag.GREEN,
                Outcome.SINGLE_AGENCY_SUPPORT,
                (AgeBand.AGE_5_TO_10,),
                "rugby",
                agency="school",
                level=3,
            ),
            ("early_help_rugby", "early_help_in_locality"),
        ),
        (
            "warwickshire",
            Work(Rag.GREEN, Outcome.LOCALITY_PANEL, locality="rugby", agreement=GIVEN),
            ("panel_rugby", "panel_with_agreement"),
        ),
        (
            "warwickshire",
            Work(Rag.GREEN, Outcome.LOCALITY_PANEL, locality="rugby"),
            ("panel_rugby", "panel_theme_only"),
        ),
        (
            "walsall",
            Work(Rag.GREEN, Outcome.EARLY_HELP_ASSESSMENT, locality="east", agreement=GIVEN),
            ("lead_east", "lead_in_cluster"),
        ),
        (
            "walsall",
            Work(Rag.GREEN, Outcome.EARLY_HELP_ASSESSMENT, locality="east"),
            ("early_help_east", "early_help_in_locality"),
        ),
        (
            "bath-and-north-east-somerset",
            Work(Rag.GREEN, Outcome.EARLY_HELP_ASSESSMENT, (AgeBand.AGE_1_TO_4,)),
            ("childrens_centres", "under_five"),
        ),
        (
            "bath-and-north-east-somerset",
            Work(Rag.GREEN, Outcome.SINGLE_AGENCY_SUPPORT, (AgeBand.AGE_16_TO_17,)),
            ("youth_service", "adolescent"),
        ),
        (
            "hartlepool",
            Work(Rag.AMBER, Outcome.CHILD_AND_FAMILY_ASSESSMENT, locality="north"),
            ("assessment", "social_work_assessment"),
        ),
    ],
)
def test_who_takes_what(authority: str, work: Work, expected: tuple[str, str]) -> None:
    assert taken(authority, work) == expected


@pytest.mark.parametrize("authority", sorted(SECTIONS))
@pytest.mark.parametrize("agreement", AgreementStatus)
def test_a_panel_hears_of_it_whether_or_not_the_family_agrees(
    authority: str, agreement: AgreementStatus
) -> None:
    """Without agreement a theme and no name, which the panel's agenda sees to."""
    section = SECTIONS[authority]
    place = next(iter(section.localities))
    work = Work(Rag.GREEN, Outcome.LOCALITY_PANEL, locality=place, agreement=agreement)
    assert assign(work, section, open_now=True).kind is AssigneeKind.PANEL
    team = assign(work, section, open_now=True, beside_panel=True)
    assert team.kind is AssigneeKind.TEAM
    assert "agreement" not in team.reason


def test_the_reason_says_why_and_who() -> None:
    work = Work(Rag.GREEN, Outcome.EARLY_HELP_ASSESSMENT, locality="rugby")
    assert assign(work, WARWICKSHIRE, open_now=True) == Assignment(
        AssigneeKind.TEAM,
        "early_help_rugby",
        "early_help_in_locality",
        "Early help where the family lives: Early help Rugby",
    )


@pytest.mark.parametrize(
    ("locality", "reason"),
    [
        (None, "no locality claims this address or school: Warwickshire front door team"),
        ("atlantis", "the locality is not in this version of the pack: Warwickshire front door"),
    ],
)
def test_what_no_locality_claims_stays_with_the_hub(locality: str | None, reason: str) -> None:
    work = Work(Rag.GREEN, Outcome.EARLY_HELP_ASSESSMENT, locality=locality)
    found = assign(work, WARWICKSHIRE, open_now=True)
    assert (found.assignee, found.rule) == ("hub", "otherwise")
    assert found.reason.startswith(reason)


def test_a_locality_without_a_team_and_skills_that_nobody_has_stay_with_the_hub() -> None:
    lonely = changed(localities={"coventry": {"name": "Coventry", "postcodes": ["CV1"]}})
    place, _ = locality_of("CV1 1AA", None, lonely)
    work = Work(Rag.GREEN, Outcome.EARLY_HELP_ASSESSMENT, locality=place)
    assert assign(work, lonely, open_now=True).reason.startswith("Coventry has nobody for this")
    signing = Work(
        Rag.GREEN, Outcome.EARLY_HELP_ASSESSMENT, locality="rugby", needs=frozenset({"signing"})
    )
    found = assign(signing, WARWICKSHIRE, open_now=True)
    assert found.assignee == "hub"
    assert found.reason.startswith("Rugby has nobody with the skills that are needed for this")


def test_work_that_no_rule_is_for_stays_with_the_hub() -> None:
    found = assign(Work(Rag.AMBER, locality="rugby"), WARWICKSHIRE, open_now=True)
    assert (found.rule, found.reason) == (
        "otherwise",
        "no other rule fits: Warwickshire front door team",
    )


WORK = st.builds(
    Work,
    st.sampled_from(list(Rag)),
    st.sampled_from([None, *Outcome]),
    st.lists(st.sampled_from(list(AgeBand)), max_size=3).map(tuple),
    st.sampled_from([None, "rugby", "south", "bath", "nowhere"]),
    st.sampled_from([None, "rugby_schools"]),
    st.sampled_from([None, "school", "health_visitor"]),
    st.sampled_from(list(AgreementStatus)),
    st.sampled_from([frozenset(), frozenset({"early_help"}), frozenset({"signing"})]),
    st.sampled_from([None, 1, 2, 3, 4]),
)


@given(WORK, st.sampled_from(list(SECTIONS)), st.booleans())
def test_there_is_always_somebody(work: Work, authority: str, open_now: bool) -> None:  # noqa: FBT001
    section = SECTIONS[authority]
    found = assign(work, section, open_now=open_now)
    if found.kind is AssigneeKind.PANEL:
        assert found.assignee in section.panels
        # A named child goes to a panel only with the family's agreement.
        assert (found.rule == "panel_theme_only") is (work.agreement is not GIVEN)
    else:
        assert section.teams[found.assignee].kind is found.kind
    assert found.rule
    assert found.reason
    if work.rag is Rag.RED and work.outcome is None:
        assert found.kind is AssigneeKind.DUTY
    assert found == assign(work, section, open_now=open_now)


def test_answers_that_leave_no_work() -> None:
    assert Outcome.NO_FURTHER_ACTION in WITHOUT_WORK
    assert Outcome.EARLY_HELP_ASSESSMENT not in WITHOUT_WORK


@pytest.mark.parametrize("authority", SECTIONS)
def test_ladders_climb_by_day_and_by_night(authority: str) -> None:
    for open_now in (True, False):
        steps = ladder(SECTIONS[authority], open_now=open_now)
        assert steps[0].after_minutes == 0
        assert steps[-1].after_minutes < 30
    assert ladder(SECTIONS[authority], open_now=True) != ladder(SECTIONS[authority], open_now=False)


# --- panels ------------------------------------------------------------------------------------


def test_walsalls_panels_meet_every_four_weeks_and_warwickshire_allocates_every_week() -> None:
    calendar = PACKS["walsall"].calendar
    panels = [each for each in WALSALL.panels.values() if each.purpose == "locality_panel"]
    assert [panel.localities for panel in panels] == [(each,) for each in WALSALL.localities]
    for panel in panels:
        first = next_meeting(panel, date(2018, 3, 1), calendar)
        second = next_meeting(panel, first, calendar)
        assert (second - first).days == 28
    weekly = WARWICKSHIRE.panels["weekly_allocation"]
    assert weekly.every_weeks == 1


def test_a_meeting_on_a_bank_holiday_is_held_on_the_next_working_day() -> None:
    calendar = PACKS["warwickshire"].calendar
    weekly = WARWICKSHIRE.panels["weekly_allocation"]
    assert next_meeting(weekly, date(2026, 4, 3), calendar) == date(2026, 4, 7)
    assert next_meeting(weekly, date(2026, 4, 6), calendar) == date(2026, 4, 7)
    assert next_meeting(weekly, date(2026, 4, 7), calendar) == date(2026, 4, 13)
    assert next_meeting(weekly, date(2017, 1, 1), calendar) == date(2018, 1, 8)


@given(st.dates(date(2017, 1, 1), date(2034, 1, 1)))
def test_a_meeting_is_after_the_day_and_none_is_left_out(after: date) -> None:
    calendar = Calendar.of(HoursSection.model_validate({"open": {"wednesday": "09:00 to 17:00"}}))
    panel = WALSALL.panels["panel_north"]
    found = next_meeting(panel, after, calendar)
    assert found > after
    assert found.strftime("%A") == "Wednesday"
    if found > date(2018, 1, 10):
        # Four weeks, and two more where Christmas Day and New Year's Day are both Wednesdays.
        assert (found - after).days <= 42


# --- refused -----------------------------------------------------------------------------------


RULE = {"rule": "one", "to": {"team": "hub"}, "because": "Why not"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"otherwise": None}, "there is no catch-all"),
        ({"otherwise": "nobody"}, "otherwise: there is no team 'nobody'"),
        ({"rules": [{**RULE, "to": {"team": "nobody"}}]}, "one: there is no team 'nobody'"),
        ({"rules": [{**RULE, "to": {}}]}, "name a team, or a kind"),
        ({"rules": [{**RULE, "to": {"team": "hub", "kind": "team"}}]}, "one of them"),
        ({"rules": [{**RULE, "to": {"kind": "panel", "skills": ["x"]}}]}, "skills are looked for"),
        ({"rules": [{**RULE, "when": {"localities": ["narnia"]}}]}, "no locality 'narnia'"),
        ({"rules": [{**RULE, "when": {"colour": "red"}}]}, "Extra inputs"),
        ({"rules": [RULE, {**RULE, "rule": "two"}]}, "two is never reached: one takes everything"),
        (
            {"rules": [{**RULE, "when": {"rags": ["green"]}}, RULE]},
            "two rules are called 'one'",
        ),
        ({"duty": {"team": "hub"}}, "duty.team: 'hub' is no duty team"),
        ({"duty": {"out_of_hours": "nobody"}}, "duty.out_of_hours: there is no team"),
        ({"duty": {"ladder": []}}, "at least 2 items"),
        (
            {
                "duty": {
                    "ladder": [
                        {"after_minutes": 5, "tell": "duty", "by": "page"},
                        {"after_minutes": 5, "tell": "manager", "by": "page"},
                    ]
                }
            },
            "comes at once.*comes later",
        ),
        ({"localities": {"twin": {"name": "Twin", "postcodes": ["CV21"]}}}, "CV21 is claimed by"),
        ({"localities": {"odd": {"name": "Odd", "postcodes": ["Rugby"]}}}, "neither an outward"),
        (
            {
                "school_clusters": {
                    "twin": {
                        "name": "Twin",
                        "locality": "rugby",
                        "schools": ["WARWICK PRETEND SCHOOL"],
                    }
                }
            },
            "'warwick pretend school' is in",
        ),
        (
            {"school_clusters": {"lost": {"name": "Lost", "locality": "narnia"}}},
            "school_clusters.lost: there is no locality",
        ),
        (
            {
                "teams": {
                    "lost": {
                        "name": "Lost",
                        "kind": "team",
                        "localities": ["narnia"],
                        "roles": ["manager"],
                    }
                }
            },
            "teams.lost: there is no locality",
        ),
        ({"teams": {"idle": {"name": "Idle", "kind": "team", "roles": []}}}, "at least 1 item"),
        ({"teams": {"odd": {"name": "Odd", "kind": "panel", "roles": ["duty"]}}}, "Input should"),
        (
            {
                "panels": {
                    "odd": {
                        "name": "Odd",
                        "purpose": "locality_panel",
                        "weekday": "friday",
                        "first_meeting": "2018-01-08",
                        "every_weeks": 4,
                        "capacity": 8,
                        "members": ["school"],
                        "quorum": 1,
                    }
                }
            },
            "isn't on a friday",
        ),
        (
            {
                "panels": {
                    "odd": {
                        "name": "Odd",
                        "purpose": "locality_panel",
                        "weekday": "monday",
                        "first_meeting": "2018-01-08",
                        "every_weeks": 4,
                        "capacity": 8,
                        "members": ["school"],
                        "quorum": 2,
                    }
                }
            },
            "can never be quorate",
        ),
    ],
)
def test_a_section_that_leads_nowhere_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        changed(**changes)
