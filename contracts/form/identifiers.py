"""Numbers and postcodes: their form, and whether their check digit agrees. No register is asked."""

import re
from typing import Final

from stdnum.exceptions import ValidationError
from stdnum.gb import nhs, upn

from contracts import codes

_POSTCODE: Final = re.compile(
    r"(?:GIR ?0AA|BFPO ?[0-9]{1,4}|ZZ99 ?[0-9][A-Z]{2}"
    r"|[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9]{1,2}|[0-9][A-HJKPSTUW]|[A-HK-Y][0-9][ABEHMNPRV-Y])"
    r" ?[0-9][ABD-HJLNP-UW-Z]{2})"
)
_UPN: Final = re.compile(r"[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]")
_NHS_DIGITS: Final = 10
_UPN_LENGTH: Final = 13


def nhs_number(text: str | None) -> str | None:
    """Ten digits whose check digit agrees, else None. One digit ten times over agrees by
    arithmetic and is what people type to get past a field, so it counts as none."""
    if not text:
        return None
    try:
        number: str = nhs.validate(text)
    except ValidationError:
        return None
    return number if number.isascii() and len(set(number)) > 1 else None


def looks_like_nhs_number(text: str | None) -> bool:
    """Whether there are ten digits, right or wrong."""
    digits = nhs.compact(text or "")
    return len(digits) == _NHS_DIGITS and digits.isascii() and digits.isdigit()


def unique_pupil_number(text: str | None) -> str | None:
    """A pupil number whose check letter agrees, else None.

    The numbers of authorities made since 2011 are taken too, which the library refuses.
    """
    if not text:
        return None
    number: str = upn.compact(text)
    if not _UPN.fullmatch(number) or len(set(number[1:])) == 1:
        return None
    return number if upn.calc_check_digit(number[1:]) == number[0] else None


def looks_like_upn(text: str | None) -> bool:
    """Whether there are thirteen letters and digits, right or wrong."""
    number = upn.compact(text or "")
    return len(number) == _UPN_LENGTH and number.isascii() and number.isalnum()


def says_upn_unknown(text: str | None) -> bool:
    """Whether this is a census code for why there is no pupil number."""
    return (text or "").upper() in codes.UNKNOWN_UPN


def no_fixed_abode(postcode: str | None) -> bool:
    """Whether a postcode is one of the codes that stand for no place: no fixed abode, or not
    known."""
    return (postcode or "").startswith("ZZ99")


def normal_postcode(text: str | None) -> str | None:
    """A postcode in upper case with one space before its last three, else None.

    Forces post offices and the codes for no fixed abode count. Northern Ireland, Scotland and
    Wales too.
    """
    squeezed = "".join((text or "").upper().split())
    if not _POSTCODE.fullmatch(squeezed):
        return None
    if squeezed.startswith("BFPO"):
        return f"BFPO {squeezed[4:]}"
    return f"{squeezed[:-3]} {squeezed[-3:]}"
