"""Who calls intake as a partner, and how commands are answered."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Header, Response

from chassis.errors import NotFound
from chassis.identity import Caller
from chassis.stream.kernel import Answer

IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key")]

WEB: Final = UUID("6f1d4a52-8f0b-4f3e-9a57-2f6f3d1f7c40")
"""Stands for everybody who comes by the open pages: no organisation is registered under it."""

VISITOR: Final = Caller(kind="service", id=WEB, name="web", organisation_id=WEB)


def organisation_of(caller: Caller) -> UUID:
    """The organisation that a partner's client belongs to. Raises NotFound."""
    if caller.organisation_id is None:
        raise NotFound("referral_not_found", "There is no such referral.")
    return caller.organisation_id


def response_of(answer: Answer) -> Response:
    """The HTTP answer of a command; a replayed one says so."""
    headers = {"Idempotent-Replay": "true"} if answer.replayed else None
    return Response(answer.body, answer.status, headers, media_type="application/json")
