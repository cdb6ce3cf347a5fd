"""The envelope of every event: CloudEvents 1.0 in structured JSON mode.

The same bytes stand in the PostgreSQL log and on Kafka. The envelope carries what a consumer
needs before it looks inside: whose event it is, which referral it is about, and where it stands
in that referral's order.
"""

from datetime import datetime
from typing import Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

TYPE_PREFIX = "uk.frontdoor."


class EventData(BaseModel):
    """The payload of one event type: ids, codes, age bands, localities and times, never a name,
    address, date of birth, identifier, email or story."""

    model_config = ConfigDict(frozen=True, extra="ignore")


D = TypeVar("D", bound=EventData)


class Event(BaseModel, Generic[D]):
    """One CloudEvent about one referral. All times are UTC.

    `sequence` is the CloudEvents extension: ten digits with leading zeros, rising by one for each
    `source` and `subject`. `source` changes (a new epoch) when a database is restored from backup.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str
    type: str
    subject: UUID
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    partitionkey: str
    sequence: str
    authority: str
    correlationid: UUID
    causationid: UUID | None = None
    traceparent: str | None = None
    dataclassification: Literal["official-sensitive"] = "official-sensitive"
    data: D

    @property
    def number(self) -> int:
        """`sequence` as an integer."""
        return int(self.sequence)


def sequence_text(number: int) -> str:
    """`number` in the form in which the CloudEvents sequence extension wants it: sortable as text."""
    return f"{number:010d}"
