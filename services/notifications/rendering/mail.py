"""An email as bytes: headers, a text part and an HTML part. The same message is the same bytes
each time, so that one that is sent twice is known as one."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

from email_validator import EmailNotValidError, validate_email

LONGEST_ADDRESS = 254
_ASCII = SMTP.clone(cte_type="7bit")


class BadAddress(ValueError):
    """An address that no message can be sent to, or that would say more than an address."""


def checked(address: str) -> str:
    """An address in the form that goes on the wire. Raises BadAddress."""
    if len(address) > LONGEST_ADDRESS or not address.isprintable():
        raise BadAddress
    try:
        found = validate_email(address.strip(), check_deliverability=False, strict=True)
    except EmailNotValidError as wrong:
        raise BadAddress from wrong
    if found.ascii_email is None:
        raise BadAddress
    return found.ascii_email


@dataclass(frozen=True, slots=True)
class Email:
    """One email. `queued_at` is its date; `sender_name` the hub's name."""

    message_id: UUID
    sender: str
    sender_name: str
    recipient: str
    subject: str
    text: str
    html: str
    queued_at: datetime

    def content(self) -> bytes:
        """The email as it goes on the wire (RFC 5322)."""
        email = EmailMessage(policy=_ASCII)
        user, _, domain = self.sender.rpartition("@")
        email["From"] = Address(self.sender_name, user, domain)
        email["To"] = Address(addr_spec=self.recipient)
        email["Subject"] = self.subject
        email["Date"] = self.queued_at
        email["Message-ID"] = f"<{self.message_id}@{domain}>"
        email["Auto-Submitted"] = "auto-generated"
        email["X-Auto-Response-Suppress"] = "All"
        email.set_content(self.text, cte="quoted-printable")
        email.add_alternative(self.html, subtype="html", cte="quoted-printable")
        email.set_boundary(f"frontdoor-{self.message_id}")
        return email.as_bytes()
