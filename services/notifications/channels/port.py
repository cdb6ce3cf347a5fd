"""The port that every channel passes through. tests/integration/notifications/test_channels.py is the
conformance suite that an implementation passes before it is one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Plain:
    """A message's words apart, for a provider that puts emails and texts together itself.
    `reference` is the message's id, and its turn where it came
    back for now; `again`: it may have been sent before."""

    reference: str
    subject: str
    text: str
    again: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """One message for one recipient: an email address, a telephone number (`+` and digits) for a text
    message, or a URL to be called. `content` is an email as it goes on the wire, or a body;
    `headers` go beside it where the provider reads them apart."""

    sender: str
    recipient: str
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    plain: Plain | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """The provider has accepted it."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The provider has not accepted it, for certain. `permanent`: it never will. `after`: it asked
    to be left alone for so long."""

    reason: str
    permanent: bool
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """The conversation ended where the provider may or may not have accepted it. `after`: so long
    it takes until the provider can tell."""

    reason: str
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Away:
    """There was no conversation about this message: the provider cannot be reached, or does not
    let us in. Nothing is wrong with the message."""

    reason: str


Delivery: TypeAlias = Taken | NotTaken | Cut | Away


class Channel(Protocol):
    """Hands letters to a provider."""

    @property
    def lanes(self) -> int:
        """How many letters it can hand over at the same time."""
        ...

    async def reachable(self) -> bool:
        """Whether the provider can be reached now; connects if need be. Raises nothing."""
        ...

    async def hand_over(self, letter: Letter) -> Delivery:
        """Hand over one letter within the channel's time limit. Raises nothing."""
        ...

    async def close(self) -> None:
        """Take leave of the provider."""
        ...
