"""What the reader finds in sentences as people write them, and what it leaves alone."""

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.pack import Pack
from policy.reader import LIMIT, Reading, read
from policy.reader.rules import rulebook
from tests.shipped import SHIPPED

PACK = SHIPPED.version("walsall", "2018.1")


def found(text: str, pack: Pack = PACK) -> dict[str, str]:
    """The indicators found, each with the words read."""
    return {
        signal.indicator: text[signal.start : signal.end]
        for signal in read(text, field="narrative", pack=pack).signals
    }


def level(text: str) -> int:
    return max((PACK.indicators[code].level for code in found(text)), default=1)


# --- an injury to a child who cannot move about ----------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "HV saw a bruise on baby, 9 weeks, not rolling. Mum says dropped phone. No previous concerns.",
        "Baby seen today at 9/52. Small fading mark on left cheek, ?NAI.",
        "8 week old with a bruise to the forehead.",
        "Noticed a burn on his foot. He is 4 months old.",
        "He has severe cerebral palsy and is not mobile. Carers found a fracture this morning.",
        "3/12 infant, fingertip bruising to both arms",
        "Twin girl, ten weeks old, scald to the hand when dad made a bottle.",
    ],
)
def test_an_injury_to_a_child_who_cannot_move_about(text: str) -> None:
    assert "injury_to_non_mobile" in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "HV saw baby, 9 weeks, not rolling. No bruising seen. Mum says dropped phone.",
        "Baby 9 weeks, not rolling: bruising, burns or marks not seen.",
        "Baby is 9 weeks, not rolling. Her brother, 8 years old, has a bruise on his knee.",
        "Baby is 9 weeks and well. Mum had a bruise on her arm.",
        "9 weeks ago the toddler fell off the sofa and bruised his knee.",
        "Any bruising? None. Baby is 6 weeks old and feeding well.",
    ],
)
def test_no_injury_of_such_a_child(text: str) -> None:
    assert "injury_to_non_mobile" not in found(text)


# --- denied, supposed, past, of others -------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Mum denies any domestic abuse.",
        "No concerns about neglect, drugs or alcohol.",
        "There is no evidence of self-harm or suicidal thoughts.",
        "Mother is tired; no thoughts of harming herself or Isla.",
        "Dad embarrassed, said that it all got on top of them.",
        "Domestic abuse: none known. Substance misuse: nil.",
        "Any injuries? No.",
        "He has never been missing from home.",
        "The allegation of physical abuse was unfounded.",
        "We had an assembly about county lines and knife crime last week.",
        "If dad were to hit him, mum would call us.",
        "She asked whether there was any domestic violence.",
        "Her friend's dad hit her friend.",
        "Attendance is 97% and he is doing well.",
        "The child is well, settled and making good progress.",
        "Asthma is well managed and all appointments are kept.",
        "The parents protect the children from harm at home and elsewhere.",
        "Neither parent drinks or uses drugs.",
        "She hit her head on the door at nursery and has a bump.",
        "No concerns about her diet, hygiene or clothing.",
        "Staff have no worries around hygiene or sleep.",
        "He takes part in clubs and out of school activities.",
    ],
)
def test_nothing_grave_is_read_into_it(text: str) -> None:
    assert level(text) == 1


@pytest.mark.parametrize(
    ("text", "indicator"),
    [
        ("No previous concerns but dad hit him last night.", "physical_abuse"),
        ("No food in the house and mum was drunk.", "parent_substance_use"),
        ("Bruise to the ear, no explanation given.", "injury_unexplained"),
        ("Abuse cannot be ruled out; the injuries are unexplained.", "injury_unexplained"),
        ("Nobody is available to care for the children.", "nobody_to_care"),
        (
            "Parents cannot protect her from her uncle, a registered sex offender.",
            "person_who_is_a_risk",
        ),
    ],
)
def test_a_no_reaches_no_further_than_it_should(text: str, indicator: str) -> None:
    assert indicator in found(text)


@pytest.mark.parametrize(
    ("text", "now", "past"),
    [
        ("Mum was in an abusive relationship years ago.", "domestic_abuse", "domestic_abuse_past"),
        ("Dad used to use heroin.", "parent_substance_use", "harm_in_the_past"),
        ("Previous self-harm when he was younger.", "self_harm", "self_harm_once"),
    ],
)
def test_the_past_weighs_less_and_is_not_lost(text: str, now: str, past: str) -> None:
    assert past in found(text)
    assert now not in found(text)


