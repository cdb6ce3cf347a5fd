"""References that are read out over the telephone."""

from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from services.intake.references import ALPHABET, reference


@given(st.integers(min_value=0, max_value=10**12))
def test_the_check_character_is_luhns(number: int) -> None:
    prefix, digits, check = reference("WAR", number).split("-")

    assert (prefix, int(digits)) == ("WAR", number)
    assert len(digits) >= 6
    assert luhn.is_valid(digits + check, alphabet=ALPHABET)
