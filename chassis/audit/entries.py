"""What an audit entry says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from chassis.identity import Caller


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What somebody did or saw. `details` holds codes, ids and counts, never words. Without a
    caller the system itself acted."""

    action: str
    caller: "Caller | None"
    authority: str
    referral_id: UUID | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


class Subject(Protocol):
    """Whatever is about one referral."""

    @property
    def authority(self) -> str: ...

    @property
    def referral_id(self) -> UUID: ...


def read_for(
    action: str, caller: "Caller", subjects: Iterable[Subject], purpose: str
) -> list[AuditEntry]:
    """An entry for each referral of which something was read for a stated purpose, a code."""
    return [
        AuditEntry(action, caller, one.authority, one.referral_id, {"purpose": purpose})
        for one in subjects
    ]
