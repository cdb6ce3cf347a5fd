"""What a status of GOV.UK Notify means. Pure."""

from collections.abc import Iterable
from uuid import UUID

DELIVERED = "delivered"
# All of these are ends: Notify has tried for three days, or will not try again.
FAILURES = frozenset({"permanent-failure", "temporary-failure", "technical-failure"})


def end_of(reference: str | None, status: str) -> tuple[UUID, str | None] | None:
    """Of which message of ours a status tells the end: arrived (None), or a code of why not. None
    for a message that is on its way, or is not ours."""
    if reference is None or status not in {DELIVERED, *FAILURES}:
        return None
    try:
        message_id = UUID(reference)
    except ValueError:
        return None
    return message_id, None if status == DELIVERED else status.replace("-", "_")


def ends(statuses: Iterable[tuple[str, str]]) -> dict[UUID, str | None]:
    """The ends that many references and statuses tell, by message."""
    return dict(found for one in statuses if (found := end_of(*one)))
