"""Codes of news: what an organisation's systems can be told about.

These codes are sent to partners, and only those of `OF_STATUS` to whoever names none: whoever reads
others has asked for them by name, so that the set may grow (docs/decisions/0060).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from contracts.codes.people import Coded


class News(StrEnum):
    """What can have happened."""

    RECEIVED = "received"
    DECIDED = "decided"
    RERATED = "rerated"
    ALLOCATED = "allocated"
    WITHDRAWN = "withdrawn"
    WITHDRAWAL_CONTINUED = "withdrawal_continued"
    DISAGREEMENT_ANSWERED = "disagreement_answered"
    INFORMATION_WANTED = "information_wanted"
    INFORMATION_WITHDRAWN = "information_withdrawn"


NEWS: Final[Mapping[str, Coded]] = {
    news.value: Coded(news.value, title)
    for news, title in (
        (News.RECEIVED, "Your referral was received"),
        (News.DECIDED, "Your referral was decided"),
        (News.RERATED, "Your referral was rated again"),
        (News.ALLOCATED, "Somebody has taken your referral on, or is asked to"),
        (News.WITHDRAWN, "Your referral was withdrawn"),
        (News.WITHDRAWAL_CONTINUED, "Your referral goes on, though you asked to withdraw it"),
        (News.DISAGREEMENT_ANSWERED, "The hub has answered your disagreement"),
        (News.INFORMATION_WANTED, "The hub asks you for information"),
        (News.INFORMATION_WITHDRAWN, "The hub asks you for information no longer"),
    )
}
OF_STATUS: Final = (
    News.RECEIVED,
    News.DECIDED,
    News.RERATED,
    News.ALLOCATED,
    News.WITHDRAWN,
    News.WITHDRAWAL_CONTINUED,
)
"""News of your own referral's status: what is told to whoever does not say about what. It does not
grow."""
