"""The projection: what the queue and the timeline show of a referral, folded from its events.

The console decides nothing and appends no event. A row holds codes, counts and times; names and
words are fetched from their owners when a page is shown.
"""

from services.console.domain.agreeing import on_agreement_recorded
from services.console.domain.correcting import on_corrected
from services.console.domain.folding import (
    on_accepted,
    on_allocated,
    on_claimed,
    on_clock_counting,
    on_clock_over,
    on_countersigned,
    on_decided,
    on_information_received,
    on_information_requested,
    on_rated,
    on_released,
    on_rerated,
    on_returned,
    on_submitted,
    on_told,
    on_unallocated,
    on_updated,
    on_withdrawal_asked,
    on_withdrawal_continued,
    on_withdrawn,
)
from services.console.domain.incidents import on_incident_linked, on_incident_unlinked
from services.console.domain.restricting import (
    on_erased,
    on_glass_broken,
    on_restricted,
    on_unrestricted,
)
from services.console.domain.row import (
    SEVERITIES,
    Assignment,
    ClockState,
    Codes,
    Entry,
    OpenClock,
    Row,
    Stage,
)

__all__ = [
    "SEVERITIES",
    "Assignment",
    "ClockState",
    "Codes",
    "Entry",
    "OpenClock",
    "Row",
    "Stage",
    "on_accepted",
    "on_agreement_recorded",
    "on_allocated",
    "on_claimed",
    "on_clock_counting",
    "on_clock_over",
    "on_corrected",
    "on_countersigned",
    "on_decided",
    "on_erased",
    "on_glass_broken",
    "on_incident_linked",
    "on_incident_unlinked",
    "on_information_received",
    "on_information_requested",
    "on_rated",
    "on_released",
    "on_rerated",
    "on_restricted",
    "on_returned",
    "on_submitted",
    "on_told",
    "on_unallocated",
    "on_unrestricted",
    "on_updated",
    "on_withdrawal_asked",
    "on_withdrawal_continued",
    "on_withdrawn",
]
