"""A file as it is kept. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class File:
    """A file to keep. `scanned`: a scanner found it clean. `name` and `content` are personal."""

    attachment_id: UUID
    received_at: datetime
    kind: str
    scanned: bool
    name: str = field(repr=False)
    content: bytes = field(repr=False)
