"""Words that people write about something of a case, on their way to the vault."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Written:
    """A text about `subject_id`, such as a request; `kind` says which of its texts."""

    subject_id: UUID
    kind: str
    text: str
