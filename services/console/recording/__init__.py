"""What staff record about one referral, each on a page of its own: questions to agencies,
discussions, disagreements, what a family says, who was told, words that were misread, who a child is,
what agencies are asked to do, and what came of the work."""

from collections.abc import Collection, Mapping
from typing import Final

from services.console.recording import (
    answering,
    asking,
    correcting,
    leading,
    moving,
    talking,
    telling,
)
from services.console.recording.shapes import Entry

ENTRIES: Final[Mapping[str, Entry]] = {
    "ask": asking.ASK,
    "reply": asking.REPLY,
    "take-back": asking.TAKE_BACK,
    "discussion": talking.DISCUSSION,
    "agreement": talking.AGREEMENT,
    "school-told": telling.SCHOOL,
    "family-told": telling.FAMILY,
    "answer": answering.ANSWER,
    "further": answering.FURTHER,
    "end": answering.END,
    "dismissal": answering.DISMISSAL,
    "reached": leading.REACHED_ENTRY,
    "paper": leading.PAPER,
    "step": leading.STEP,
    "transfer": leading.TRANSFER,
    "away": leading.AWAY,
    "closure": leading.CLOSURE,
    "give-back": moving.GIVE_BACK,
    "action": moving.ACTION,
    "identity": correcting.IDENTITY,
    "member": correcting.MEMBER,
}
"""By the name under which its page stands."""


def open_to(roles: Collection[str], *, qualified: bool) -> frozenset[str]:
    """The names of the forms that somebody with these roles is shown. `qualified`: they may
    decide."""
    return frozenset(
        name
        for name, entry in ENTRIES.items()
        if not entry.roles.isdisjoint(roles) and (qualified or not entry.qualified)
    )
