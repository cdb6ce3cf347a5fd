"""A pack's codes in plain words, as a council would print them."""

from collections.abc import Mapping

from contracts.codes import ATTENDERS, CONCERNS
from contracts.events import AssigneeKind, Outcome, Rag, Urgency
from policy.allocation.section import Panel, Target
from policy.clocks import ClockRule
from policy.clocks.triggers import parts
from policy.pack import Clause, Combination, HistoryRule, Pack
from policy.working_time.hours import WEEKDAYS

COLOURS = (Rag.RED, Rag.AMBER, Rag.GREEN)
_RAGS = frozenset(rag.value for rag in Rag)

_OUTCOMES: Mapping[Outcome, str] = {
    Outcome.STRATEGY_DISCUSSION: "strategy discussion with police and health",
    Outcome.CHILD_AND_FAMILY_ASSESSMENT: "child and family assessment by a social worker",
    Outcome.EARLY_HELP_ASSESSMENT: "early help assessment",
    Outcome.LOCALITY_PANEL: "locality panel",
    Outcome.SINGLE_AGENCY_SUPPORT: "support from one agency",
    Outcome.INFORMATION_AND_ADVICE: "information and advice",
    Outcome.NO_FURTHER_ACTION: "no further action",
    Outcome.ALREADY_OPEN: "to those who know the child already",
    Outcome.ANOTHER_AUTHORITY: "to another authority",
}
_AGES = {
    "age:unborn": "the child is not born yet",
    "age:under_1": "the child is under one year old",
    "age:non_mobile": "the child cannot move about",
    "age:under_5": "the child is under five",
    "age:adolescent": "the child is eleven or older",
}
_HISTORY = {
    "referred": "referred before",
    "closed": "closed to social care",
    "open_social_care": "open to social care",
    "open_early_help": "open to early help",
}
_ROLES = {
    "practitioner": "a qualified practitioner",
    "manager": "a manager",
    "duty": "the duty team",
    "coordinator": "the coordinator",
    "lead_professional": "the lead professional",
    "panel_chair": "the panel's chair",
    "operator": "the platform team",
    "referrer": "the referrer",
}


_SOON = {
    Urgency.IMMEDIATE: "At once",
    Urgency.SAME_DAY: "The same day",
    Urgency.STANDARD: "In the times below",
}

# What a clock counts from, by what starts it, with its tags or without.
_BEGINS = {
    "referral.submitted": "the referral",
    "referral.restricted": "the allegation",
    "triage.rated": "the suggestion",
    "triage.rated:red": "Red being suggested",
    "triage.rerated:red": "the colour becoming Red",
    "triage.returned": "a manager sending it back",
    "triage.decided": "the decision",
    "triage.decided:to_countersign": "the decision",
    "triage.information_requested": "the question",
    "triage.discussion_recorded": "the discussion",
    "allocation.offered": "the offer",
    "allocation.accepted": "somebody taking it on",
    "panel.listed": "the listing",
    "case.milestone_recorded:assessment": "the assessment",
    "case.milestone_recorded:plan": "the plan",
    "case.milestone_recorded:review": "the last review",
    "case.milestone_recorded:action_asked": "the question",
    "case.milestone_recorded:strategy_discussion": "the discussion",
    "disagreement.raised": "the disagreement",
    "disagreement.escalated": "the step to this stage",
}
_KINDS = {
    AssigneeKind.LEAD_PROFESSIONAL: "lead_professional",
    AssigneeKind.PANEL: "panel",
}


def begin(text: str) -> str:
    """Words as a sentence or a cell begins with them."""
    return text[:1].upper() + text[1:]


def begins(rule: ClockRule) -> str:
    """What a clock counts from."""
    if rule.counts_from == "receipt":
        return "the referral"
    named = (
        _BEGINS.get(each) or _BEGINS.get(event := parts(each)[0]) or event.split(".")[1]
        for each in rule.starts_on
    )
    return listed([each.replace("_", " ") for each in dict.fromkeys(named)], "or")


