"""What a file says to the house: that there is a text which nobody read yet. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.change import Change, Ids
from contracts.events import ReferralUpdated, TextReading
from policy.loading import PackSet
from services.intake.attachments.file import File
from services.intake.domain import Case, live


def attach(
    state: Case | None, file: File, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Add a file. No rule can read it: that is said, so that nothing is suggested Green."""
    del policy, ids
    case = live(state)
    changed = replace(case, version=case.version + 1, updated_at=now, files=(file,))
    event = ReferralUpdated(
        version=changed.version, received_at=now, texts=(unread(file.attachment_id),)
    )
    return Change(changed, (event,)), {**told_of(file), "version": changed.version}


def unread(attachment_id: UUID) -> TextReading:
    """What is said of a file: that nobody read it yet."""
    return TextReading(text=f"attachments/{attachment_id}", read=False, reason="attachment")


def told_of(file: File) -> Mapping[str, Any]:
    """What a sender is told of a file."""
    return {
        "id": file.attachment_id,
        "kind": file.kind,
        "size": len(file.content),
        "scanned": file.scanned,
        "received_at": file.received_at,
    }
