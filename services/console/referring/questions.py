"""What the web form asks, page by page, in the order of asking.

Fields are those of the referral form (contracts.form); words are ours. Nothing has to be answered to
go on: what a safe decision needs is said before sending.
"""

from typing import Final

from services.console.referring.about_people import (
    CHILDREN_SECTION,
    DANGER_SECTION,
    HOUSEHOLD_SECTION,
    YOU_SECTION,
)
from services.console.referring.about_worries import (
    AGENCIES_SECTION,
    ALLEGED_SECTION,
    SAFETY_SECTION,
    TOLD_SECTION,
    TRIED_SECTION,
    VOICE_SECTION,
    WORRIES_SECTION,
)

SECTIONS: Final = (
    DANGER_SECTION, YOU_SECTION, CHILDREN_SECTION, HOUSEHOLD_SECTION, WORRIES_SECTION, ALLEGED_SECTION, VOICE_SECTION, TRIED_SECTION, AGENCIES_SECTION, TOLD_SECTION,
    SAFETY_SECTION,
)  # fmt: skip
PAGES: Final = {page.name: page for section in SECTIONS for page in section.pages}
LISTS: Final = {section.list.rows: section.list for section in SECTIONS if section.list}
SECTION_OF: Final = {page.name: section for section in SECTIONS for page in section.pages}