def target(pack: Pack, to: Target) -> str:
    """Where a rule of allocation sends work, in the authority's own words."""
    if to.team is not None:
        return pack.allocation.teams[to.team].name
    panels = [
        each.name for each in pack.allocation.panels.values() if each.purpose == "locality_panel"
    ]
    if to.kind is AssigneeKind.PANEL and len(panels) == 1:
        return panels[0]
    if to.kind in _KINDS:
        code = _KINDS[to.kind]
        return f"a {pack.words.get(code, code.replace('_', ' '))}"
    return "the locality's team"


def meets(panel: Panel) -> str:
    """How often a panel meets."""
    day = panel.weekday.capitalize()
    if panel.every_weeks == 1:
        return f"Every {day}"
    return f"Every {panel.every_weeks} weeks, on a {day}"


def agency(code: str) -> str:
    """An agency as a member of a panel or of a discussion; what is all capitals stays so."""
    title = ATTENDERS[code].title if code in ATTENDERS else code.replace("_", " ")
    return title[0].lower() + title[1:] if title[1:2].islower() else title


def outcome(pack: Pack, code: Outcome) -> str:
    """An outcome, in the authority's own words where it has them."""
    return pack.words.get(code.value, _OUTCOMES[code])


def soon(urgency: Urgency) -> str:
    """How soon something has to happen."""
    return _SOON[urgency]


def role(code: str) -> str:
    """A role as somebody who is told or who decides."""
    return _ROLES.get(code, code.replace("_", " "))


def listed(items: tuple[str, ...] | list[str], last: str = "and") -> str:
    """`a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def member(code: str) -> str:
    """What a combination asks for: a concern, an age, something of the past."""
    if code in _AGES:
        return _AGES[code]
    kind = code.removeprefix("history:")
    if kind != code:
        return f"the child was {_HISTORY[kind]}" if kind == "referred" else _HISTORY[kind]
    return CONCERNS[code][0].lower() + CONCERNS[code][1:]


def number(clause: Clause) -> tuple[tuple[int, str], ...]:
    """Puts clauses in the order of their numbers: 2.10 after 2.9."""
    return tuple(
        (int(part), "") if part.isdecimal() else (0, part) for part in clause.id.split(".")
    )


def combination(each: Combination) -> str:
    """A combination as a sentence's beginning."""
    parts = [member(code) for code in each.all_of]
    some = [member(code) for code in each.any_of]
    if some and each.at_least >= 1:
        number = "one" if each.at_least == 1 else str(each.at_least)
        choice = listed(some, "or")
        parts.append(choice if len(some) == 1 else f"at least {number} of: {choice}")
    words = listed(parts)
    return words[0].upper() + words[1:]


def history(rule: HistoryRule) -> str:
    """A rule of history as words."""
    words = _HISTORY[rule.kind]
    if rule.times > 1:
        words = f"{words} {'twice' if rule.times == 2 else f'{rule.times} times'} or more"
    if rule.within_days is not None:
        words = f"{words} within {rule.within_days} days"
    return words[0].upper() + words[1:]


def period(rule: ClockRule, rag: Rag) -> str:
    """How long a clock runs for a colour; a dash where it has none, or never starts for it."""
    starts = [parts(trigger)[1] & _RAGS for trigger in rule.starts_on]
    never = all(tags and rag.value not in tags for tags in starts)
    found = None if never else rule.period_for(rag)
    return "–" if found is None else str(found)


def opening(pack: Pack) -> list[tuple[str, str]]:
    """Each weekday with its hours."""
    return [
        (day.capitalize(), "closed" if span is None else f"{_time(span[0])} to {_time(span[1])}")
        for day, span in zip(WEEKDAYS, pack.hours.week, strict=True)
    ]


def _time(minutes: int) -> str:
    hour, minute = divmod(minutes, 60)
    shown = f"{(hour - 1) % 12 + 1}.{minute:02}" if minute else f"{(hour - 1) % 12 + 1}"
    return f"{shown}{'am' if hour % 24 < 12 else 'pm'}"
