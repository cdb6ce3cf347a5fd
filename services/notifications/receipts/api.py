"""Where GOV.UK Notify calls back to. It knows us by a token of its own, and no other caller."""

from hmac import compare_digest
from typing import Annotated

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, ConfigDict, Field

from chassis.errors import NotFound, Unauthorised
from services.notifications.ends import Ends
from services.notifications.receipts.domain import end_of


class ReceiptBody(BaseModel):
    """What we read of a receipt. It holds an address, too, which is not looked at."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    reference: str | None = Field(default=None, max_length=1000)
    status: str = Field(max_length=60)


def router(ends: Ends, token: str | None) -> APIRouter:
    """What Notify calls. Without a token in the settings nobody is let in."""
    routes = APIRouter(tags=["receipts"])

    @routes.post("/v1/messages/receipts", status_code=204)
    async def receipt(
        body: ReceiptBody, authorization: Annotated[str, Header(max_length=500)] = ""
    ) -> Response:
        """Say how a message ended. What is not known here, or not an end, is taken too: Notify
        would only say it again."""
        scheme, _, given = authorization.partition(" ")
        known = token is not None and compare_digest(given.encode(), token.encode())
        if scheme.lower() != "bearer" or not known:
            raise Unauthorised("token_invalid", "Notify's own token is needed.")
        found = end_of(body.reference, body.status)
        if found:
            try:
                await ends.told(
                    found.message_id, found.failed, for_now=found.for_now, turn=found.turn
                )
            except NotFound:
                pass  # A digest, or another installation's.
        return Response(status_code=204)

    return routes
