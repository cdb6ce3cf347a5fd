"""Codes about professional disagreements: how one ended, and what there is to learn from it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from contracts.codes.people import Coded


class DisagreementOutcome(StrEnum):
    """`upheld`: the decision stands. `changed` and `partly` re-rate or add to it. `withdrawn` by
    whoever disagreed."""

    UPHELD = "upheld"
    CHANGED = "changed"
    PARTLY = "partly"
    WITHDRAWN = "withdrawn"


class LearningTheme(StrEnum):
    """What a disagreement was about, for the partnership to count."""

    THRESHOLD_READ_DIFFERENTLY = "threshold_read_differently"
    INFORMATION_MISSING = "information_missing"
    HISTORY_NOT_SEEN = "history_not_seen"
    REASONS_UNCLEAR = "reasons_unclear"
    AGREEMENT_OF_THE_FAMILY = "agreement_of_the_family"
    NO_SERVICE_TO_OFFER = "no_service_to_offer"
    GUIDANCE_UNCLEAR = "guidance_unclear"
    OTHER = "other"


LEARNING_THEMES: Final[Mapping[str, Coded]] = {
    code.value: Coded(code.value, title)
    for code, title in (
        (LearningTheme.THRESHOLD_READ_DIFFERENTLY, "The threshold was read differently"),
        (LearningTheme.INFORMATION_MISSING, "One side knew what the other did not"),
        (LearningTheme.HISTORY_NOT_SEEN, "Earlier concerns were not seen together"),
        (LearningTheme.REASONS_UNCLEAR, "The reasons given were not clear"),
        (LearningTheme.AGREEMENT_OF_THE_FAMILY, "What the family agreed to"),
        (LearningTheme.NO_SERVICE_TO_OFFER, "There was no service to offer"),
        (LearningTheme.GUIDANCE_UNCLEAR, "The guidance itself is not clear"),
        (LearningTheme.OTHER, "Something else"),
    )
}
