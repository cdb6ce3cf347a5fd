"""What a status of GOV.UK Notify means. Pure.

Its documentation says of each failure whether to try again: not after `permanent-failure`, where there
is no such address or number.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

DELIVERED = "delivered"
FOR_NOW = frozenset({"temporary-failure", "technical-failure"})
FAILURES = frozenset({"permanent-failure", *FOR_NOW})


@dataclass(frozen=True, slots=True)
class End:
    """How a message of ours ended: it arrived, or `failed` (a code), for good or `for_now`. `turn`:
    so often it had come back before."""

    message_id: UUID
    failed: str | None = None
    for_now: bool = False
    turn: int = 0


def end_of(reference: str | None, status: str) -> End | None:
    """What a status tells of the message that went under `reference`. None for one that is on its
    way, or is not ours."""
    if reference is None or status not in {DELIVERED, *FAILURES}:
        return None
    name, _, turn = reference.partition(".")
    try:
        message_id, number = UUID(name), int(turn or 0)
    except ValueError:
        return None
    failed = None if status == DELIVERED else status.replace("-", "_")
    return End(message_id, failed, status in FOR_NOW, number)


def ends(statuses: Iterable[tuple[str, str]]) -> dict[UUID, End]:
    """What many references and statuses tell of each message: of one that came back for now, what
    they tell of its last turn."""
    found: dict[UUID, End] = {}
    for one in statuses:
        end = end_of(*one)
        if end and (end.message_id not in found or end.turn >= found[end.message_id].turn):
            found[end.message_id] = end
    return found
