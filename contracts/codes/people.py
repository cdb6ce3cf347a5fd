"""Codes about people, as the children in need census and the school census have them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Coded:
    """A code and what it means."""

    code: str
    title: str


def _table(*entries: tuple[str, str]) -> Mapping[str, Coded]:
    return {code: Coded(code, title) for code, title in entries}


SEXES: Final = _table(("F", "Female"), ("M", "Male"), ("U", "Not known, or not born yet"))

ETHNICITIES: Final = _table(
    ("WBRI", "White British"),
    ("WIRI", "White Irish"),
    ("WIRT", "Traveller of Irish heritage"),
    ("WROM", "Gypsy or Roma"),
    ("WOTH", "Any other White background"),
    ("MWBC", "White and Black Caribbean"),
    ("MWBA", "White and Black African"),
    ("MWAS", "White and Asian"),
    ("MOTH", "Any other mixed background"),
    ("AIND", "Indian"),
    ("APKN", "Pakistani"),
    ("ABAN", "Bangladeshi"),
    ("AOTH", "Any other Asian background"),
    ("BCRB", "Black Caribbean"),
    ("BAFR", "Black African"),
    ("BOTH", "Any other Black background"),
    ("CHNE", "Chinese"),
    ("OOTH", "Any other ethnic background"),
    ("REFU", "Prefers not to say"),
    ("NOBT", "Not known yet"),
)

DISABILITIES: Final = _table(
    ("NONE", "No disability"),
    ("MOB", "Getting about"),
    ("HAND", "Use of hands"),
    ("PC", "Personal care"),
    ("INC", "Continence"),
    ("COMM", "Communication"),
    ("LD", "Learning"),
    ("HEAR", "Hearing"),
    ("VIS", "Sight"),
    ("BEH", "Behaviour"),
    ("CON", "Consciousness, such as epilepsy"),
    ("AUT", "Autism"),
    ("DDA", "Another disability in law"),
)

# For lists to choose from. A form takes any words: families do not fit a list.
RELATIONSHIPS: Final = _table(
    ("mother", "Mother"),
    ("father", "Father"),
    ("stepmother", "Stepmother"),
    ("stepfather", "Stepfather"),
    ("parents_partner", "Partner of a parent"),
    ("grandparent", "Grandparent"),
    ("brother_or_sister", "Brother or sister"),
    ("aunt_or_uncle", "Aunt or uncle"),
    ("other_relative", "Another relative"),
    ("foster_carer", "Foster carer"),
    ("private_foster_carer", "Private foster carer"),
    ("special_guardian", "Special guardian"),
    ("lodger", "Lodger"),
    ("family_friend", "Family friend"),
    ("other", "Someone else"),
)

UNKNOWN_UPN: Final = _table(
    ("UN1", "Too young to have one"),
    ("UN2", "Never at a state school in England"),
    ("UN3", "Educated outside England"),
    ("UN4", "Came to notice too lately to know it"),
    ("UN5", "Sources disagree about the child"),
    ("UN7", "Referral ended in no further action"),
)

# Why somebody says that what a form says of who a child is was wrong.
CORRECTED_BECAUSE: Final = _table(
    ("written_wrongly", "It was written down wrongly"),
    ("document_seen", "A document was seen, such as a birth certificate"),
    ("family_says", "The family says so"),
    ("agency_says", "An agency that knows the child says so"),
    ("born", "The child was born"),
)
