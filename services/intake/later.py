"""What referrers add to a referral, and their asking to withdraw it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import DomainError
from contracts.events import NarrativeSignal, ReferralUpdated, ReferralWithdrawn, TextReading
from policy.loading import PackSet
from services.intake.domain import Case, SealedLater, Stage, live

LATER: Final = ("information", "withdrawal", "agreement", "correction")
"""Kinds of words that come after the form."""


@dataclass(frozen=True, slots=True)
class Information:
    """Further information from the referrer, and what the reader found in it."""

    content: str
    signals: tuple[NarrativeSignal, ...]
    texts: tuple[TextReading, ...]
    immediate_danger: bool = False


def text_name(kind: str, text_id: UUID) -> str:
    """What readings and signals call a text that came later: each has a name of its own, so that
    a page can mark the words in the right one."""
    return f"{kind}/{text_id}"


def inform(
    state: Case | None, command: Information, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Add what the referrer says later; what was said before stays."""
    del policy
    case = live(state)
    text_id = ids()
    changed = replace(
        case,
        version=case.version + 1,
        updated_at=now,
        added=(SealedLater(text_id, "information", now, command.content),),
    )
    named = {"text": text_name("information", text_id)}
    event = ReferralUpdated(
        version=changed.version,
        received_at=now,
        immediate_danger=command.immediate_danger,
        signals=tuple(one.model_copy(update=named) for one in command.signals),
        texts=tuple(one.model_copy(update=named) for one in command.texts),
    )
    return Change(changed, (event,)), {
        "id": text_id,
        "referral_id": case.referral_id,
        "received_at": now,
        "version": changed.version,
    }


@dataclass(frozen=True, slots=True)
class Withdrawal:
    reason: str


def withdraw(
    state: Case | None, command: Withdrawal, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Ask to withdraw. A practitioner concludes; until then everything runs on (rule 2).

    Raises DomainError when it was withdrawn, or withdrawal was asked for and not answered yet.
    """
    del policy
    case = live(state)
    if case.stage is Stage.WITHDRAWN or case.withdrawal_requested_at is not None:
        raise DomainError("already_withdrawn", "Withdrawal was asked for before.")
    changed = replace(
        case,
        version=case.version + 1,
        updated_at=now,
        withdrawal_requested_at=now,
        withdrawal_continued_at=None,
        withdrawal_continued_because=None,
        added=(SealedLater(ids(), "withdrawal", now, command.reason),),
    )
    event = ReferralWithdrawn(reason="asked_by_referrer", requested_at=now)
    return Change(changed, (event,)), {
        "referral_id": case.referral_id,
        "status": changed.stage,
        "withdrawal_requested_at": now,
        "what_happens_next": "A practitioner reads the referral and closes it or goes on with it.",
    }
