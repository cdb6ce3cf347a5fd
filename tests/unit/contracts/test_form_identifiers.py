"""Numbers and postcodes, from published examples and known traps."""

import pytest

from contracts.form import nhs_number, normal_postcode, unique_pupil_number


@pytest.mark.parametrize("text", ["943 476 5919", "654-100-3238", " 6716689966 ", "9990000018"])
def test_nhs_numbers_that_check(text: str) -> None:
    assert nhs_number(text) == "".join(filter(str.isdigit, text))


@pytest.mark.parametrize(
    "text",
    ["987 654 4321", "000 000 0001", "0000000000", "1111111111", "94347659", "943476591A",
     "٩٤٣٤٧٦٥٩١٩", "", None],
)  # fmt: skip
def test_nhs_numbers_that_do_not(text: str | None) -> None:
    assert nhs_number(text) is None


@pytest.mark.parametrize(
    "text",
    ["B801200005001", "a950000178301", "H243278544154", "P207000016049"],
)
def test_pupil_numbers_that_check_whatever_the_age_of_their_authority(text: str) -> None:
    assert unique_pupil_number(text) == text.upper()


@pytest.mark.parametrize(
    "text",
    ["A801200005001", "R247962919251", "X428558133462", "B207000016049", "A000000000000",
     "B80120000500", "I801200005001", "UN1", "", None],
)  # fmt: skip
def test_pupil_numbers_that_do_not(text: str | None) -> None:
    assert unique_pupil_number(text) is None


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("cv32 4aa", "CV32 4AA"), ("CV324AA", "CV32 4AA"), (" W1A  0AX ", "W1A 0AX"),
        ("M1 1AE", "M1 1AE"), ("EC1A 1BB", "EC1A 1BB"), ("GIR 0AA", "GIR 0AA"),
        ("zz99 3vz", "ZZ99 3VZ"), ("BFPO 58", "BFPO 58"), ("BT1 5GS", "BT1 5GS"),
    ],
)  # fmt: skip
def test_postcodes_are_written_one_way(text: str, normal: str) -> None:
    assert normal_postcode(text) == normal


@pytest.mark.parametrize("text", ["", None, "CV32", "not known", "QV32 4AA", "CV32 4CA", "1"])
def test_what_is_no_postcode(text: str | None) -> None:
    assert normal_postcode(text) is None
