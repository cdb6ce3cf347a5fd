"""Deciding about a request for a copy of what is held about a person. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from chassis.errors import DomainError, FieldError, Forbidden, InvalidInput
from contracts.codes.access import GROUNDS, Considered, Requester


@dataclass(frozen=True, slots=True)
class Request:
    """A request about the person `person_id` of a referral. `considered` has an answer for each
    ground once somebody has gone through them; `released_by` is somebody else."""

    request_id: UUID
    authority: str
    referral_id: UUID
    person_id: UUID
    requester: Requester
    opened_by: UUID
    opened_at: datetime
    considered: Mapping[str, Considered] | None = None
    considered_by: UUID | None = None
    considered_at: datetime | None = None
    released_by: UUID | None = None
    released_at: datetime | None = None

    @property
    def state(self) -> str:
        if self.released_by:
            return "released"
        if self.considered is None:
            return "opened"
        return "refused" if Considered.REFUSE in self.considered.values() else "considered"


def consider(
    request: Request, considered: Mapping[str, Considered], staff_id: UUID, now: datetime
) -> Request:
    """Record what was found on every ground. Raises InvalidInput for one that is left out,
    DomainError once it is released."""
    if request.released_by:
        raise DomainError("already_released", "This was released before.")
    wrong = tuple(
        FieldError(f"/considered/{ground}", "Say what you found on this ground.")
        for ground in GROUNDS
        if ground not in considered
    )
    if wrong:
        raise InvalidInput("ground_left_out", "Some fields are wrong.", errors=wrong)
    return replace(request, considered=considered, considered_by=staff_id, considered_at=now)


def release(request: Request, staff_id: UUID, now: datetime) -> Request:
    """Release it, as somebody else than who considered. Raises DomainError before every ground was
    considered and where one refuses, Forbidden for the same person."""
    if request.released_by:
        return request
    if request.considered is None:
        raise DomainError("not_considered", "Nobody has considered yet what speaks against it.")
    if request.state == "refused":
        raise DomainError("refused", "It was refused. Consider it again before it is released.")
    if staff_id == request.considered_by:
        raise Forbidden("second_person_needed", "Somebody else has to release what you considered.")
    return replace(request, released_by=staff_id, released_at=now)