def test_a_need_that_is_over_is_none_and_one_that_goes_on_is() -> None:
    assert "excluded" not in found("He was excluded in 2019.")
    assert "excluded" in found("He was excluded in 2019 and again last week.")


def test_what_began_long_ago_and_goes_on_is_no_past() -> None:
    assert "domestic_abuse" in found("Domestic abuse years ago, and it is happening again.")


# --- who did what to whom --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "indicator"),
    [
        ("Dad slapped the child across the face.", "physical_abuse"),
        ("She was hit by her stepdad.", "physical_abuse"),
        ("Child disclosed that dad hits her with a belt.", "abuse_disclosed"),
        ("She told her teacher that her uncle touched her private parts.", "sexual_abuse"),
        ("Father punched mother in front of the children.", "domestic_abuse"),
        ("Teacher hit a pupil.", "allegation_against_worker"),
        ("Mum has depression and is tearful.", "parent_mental_ill_health"),
        ("Daughter has depression and won't get up.", "child_mental_health_worse"),
        ("Mum is drinking daily.", "parent_substance_dangerous"),
        ("Young person is smoking cannabis with friends.", "child_substance_use"),
        ("Mum reports that her son self harms.", "self_harm"),
        ("He looks after his mum and his siblings before school, a young carer.", "young_carer"),
    ],
)
def test_who_it_is_about(text: str, indicator: str) -> None:
    assert indicator in found(text)


def test_a_fight_between_parents_is_not_a_child_being_hit() -> None:
    assert "physical_abuse" not in found("Father punched mother in front of the children.")


def test_a_parents_illness_is_not_the_childs() -> None:
    assert "child_mental_health_worse" not in found("Mum has depression.")
    assert "parent_mental_ill_health" not in found("Daughter has depression.")


# --- the language of the work ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "indicator"),
    [
        ("DV incident last night, DVPN served.", "domestic_abuse"),
        ("CSE concerns, YP in cars with older men.", "exploitation_signs"),
        ("YP is NEET.", "out_of_school"),
        ("Mum has PND.", "parent_mental_ill_health"),
        ("Known to be involved in county lines.", "criminal_exploitation"),
        (
            "Reported missing three times, whereabouts unknown overnight, misper raised again.",
            "missing_often",
        ),
        ("He wants to kill himself and has a plan.", "danger_of_suicide"),
        ("FGM suspected on return from holiday.", "fgm"),
        ("School report attendance at 62%.", "persistent_absence"),
        ("Two year old left home alone overnight.", "neglect_severe"),
        ("Family facing eviction because of rent arrears.", "housing_at_risk"),
        ("Mum is 14 weeks pregnant and using cocaine.", "unborn_at_risk"),
        ("Parents asked for help with bedtimes.", "parenting_advice"),
        ("Grandad died in March.", "bereaved"),
    ],
)
def test_words_of_the_work(text: str, indicator: str) -> None:
    assert indicator in found(text)


@pytest.mark.parametrize(
    ("text", "indicator"),
    [
        ("Mum has deppression.", "parent_mental_ill_health"),
        ("He is agressive towards staff.", "behaviour_disruptive"),
        ("There was a domestik violance incident.", "domestic_abuse"),
        ("Dad smokes cannibis in the flat.", "parent_substance_use"),
        ("She is suisidal.", "danger_of_suicide"),
    ],
)
def test_slips_of_spelling_are_forgiven_in_long_words(text: str, indicator: str) -> None:
    assert indicator in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "The council held a consultation and the councillors were sitting for hours.",
        "He is getting better and was staring at the sitting room ceiling.",
        "The assessment was passed to the address above with permission.",
    ],
)
def test_a_word_that_is_near_another_is_not_taken_for_it(text: str) -> None:
    assert found(text) == {}


def test_a_child_may_be_called_by_a_name() -> None:
    assert "physical_abuse" in found("Last night dad slapped Leo and sent him to bed.")
    assert "physical_abuse" not in found("Last night dad hit Monday traffic.")


def test_soft_words_soften_and_sharp_words_sharpen() -> None:
    assert level("Slight worries about hygiene and clothing.") == 2
    assert level("Dad drinks.") == 3
    assert level("Dad drinks dangerously and persistently.") == 4


