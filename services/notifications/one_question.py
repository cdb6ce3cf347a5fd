"""What the one question behind a message's sealed link has, whatever is asked: how long its link leads
somewhere, and which message it is about."""

from datetime import timedelta
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis.errors import NotFound
from chassis.identity.links import Links

LINK_FOR: Final = timedelta(days=60)
"""Since the message was sent."""


class LinkBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    token: str = Field(max_length=100)


def message_of(links: Links, purpose: Literal["useful", "helped"], token: str) -> UUID:
    """The message that a link of that purpose is about. Raises NotFound."""
    message_id = links.subject(purpose, token)
    if message_id is None:
        raise nowhere()
    return message_id


def nowhere() -> NotFound:
    """A link that nobody gave out, or whose time is over."""
    return NotFound("link_ended", "This link leads nowhere, or its time has passed.")
