"""What tells who a question is about."""

import pytest

from policy.naming import identities


def kinds(text: str) -> list[str]:
    return [one.kind for one in identities(text)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("His number is 943 476 5919, is that enough?", "nhs_number"),
        ("the pupil B801200005001 has been away", "upn"),
        ("They live at cv32 9za with an uncle.", "postcode"),
        ("He was born on 4 March 2017 and is small.", "date"),
        ("born 04/03/2017", "date"),
        ("Write to mother.testwood@home.example please", "email"),
        ("her phone is 01632 960101", "telephone"),
        ("I am worried about Callum in year 4.", "name"),
        ("a boy called Sam who comes in hungry", "name"),
        ("Callum Testwood comes in hungry.", "name"),
        ("The mother, Kerry, drinks.", "name"),
    ],
)
def test_what_tells_who_it_is_about_is_found(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "A boy of eight comes to school hungry. His mother says she can't cope.",
        "Since Monday he has not been in school. The GP and CAMHS know the family.",
        "A Polish family with a baby of 3 months. Mum is alone. What should I do?",
        "A girl in Year 9 shows pictures on Snapchat. She is 13 and 150 cm tall.",
        "The health visitor has been 3 times in 2026. I'm not sure what to do next.",
        "NOBODY OPENS THE DOOR. THE CHILD IS ALONE.",
    ],
)
def test_an_ordinary_question_names_nobody(text: str) -> None:
    assert identities(text) == ()


def test_places_are_told_and_only_names_are_guesses() -> None:
    (found,) = identities("worried about Callum today")
    assert ("worried about Callum today"[found.start : found.end], found.certain) == (
        "Callum",
        False,
    )
    assert all(one.certain for one in identities("at CV32 9ZA on 04/03/2017"))
