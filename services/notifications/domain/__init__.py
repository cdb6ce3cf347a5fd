"""What notifications decides: which messages there are, and what becomes of them.

Pure: no input or output, no clock, no random. No message's words pass through here but on their
way to the vault.
"""

from services.notifications.domain.case import (
    ALERTS,
    ASKING,
    CHANNEL,
    About,
    Audience,
    Case,
    FamilyTold,
    Help,
    Kind,
    Message,
    Notice,
    Nudge,
    Offer,
    State,
)

__all__ = [
    "ALERTS",
    "ASKING",
    "CHANNEL",
    "About",
    "Audience",
    "Case",
    "FamilyTold",
    "Help",
    "Kind",
    "Message",
    "Notice",
    "Nudge",
    "Offer",
    "State",
]
