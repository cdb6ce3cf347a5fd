"""What a referrer may be worried about, and the factors of the children in need census.

A factor is recorded at the end of an assessment, by a social worker. What stands here is the
factor to look at first, never the answer. 18A and 19A were withdrawn in 2024-25 and are not used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

FACTORS: Final[Mapping[str, str]] = {
    "1A": "Alcohol: the child",
    "1B": "Alcohol: a parent or carer",
    "1C": "Alcohol: another person in the household",
    "2A": "Drugs: the child",
    "2B": "Drugs: a parent or carer",
    "2C": "Drugs: another person in the household",
    "3A": "Domestic abuse of the child",
    "3B": "Domestic abuse of a parent or carer",
    "3C": "Domestic abuse of another person in the household",
    "4A": "Mental health: the child",
    "4B": "Mental health: a parent or carer",
    "4C": "Mental health: another person in the household",
    "5A": "Learning disability: the child",
    "5B": "Learning disability: a parent or carer",
    "5C": "Learning disability: another person in the household",
    "6A": "Physical disability or illness: the child",
    "6B": "Physical disability or illness: a parent or carer",
    "6C": "Physical disability or illness: another person in the household",
    "7A": "Young carer",
    "8B": "Private fostering: from overseas, intends to return",
    "8C": "Private fostering: from overseas, intends to stay",
    "8D": "Private fostering: in the United Kingdom for education",
    "8E": "Private fostering: United Kingdom child in another family",
    "8F": "Private fostering: other",
    "9A": "Unaccompanied asylum-seeking child",
    "10A": "Going missing",
    "11A": "Child sexual exploitation",
    "12A": "Trafficking",
    "13A": "Gangs",
    "14A": "Socially unacceptable behaviour",
    "15A": "Self-harm",
    "16A": "Neglect",
    "17A": "Emotional abuse",
    "18B": "Physical abuse by another child",
    "18C": "Physical abuse by an adult",
    "19B": "Sexual abuse by another child",
    "19C": "Sexual abuse by an adult",
    "20": "Another factor",
    "21": "No factors, and no further action",
    "22A": "Female genital mutilation",
    "23A": "Abuse linked to faith or belief",
    "24A": "Child criminal exploitation",
}


@dataclass(frozen=True, slots=True)
class Concern:
    """One kind of worry. `factors` are census factors, the likeliest first."""

    code: str
    title: str
    factors: tuple[str, ...]


OTHER_CONCERN: Final = "other"

_CONCERNS: Final = (
    Concern("domestic_abuse", "Domestic abuse in the home", ("3B", "3C", "3A")),
    Concern("abuse_in_own_relationship", "Abuse in a young person's own relationship", ("3A",)),
    Concern("parental_mental_ill_health", "A parent's mental health", ("4B",)),
    Concern("parental_substance_misuse", "A parent's use of alcohol or drugs", ("1B", "2B")),
    Concern("parental_alcohol_misuse", "A parent's use of alcohol", ("1B",)),
    Concern("parental_drug_misuse", "A parent's use of drugs", ("2B",)),
    Concern("parental_learning_disability", "A parent's learning disability", ("5B",)),
    Concern("parental_illness_or_disability", "A parent's illness or disability", ("6B",)),
    Concern("household_alcohol_misuse", "Alcohol: someone else in the home", ("1C",)),
    Concern("household_drug_misuse", "Drugs: someone else in the home", ("2C",)),
    Concern("household_mental_ill_health", "Mental health: someone else in the home", ("4C",)),
    Concern(
        "household_learning_disability", "Learning disability: someone else in the home", ("5C",)
    ),
    Concern(
        "household_illness_or_disability",
        "Illness or disability: someone else in the home",
        ("6C",),
    ),
    Concern("child_mental_ill_health", "The child's mental health", ("4A",)),
    Concern("child_alcohol_misuse", "The child's use of alcohol", ("1A",)),
    Concern("child_drug_misuse", "The child's use of drugs", ("2A",)),
    Concern("self_harm", "Self-harm or thoughts of suicide", ("15A",)),
    Concern("neglect", "Neglect", ("16A",)),
    Concern("missed_health_care", "Health appointments or treatment missed", ("16A",)),
    Concern("physical_abuse", "Physical abuse", ("18C",)),
    Concern("injury_to_non_mobile_child", "Injury to a child who cannot move about", ("18C",)),
    Concern("fabricated_illness", "Illness that seems made up or brought about", ("18C",)),
    Concern("sexual_abuse", "Sexual abuse", ("19C",)),
    Concern("emotional_abuse", "Emotional abuse", ("17A",)),
    Concern("child_on_child_abuse", "Harm by another child", ("18B", "19B")),
    Concern("harmful_sexual_behaviour", "Harmful sexual behaviour by a child", ("19B",)),
    Concern("online_harm", "Harm online", ("20",)),
    Concern("sexual_exploitation", "Sexual exploitation", ("11A",)),
    Concern("criminal_exploitation", "Criminal exploitation", ("24A",)),
    Concern("gangs", "Gangs and serious youth violence", ("13A",)),
    Concern("trafficking", "Trafficking or modern slavery", ("12A",)),
    Concern("missing", "Going missing", ("10A",)),
    Concern("radicalisation", "Drawn towards extremism", ("20",)),
    Concern("female_genital_mutilation", "Female genital mutilation", ("22A",)),
    Concern("honour_based_abuse", "Honour-based abuse or forced marriage", ("20",)),
    Concern("faith_or_belief", "Abuse linked to faith or belief", ("23A",)),
    Concern("unaccompanied_child", "Unaccompanied child seeking asylum", ("9A",)),
    Concern("no_recourse_to_public_funds", "No recourse to public funds", ("20",)),
    Concern("private_fostering", "Private fostering", ("8F", "8E", "8D", "8C", "8B")),
    Concern("unborn_child", "Worry for an unborn child", ("20",)),
    Concern("young_carer", "The child cares for someone", ("7A",)),
    Concern("poor_attendance", "Poor school attendance", ("20",)),
    Concern("exclusion", "Excluded, or close to it", ("20",)),
    Concern("behaviour", "Behaviour", ("14A",)),
    Concern("parenting_support", "Parents want help with parenting", ("20",)),
    Concern("housing", "Housing or home conditions", ("20",)),
    Concern("financial_hardship", "Money worries", ("20",)),
    Concern("disability", "The child's disability", ("6A", "5A")),
    Concern("child_learning_disability", "The child's learning disability", ("5A",)),
    Concern("health", "The child's health", ("6A",)),
    Concern("bereavement", "Bereavement or loss", ("20",)),
    Concern(
        "allegation_against_professional",
        "Allegation against someone who works with children",
        ("20",),
    ),
    Concern(OTHER_CONCERN, "Another concern", ("20",)),
)

CONCERN_TYPES: Final[Mapping[str, Concern]] = {concern.code: concern for concern in _CONCERNS}
CONCERNS: Final[Mapping[str, str]] = {concern.code: concern.title for concern in _CONCERNS}
