"""What each measure of the scorecard counts, in words."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Measure:
    """`of` is what is counted, `counted` which of it; `when` says what puts something into a period,
    by days in England. `clock` is the clock whose state says it."""

    code: str
    title: str
    counted: str
    of: str
    when: str
    clock: str | None = None


MEASURES: Final = (
    Measure(
        "lead_in_time",
        "Lead professional allocated in time",
        "those where a lead professional or a team accepted before the clock was due (five working "
        "days unless the pack says otherwise)",
        "decisions for early help, a locality panel or single agency support whose clock has ended, "
        "met or breached",
        "the clock began in the period",
        "lead_professional_allocated",
    ),
    Measure(
        "first_contact_in_time",
        "First contact with the family in time",
        "those met before the clock was due",
        "clocks of first contact that have ended, met or breached",
        "the clock began in the period",
        "first_contact",
    ),
    Measure(
        "assessment_in_time",
        "Early help assessment in time",
        "those met before the clock was due",
        "clocks of assessment that have ended, met or breached",
        "the clock began in the period",
        "early_help_assessment",
    ),
    Measure(
        "plan_in_time",
        "Plan in time",
        "those met before the clock was due",
        "clocks of the plan that have ended, met or breached",
        "the clock began in the period",
        "plan",
    ),
    Measure(
        "review_in_time",
        "Review in time",
        "those met before the clock was due",
        "clocks of review that have ended, met or breached",
        "the clock began in the period",
        "review",
    ),
    Measure(
        "accepted",
        "Referrals that led to help",
        "those decided for social care (strategy discussion, child and family assessment) or early "
        "help (early help assessment, locality panel, single agency support) for any child",
        "referrals that were decided",
        "the referral was received in the period",
    ),
    Measure(
        "repeat_contact",
        "Contacts about a child who was referred in the 12 months before",
        "those with a child of an earlier referral that was received in the 12 months before",
        "referrals; the link is one of identity, made by a number or by a person",
        "the referral was received in the period",
    ),
    Measure(
        "repeat_statutory",
        "Statutory referrals again within 12 months",
        "those with a child of an earlier statutory referral that was received in the 12 months "
        "before",
        "referrals decided as a strategy discussion or a child and family assessment for any child",
        "the referral was received in the period",
    ),
    Measure(
        "assessed_again",
        "Early help assessments again within 12 months",
        "those with another assessment, of the same or an earlier referral, in the 12 months before",
        "early help assessments",
        "the assessment is of a day in the period",
    ),
    Measure(
        "ended_because",
        "Why help ended",
        "those that ended for the reason in `category`",
        "cases that ended",
        "the case ended on a day in the period",
    ),
    Measure(
        "lead_agency",
        "Lead professionals by agency",
        "those whose worker is of the agency in `category`",
        "lead professionals who accepted",
        "they accepted in the period",
    ),
    Measure(
        "panel_outcome",
        "What panels concluded",
        "those with the outcome in `category`; `listed` is not concluded yet",
        "items of panels' agendas",
        "the meeting is in the period",
    ),
    Measure(
        "distance_travelled",
        "Things got better",
        "those whose last scores together are above the first, over the areas scored twice",
        "cases that ended with an area scored at two times or more",
        "the case ended on a day in the period",
    ),
)

LISTS: Final = {
    "contacts": "Every referral received in the period.",
    "early_help": "Those decided for early help, a locality panel or single agency support.",
    "referrals": "Those decided for a strategy discussion or a child and family assessment.",
}
