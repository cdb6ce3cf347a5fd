"""Deciding whether a referral is kept, held or destroyed. Pure."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from chassis.errors import DomainError, Forbidden
from contracts.codes import DestroyedBecause, HeldBecause, LegalStatus

CLEAR = frozenset({LegalStatus.NONE, LegalStatus.ENDED})
"""With any other legal status of a child nothing is destroyed."""


@dataclass(frozen=True, slots=True)
class Hold:
    because: HeldBecause
    staff_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """One of the two who destroy: what for, and what they found of the children's legal status."""

    because: DestroyedBecause
    legal_status: LegalStatus
    staff_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Keeping:
    """How one referral is kept. `keep_until` is the first day, in England, on which it need not
    be; None while it is open. `confirmed_by` is the second of two: it is being destroyed."""

    referral_id: UUID
    authority: str
    keep_until: date | None
    hold: Hold | None = None
    proposal: Proposal | None = None
    confirmed_by: UUID | None = None


def hold(keeping: Keeping, because: HeldBecause, staff_id: UUID, now: datetime) -> Keeping:
    """Keep it whatever its time. Whatever was proposed falls. Raises DomainError where it is being
    destroyed."""
    _not_being_destroyed(keeping)
    return replace(keeping, hold=Hold(because, staff_id, now), proposal=None)


def release(keeping: Keeping) -> Keeping:
    """Hold it no longer."""
    if keeping.hold is None:
        raise DomainError("not_held", "Nothing holds this referral.")
    return replace(keeping, hold=None)


def propose(keeping: Keeping, proposal: Proposal, today: date) -> Keeping:
    """Propose to destroy it. Raises DomainError while it is held or to be kept, or where a child's
    legal status stands against it. `today` is a date in England."""
    _not_being_destroyed(keeping)
    _may_go(keeping, proposal, today)
    return replace(keeping, proposal=proposal)


def confirm(
    keeping: Keeping, legal_status: LegalStatus, staff_id: UUID, now: datetime, today: date
) -> Keeping:
    """Be the second who destroys it, having looked anew. Raises Forbidden for the first, and what
    `propose` raises."""
    if keeping.confirmed_by is not None:
        # The second has spoken; asking again finishes what was begun.
        return keeping
    proposal = keeping.proposal
    if proposal is None:
        raise DomainError("not_proposed", "Nobody has proposed to destroy this referral.")
    if proposal.staff_id == staff_id:
        raise Forbidden("second_person_needed", "Somebody else has to confirm what you proposed.")
    _may_go(keeping, replace(proposal, legal_status=legal_status, at=now), today)
    return replace(keeping, confirmed_by=staff_id)


def _may_go(keeping: Keeping, proposal: Proposal, today: date) -> None:
    if keeping.hold is not None:
        raise DomainError("held", "This referral is held, and is not destroyed.")
    if proposal.legal_status not in CLEAR:
        raise DomainError(
            "legal_status", "A child's legal status is in force or not known. It is kept."
        )
    ended = keeping.keep_until is not None and keeping.keep_until <= today
    if proposal.because is DestroyedBecause.RETENTION_ENDED and not ended:
        raise DomainError("still_kept", "This referral is to be kept for longer.")


def _not_being_destroyed(keeping: Keeping) -> None:
    if keeping.confirmed_by is not None:
        raise DomainError("being_destroyed", "Two people have decided to destroy this referral.")
