"""Named points at which a test may have a process fail, hang or end. Without a test nothing happens.

Between two neighbouring points stands one act that outlives the process: a commit, a send, an
acknowledgement, a cursor. Whatever dies at a point, nothing may be lost and no effect doubled.
"""

from enum import StrEnum
from typing import Protocol


class Point(StrEnum):
    """Where the work stands."""

    EVENTS_READ = "events_read"
    CASES_LOCKED = "cases_locked"
    FOLDED = "folded"
    SAVED = "saved"
    SETTLED = "settled"
    APPENDED = "appended"
    COMMITTED = "committed"
    OFFSETS_MIRRORED = "offsets_mirrored"
    RELAY_LOCKED = "relay_locked"
    RELAY_READ = "relay_read"
    RELAY_SENT = "relay_sent"
    RELAY_ACKNOWLEDGED = "relay_acknowledged"
    RELAY_CURSOR_MOVED = "relay_cursor_moved"
    RELAY_COMMITTED = "relay_committed"


class Faults(Protocol):
    """Called at each point that is passed. What it raises is raised there."""

    async def __call__(self, point: Point) -> None: ...


async def no_faults(point: Point) -> None:
    """What everybody but a test uses."""
