"""Codes for what a form answers beside yes and no, and for who has to take care."""

from collections.abc import Mapping
from typing import Final

from contracts.codes.people import Coded


def _table(*entries: tuple[str, str]) -> Mapping[str, Coded]:
    return {code: Coded(code, title) for code, title in entries}


# Known, unknown and not applicable are three answers.
ANSWERS: Final = _table(
    ("yes", "Yes"),
    ("no", "No"),
    ("unknown", "Not known"),
    ("not_applicable", "Does not apply"),
)

NO_VALUES: Final = _table(
    ("unknown", "Asked, and not known"),
    ("not_applicable", "Does not apply here"),
)

INFORMATION_SOURCES: Final = _table(
    ("seen", "Seen or heard by the referrer"),
    ("told_by_child", "Told by the child"),
    ("told_by_family", "Told by the family"),
    ("told_by_professional", "Told by another professional"),
    ("told_by_other", "Told by somebody else"),
    ("anonymous", "Told by somebody who gave no name"),
)

RISKS_TO_WORKERS: Final = _table(
    ("violence", "Violence or threats"),
    ("weapons", "Weapons"),
    ("animals", "Animals"),
    ("drugs", "Drugs or needles"),
    ("infection", "Infection"),
    ("premises", "The building or where it stands"),
    ("two_workers", "Go in twos"),
    ("other", "Another risk"),
)