def test_the_words_read_are_shown() -> None:
    text = "On Monday, 9am: “Mum’s partner hit him”, said Nan 😟."
    signals = read(text, field="concerns/0/detail", pack=PACK).signals
    words = {signal.indicator: text[signal.start : signal.end] for signal in signals}
    assert words["physical_abuse"] == "Mum’s partner hit him"
    assert {signal.text for signal in signals} == {"concerns/0/detail"}
    assert all(signal.children == () for signal in signals)


def test_letters_that_grow_when_lowered_do_not_shift_the_words() -> None:
    text = "İİİİ the child disclosed abuse"
    assert found(text)["abuse_disclosed"].endswith("disclosed abuse")


# --- read, or not read -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", None),
        ("   \n", None),
        ("Child seems fine.", None),
        ("DV. MH. NFA.", None),
        ("Мама бьёт ребёнка каждый день и пьёт водку.", "language"),
        ("母亲经常殴打孩子", "language"),
        (
            "Dziecko jest bite przez ojca codziennie i boi się wracać do domu po szkole wieczorem",
            "language",
        ),
        ("12345 67 !!! ...", "no_words"),
        ("\x00\x01\x02\x03 abc \x04\x05", "noise"),
        ("the child is well " * 12_000, "too_long"),
    ],
)
def test_whether_a_text_was_read(text: str, reason: str | None) -> None:
    reading = read(text, field="narrative", pack=PACK).reading
    assert (reading.read, reading.reason) == (reason is None, reason)


def test_a_page_in_another_language_does_not_hide_in_an_english_letter() -> None:
    english = "I am a teacher and I am writing about a child in my class who is well. " * 6
    other = "Tata bije mnie pasem kiedy pije wódkę i boję się wracać do domu po szkole. " * 6
    assert read(english + other, field="narrative", pack=PACK).reading.reason == "language"


def test_the_beginning_of_a_text_too_long_is_still_read() -> None:
    text = "Dad hit the child. " + "All was well. " * 20_000
    reading = read(text, field="narrative", pack=PACK)
    assert reading.reading.reason == "too_long"
    assert [signal.indicator for signal in reading.signals] == ["physical_abuse"]


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "no ",
        "not mum hit child ",
        "no bruise, ",
        "(",
        "9",
        "9 weeks ",
        "a'",
        "\n",
        "nor ",
        "if ",
        "bruise baby ",
        "\u202e\u0301",
        "mum ",
        "?a",
        "\x00\x07",
        "бить ",
        "母亲打孩子",
        "Dad hit Sarah ",
        "disclosed that her uncle touched ",
        "no tea at home and ",
        "12/52 ",
    ],
)
def test_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    text = (piece * LIMIT)[:LIMIT]
    part = text[: LIMIT // 8]
    read(part, field="narrative", pack=PACK)
    short = min(seconds(part) for _ in range(3))
    # Eight times the text may take eight times as long; twice that again is for a busy machine.
    assert min(seconds(text) for _ in range(2)) < 8 * 2 * short + 0.05


def test_a_new_word_is_looked_up_once_however_often_it_is_said() -> None:
    fresh = replace(rulebook(PACK), _memory={})
    begun = time.process_time()
    assert len(set(fresh.meanings(["not"] * 20_000))) == 1
    # One look costs a few milliseconds; so many would cost half a minute.
    assert time.process_time() - begun < 2


def seconds(text: str) -> float:
    """Of this process's own work, to read a text."""
    began = time.process_time()
    read(text, field="narrative", pack=PACK)
    return time.process_time() - began


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_at_all_is_answered_with_places_inside_it(text: str) -> None:
    reading: Reading = read(text, field="narrative", pack=PACK)
    assert all(0 <= signal.start < signal.end <= len(text) for signal in reading.signals)
    assert read(text, field="narrative", pack=PACK) == reading


WORDS = [
    "mum",
    "dad",
    "baby",
    "hit",
    "bruise",
    "no",
    "not",
    "denies",
    "and",
    "or",
    ",",
    ".",
    "but",
    "9 weeks",
    "drinks",
    "school",
    "the child",
    "was",
    "if",
    "never",
    "missing",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))
def test_a_later_sentence_never_takes_back_an_earlier_one(text: str) -> None:
    before = set(found(text + ". "))
    assert before <= set(found(text + ". \n\nThe weather was fine. The child went to the park."))
