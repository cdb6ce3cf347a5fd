"""Who takes a piece of work: the pack's rules in order, the first that fits."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from contracts.events import AgeBand, AgreementStatus, AssigneeKind, Outcome, Rag
from policy.allocation.section import AllocationSection, Panel, Rule, Step, Team, When
from policy.working_time import LONDON, Calendar, opens_next

# Outcomes after which nobody in the hub has work to take on: they are answered by a message, by
# the worker who already has the case, or by another authority.
WITHOUT_WORK = frozenset(
    {
        Outcome.INFORMATION_AND_ADVICE,
        Outcome.NO_FURTHER_ACTION,
        Outcome.ALREADY_OPEN,
        Outcome.ANOTHER_AUTHORITY,
    }
)


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be assigned. `outcome` is None while it is only suggested, not decided. `level`
    is the level of need. `needs` are skills that the work asks for."""

    rag: Rag
    outcome: Outcome | None = None
    age_bands: tuple[AgeBand, ...] = ()
    locality: str | None = None
    school_cluster: str | None = None
    agency: str | None = None
    agreement: AgreementStatus = AgreementStatus.UNKNOWN
    needs: frozenset[str] = field(default_factory=frozenset)
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """`assignee` is the code of a team or panel in the pack; `rule` chose it, `reason` says in
    words why, without anything about the family."""

    kind: AssigneeKind
    assignee: str
    rule: str
    reason: str


def assign(
    work: Work, section: AllocationSection, *, open_now: bool, beside_panel: bool = False
) -> Assignment:
    """Who takes the work. There is always an answer: what no rule takes goes to the hub's team.
    `beside_panel`: who holds it until a panel has met; rules that send to a panel are passed by."""
    if work.rag is Rag.RED and work.outcome is None:
        return _to_duty(section, open_now=open_now)
    passed_over = ""
    for rule in (*section.first, *section.rules):
        if not _fits(rule.when, work, open_now=open_now):
            continue
        if beside_panel and rule.to.kind is AssigneeKind.PANEL:
            continue
        found = _found(rule, work, section)
        if found is not None:
            return found
        passed_over = passed_over or _passed_over(work, section)
    team = section.teams[section.otherwise]
    why = passed_over or "no other rule fits"
    return Assignment(team.kind, section.otherwise, "otherwise", f"{why}: {team.name}")


def ladder(section: AllocationSection, *, open_now: bool) -> tuple[Step, ...]:
    """Whom to alert, step by step, until a person accepts urgent work."""
    return section.duty.ladder if open_now else section.duty.out_of_hours_ladder


def next_meeting(panel: Panel, after: date, calendar: Calendar) -> date:
    """The panel's next meeting after a day. One that would fall on a day when the hub is closed
    is held on the next working day; the series goes on as if it hadn't."""
    step = timedelta(weeks=panel.every_weeks)
    planned = panel.first_meeting
    if after > planned:
        planned += step * ((after - planned) // step)
    while (held := _working_day(planned, calendar)) <= after:
        planned += step
    return held


def _working_day(day: date, calendar: Calendar) -> date:
    morning = datetime.combine(day, time(0), LONDON)
    return opens_next(calendar, morning).astimezone(LONDON).date()


def _to_duty(section: AllocationSection, *, open_now: bool) -> Assignment:
    code = section.duty.team if open_now else section.duty.out_of_hours
    name = section.teams[code].name
    if open_now:
        return Assignment(AssigneeKind.DUTY, code, "red_to_duty", f"Red is suggested: {name}")
    reason = f"Red is suggested and the hub is closed: {name}"
    return Assignment(AssigneeKind.DUTY, code, "red_out_of_hours", reason)


def _fits(when: When, work: Work, *, open_now: bool) -> bool:
    return (
        (not when.rags or work.rag in when.rags)
        and (not when.outcomes or work.outcome in when.outcomes)
        and (not when.ages or not set(when.ages).isdisjoint(work.age_bands))
        and (not when.localities or work.locality in when.localities)
        and (not when.agencies or work.agency in when.agencies)
        and (not when.agreement or work.agreement in when.agreement)
        and work.needs.issuperset(when.needs)
        and (when.open is None or when.open is open_now)
    )


def _found(rule: Rule, work: Work, section: AllocationSection) -> Assignment | None:
    """Whom a rule that fits names, or finds in the locality; None if there is nobody."""
    if rule.to.team:
        code = rule.to.team
        team = section.teams[code]
        return Assignment(team.kind, code, rule.rule, f"{rule.because}: {team.name}")
    if rule.to.kind is AssigneeKind.PANEL:
        for code, panel in section.panels.items():
            if panel.purpose == "locality_panel" and _serves(panel, work.locality):
                reason = f"{rule.because}: {panel.name}"
                return Assignment(AssigneeKind.PANEL, code, rule.rule, reason)
        return None
    wanted = work.needs.union(rule.to.skills)
    teams = [
        (code, team)
        for code, team in section.teams.items()
        if team.kind is rule.to.kind
        and _serves(team, work.locality)
        and wanted <= {*team.skills}
        and (work.level or 1) <= team.leads_up_to
    ]
    if not teams:
        return None
    # A team of this locality goes before one that serves everywhere.
    code, team = min(teams, key=lambda each: not each[1].localities)
    return Assignment(team.kind, code, rule.rule, f"{rule.because}: {team.name}")


def _serves(one: Team | Panel, locality: str | None) -> bool:
    return not one.localities or locality in one.localities


def _passed_over(work: Work, section: AllocationSection) -> str:
    if work.locality is None:
        return "no locality claims this address or school"
    place = section.localities.get(work.locality)
    if place is None:
        return "the locality is not in this version of the pack"
    skilled = " with the skills that are needed" if work.needs else ""
    return f"{place.name} has nobody{skilled} for this"
