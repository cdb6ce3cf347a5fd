"""A word that means two things is read by what stands around it."""

import pytest

from policy.reader import read
from tests.shipped import SHIPPED

PACK = SHIPPED.version("walsall", "2018.1")


def found(text: str) -> set[str]:
    """The indicators found."""
    return {signal.indicator for signal in read(text, field="narrative", pack=PACK).signals}


@pytest.mark.parametrize(
    ("text", "never"),
    [
        (
            "His mum has MS and had a bad relapse in August, she now uses a wheelchair most days.",
            {"parent_substance_use", "parent_substance_dangerous", "parent_disabled_grave"},
        ),
        ("Mother has multiple sclerosis; a relapse since August.", {"child_substance_use"}),
        ("The leukaemia relapsed and he is back in hospital.", {"child_substance_use"}),
        ("She has been cutting her arms with a sharpener blade.", {"criminal_exploitation"}),
        ("She cuts her thighs with a blade.", {"criminal_exploitation", "weapon_carried"}),
        ("His English book has pages of drawings of weapons.", {"criminal_exploitation"}),
        ("Drawings of guns and knives at school.", {"criminal_exploitation", "weapon_carried"}),
        (
            "Dad has him on his own since the summer and looks worn out.",
            {"parents_cannot_care", "parent_mental_ill_health"},
        ),
        ("Children often late collected, meals missed.", {"neglect_severe"}),
        ("Mum is supportive and shaken.", {"baby_hurt", "shaken"}),
        ("Mum shook her head.", {"baby_hurt", "shaken"}),
        (
            "Who is actually in charge of Logan's asthma at night?",
            {"neglect_severe", "neglect_signs"},
        ),
        ("She is in charge of Logan's asthma at night.", {"neglect_severe", "neglect_signs"}),
        (
            "Dental appointment not attended twice.",
            {"out_of_school", "persistent_absence", "health_serious"},
        ),
        ("Logan was admitted overnight with an acute asthma attack.", {"health_serious"}),
        ("Two men were outside the gates at the end of the day.", {"parents_struggle_to_cope"}),
        ("He is on the edge of permanent exclusion.", {"out_of_school"}),
    ],
)
def test_a_word_is_not_taken_for_its_graver_meaning(text: str, never: set[str]) -> None:
    assert not never & found(text)


@pytest.mark.parametrize(
    ("text", "indicator"),
    [
        ("Mum relapsed and is using most days.", "parent_substance_dangerous"),
        ("Mum has relapsed.", "parent_substance_use"),
        ("He relapsed after rehab.", "child_substance_use"),
        ("Mum's learning needs affect her parenting.", "parent_disabled_grave"),
        ("Mum has MS and uses a wheelchair most days.", "carer_too_ill"),
        ("She was found with a blade in her bag.", "weapon_carried"),
        ("She was found with a blade in her bag.", "criminal_exploitation"),
        ("He self harms and threatened a boy with a knife.", "criminal_exploitation"),
        ("He has drawings of knives, and he brought a knife to school.", "weapon_carried"),
        ("He drew a knife on another boy.", "criminal_exploitation"),
        ("She has been cutting her arms with a sharpener blade.", "self_harm"),
        ("Mum has been worn out for months.", "parents_cannot_care"),
        ("Dad is constantly exhausted and tearful.", "parents_cannot_care"),
        ("Mum is at the end of her tether.", "parents_struggle_to_cope"),
        ("Children often late collected, meals missed.", "neglect_signs"),
        ("The children often miss meals.", "neglect_severe"),
        ("Mum shook the baby.", "shaken"),
        ("The baby was shaken by mum's partner.", "baby_hurt"),
        ("Dad has shaken him.", "shaken"),
        ("Mum said that the baby is shaken by dad when he cries.", "shaken"),
        ("Mum leaves her seven year old in charge of his brothers at night.", "neglect_severe"),
        ("Dental appointment not attended twice.", "health_needs_unmet"),
        ("He has not attended since Easter.", "out_of_school"),
        ("Logan was admitted overnight with an acute asthma attack.", "health_needs_unmet"),
        ("She has frequent acute asthma attacks.", "health_serious"),
        ("His asthma is severe.", "health_serious"),
        ("He was permanently excluded.", "out_of_school"),
        ("Her ex has been outside the house every night.", "domestic_abuse_serious"),
    ],
)
def test_its_graver_meaning_is_still_read(text: str, indicator: str) -> None:
    assert indicator in found(text)


@pytest.mark.parametrize(
    ("text", "indicator"),
    [
        ("He said he got the spoon for spilling juice.", "hit_with_object"),
        ("Her partner takes her phone at night.", "domestic_abuse"),
        ("Mum is 31/40 and using cocaine.", "unborn_at_risk"),
        ("Her boyfriend, who is 24, buys her vodka.", "sexual_exploitation"),
        ("Tenant says he boots the door in when he is drunk.", "domestic_abuse"),
        ("Hair crawling, same uniform since Monday.", "neglect_signs"),
    ],
)
def test_what_is_told_without_its_name_is_read(text: str, indicator: str) -> None:
    assert indicator in found(text)


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("Mum denies that he boots the door in.", {"domestic_abuse"}),
        ("Baby, 10/52, no marks or bruises seen.", {"injury_to_non_mobile", "injury_to_baby"}),
        ("Dad didnt hit him.", {"physical_abuse"}),
        ("HbA1c was fine.", {"forced_marriage"}),
        ("We will send the form on Monday.", {"disability_some"}),
        ("Kids well turned out and chatty.", {"emotional_abuse"}),
    ],
)
def test_families_of_words_hide_no_denial(text: str, never: set[str]) -> None:
    assert not never & found(text)


@pytest.mark.parametrize(
    "text",
    [
        "She has cuts on both thighs, and mum is aware of this.",
        "She has cuts on both thighs. Her parents do not know.",
        "She told her mum that she has been burning her thighs with a lighter.",
    ],
)
def test_a_parent_who_knows_or_is_told_is_not_the_one_it_is_about(text: str) -> None:
    assert "self_harm" in found(text)
    assert "parent_mental_illness_acute" not in found(text)
