"""Whom a sentence speaks of, and who did what: told by he and she, names, and whose daughter it is."""

import pytest

from policy.reader import read
from tests.shipped import SHIPPED

PACK = SHIPPED.version("walsall", "2018.1")


def found(text: str) -> set[str]:
    """The indicators found."""
    return {signal.indicator for signal in read(text, field="narrative", pack=PACK).signals}


@pytest.mark.parametrize(
    ("text", "indicator"),
    [
        ("Mum came to see us. He is very low and tearful.", "child_low"),
        ("Dad rang. She's smoking weed.", "child_substance_use"),
        ("Mum says Tyler is smoking weed.", "child_substance_use"),
        ("Mum says that he is very low.", "child_low"),
        ("Dad has moved out. He is drinking heavily.", "parent_substance_dangerous"),
        ("Mum, Kelly, is drinking again.", "parent_substance_use"),
        ("Mum's partner Dave is drinking.", "parent_substance_use"),
        ("Nan is worried about her daughter. She is using heroin.", "parent_substance_use"),
        ("Gran says that her son is drinking and the kids are hungry.", "parent_substance_use"),
        ("Male aged 15 stopped with heroin.", "child_substance_use"),
        ("Mum gets cross when he cries and smacks him.", "physical_abuse"),
        ("Mum and dad are drinking.", "parent_substance_use"),
        ("Dad was sent home and the twins say he drinks in the car.", "parent_substance_use"),
        ("Dad hit mum in front of her son and was drunk.", "parent_substance_use"),
    ],
)
def test_a_sign_is_read_of_whom_it_is_told(text: str, indicator: str) -> None:
    assert indicator in found(text)


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("Mum came to see us. He is very low and tearful.", {"parent_unwell"}),
        ("Dad rang. She's smoking weed.", {"parent_substance_use"}),
        ("Mum says that her son is very low.", {"parent_unwell", "parent_mental_ill_health"}),
        ("Gran says that her son is using heroin.", {"child_substance_use"}),
        ("Male aged 15 stopped with heroin.", {"parent_substance_use"}),
        ("Dentist: no decay.", {"weight_and_teeth"}),
        ("Mum hears voices telling her to leave.", {"child_acute_mental_illness"}),
        ("Dad was suspended from work.", {"excluded"}),
        ("Seen at A&E, a five-month-old.", {"health_needs_unmet"}),
        ("CPN. She came to the clinic with her son.", {"child_mental_health_worse"}),
        ("Crisis team. Seen with his wife.", {"child_acute_mental_illness"}),
    ],
)
def test_a_sign_is_read_of_nobody_else(text: str, never: set[str]) -> None:
    assert not never & found(text)


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("Coach texted parents that training is off.", {"allegation_against_worker"}),
        ("The TA grabbed him a jumper.", {"allegation_against_worker"}),
        ("Grandad and she have a special game of spotting cars.", {"sexual_abuse"}),
        ("Her uncle takes photos of her at matches.", {"sexual_abuse"}),
        ("Her brother touched her hair.", {"harmful_sexual_behaviour"}),
        ("He stayed at a hotel with his team.", {"exploitation_signs"}),
        ("Dad was late collecting her because of the traffic.", {"neglect_signs"}),
        ("Doctor examined her and found nothing wrong.", {"fabricated_illness"}),
        ("Stepmum is kind and he calls her by her first name.", {"emotional_abuse"}),
        ("They had a water fight with their parents.", {"domestic_abuse"}),
        ("A note was sent home about the trip.", {"excluded"}),
        ("An X-ray showed no break and he was sent home.", {"excluded"}),
        ("He did a project on refugees who came by boat.", {"unaccompanied_child"}),
        ("Dad lost his temper with the printer.", {"physical_abuse"}),
        ("Dad threw him a ball.", {"physical_abuse"}),
        ("Grandad pushed her on the swing.", {"physical_abuse"}),
        ("Mum beat him at chess.", {"physical_abuse"}),
        ("The car had been abandoned.", {"nobody_to_care"}),
        ("Mum sat in the back.", {"domestic_abuse"}),
        ("Letters went out to everyone.", {"danger_of_suicide"}),
        ("His records are at the surgery. Dad has them.", {"parent_unwell"}),
        ("The driver was shouting at a cyclist.", {"allegation_against_worker"}),
        ("The hamster died on Sunday.", {"bereaved"}),
        ("Mum was dead on her feet.", {"bereaved"}),
        ("She has a toy gun for the school play.", {"weapon_carried", "criminal_exploitation"}),
        ("The dentist says that he needs no treatment.", {"medical_care_withheld"}),
    ],
)
def test_what_people_do_every_day_is_no_sign(text: str, never: set[str]) -> None:
    assert not never & found(text)


@pytest.mark.parametrize(
    ("text", "indicator"),
    [
        ("The coach has been texting her at night.", "allegation_against_worker"),
        ("The TA grabbed him by the arm.", "allegation_against_worker"),
        ("Grandad has a special game that they play in his bed.", "sexual_abuse"),
        ("Her uncle takes photos of her in the bath.", "sexual_abuse"),
        ("Her brother touched her under her skirt.", "harmful_sexual_behaviour"),
        ("She was found at a hotel with two men.", "exploitation_signs"),
        ("Late collecting again, for the third time.", "neglect_signs"),
        ("Doctors find nothing wrong and mum insists on more tests.", "fabricated_illness"),
        ("Mum calls him stupid.", "emotional_abuse"),
        ("He was sent home for fighting.", "excluded"),
        ("He had a gun at school.", "weapon_carried"),
        ("Dad lost his temper with him.", "physical_abuse"),
        ("Dad threw him at the wall.", "physical_abuse"),
        ("Grandad pushed her down the stairs.", "physical_abuse"),
        ("Mum beat him with a stick.", "physical_abuse"),
        ("The children were abandoned.", "nobody_to_care"),
        ("Her partner hit mum in the back.", "domestic_abuse"),
        ("She has written letters to everyone in the family.", "danger_of_suicide"),
        ("The driver was shouting at the children.", "allegation_against_worker"),
        ("He came by boat, alone.", "unaccompanied_child"),
        ("Parents say that there is to be no treatment.", "medical_care_withheld"),
    ],
)
def test_the_same_words_of_harm_still_are(text: str, indicator: str) -> None:
    assert indicator in found(text)
