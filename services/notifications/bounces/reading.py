"""Reads delivery status notifications (RFC 3464, RFC 6522), as mail servers send them back.

Whoever can write to the mailbox can claim that a message came back. It must hold the Message-ID,
which only its recipient and the servers between have seen; and nothing follows but that a person
telephones.
"""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from uuid import UUID

_ID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@([^<>@\s]+)>", re.IGNORECASE)
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_HEADERS = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"}
)
# What says that it is there, or was handed on to who does not report.
_THERE = frozenset({"delivered", "relayed", "expanded"})


@dataclass(frozen=True, slots=True)
class Report:
    """What a notification says of one message of ours. `status` is a code such as `5.1.1`."""

    message_id: UUID
    delivered: bool
    status: str


def read(raw: bytes, domain: str) -> Report | None:
    """What a mail says, when it is a notification about a message sent from `domain` and tells its
    end. One that says that a message is late is none. Raises nothing that a mail can bring about
    but RecursionError."""
    mail = message_from_bytes(raw, policy=compat32)
    if mail.get_content_type() != "multipart/report":
        return None
    message_id, actions = None, []
    for part in mail.walk():
        kind = part.get_content_type()
        if kind in {"message/delivery-status", "message/global-delivery-status"}:
            actions += [_recipient(block) for block in _blocks(part)]
        elif kind in _HEADERS and message_id is None:
            message_id = _message_id(part, domain)
    failed = [status for action, status in actions if action == "failed"]
    there = [status for action, status in actions if action in _THERE]
    if message_id is None or not (failed or there):
        return None
    return Report(message_id, delivered=not failed, status=(failed or there)[0])


def _blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _recipient(block: Message) -> tuple[str, str]:
    action = str(block.get("Action", "")).strip().lower()
    found = _STATUS.search(str(block.get("Status", "")))
    return action, found[0] if found else "unknown"


def _message_id(part: Message, domain: str) -> UUID | None:
    returned = _blocks(part)
    if not returned:
        decoded = part.get_payload(decode=True)
        headers = decoded if isinstance(decoded, bytes) else b""
        returned = [message_from_bytes(headers, policy=compat32)]
    found = _ID.search(str(returned[0].get("Message-ID", "")))
    return UUID(found[1]) if found and found[2].lower() == domain.lower() else None
