"""A practitioner's word that an event which the house could not process may be discarded (practice
rule 1). What the event says has been read by hand first; this records who says so, and why.
"""

from datetime import datetime
from uuid import UUID

from chassis.change import Ids
from chassis.discard import Discard
from contracts.codes import DiscardedBecause
from services.triage.domain.case import Person
from services.triage.domain.rules import may_decide


def decide_discard(
    person: Person,
    referral_id: UUID,
    authority: str,
    event: tuple[str, str, int],
    reason: DiscardedBecause,
    ids: Ids,
    now: datetime,
) -> Discard:
    """Record that an event (consumer, source, sequence) may be discarded. Raises Forbidden without
    a social work qualification."""
    may_decide(person)
    consumer, source, sequence = event
    return Discard(
        discard_id=ids(),
        referral_id=referral_id,
        authority=authority,
        consumer=consumer,
        source=source,
        sequence=sequence,
        reason=reason,
        staff_id=person.staff_id,
        decided_at=now,
    )
