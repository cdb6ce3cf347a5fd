"""What goes to a partner, signed as Standard Webhooks says (symmetric, `v1`)."""

import base64
import secrets as chance
from collections.abc import Sequence
from datetime import datetime

from pydantic_core import to_json
from standardwebhooks import Webhook

from contracts.codes import OF_STATUS
from services.notifications.callbacks.domain import Call
from services.notifications.channels.port import Letter
from services.notifications.news.telling import told

SECRET_BYTES = 32
PREFIX = "whsec_"
TYPE = "uk.frontdoor.partner.{}.v1"
STATUS_CHANGED = TYPE.format("status_changed")
PING = TYPE.format("ping")
SENDER = "Frontdoor"


def new_secret() -> str:
    """A secret to sign with, as it is told to its owner."""
    return PREFIX + base64.b64encode(chance.token_bytes(SECRET_BYTES)).decode()


def body_of(call: Call, public_url: str) -> bytes:
    """The body of a call: the same each time. It says that there is something to read, and where;
    it names nobody and no colour. News of a status is of one type; what looks otherwise is of a type
    of its own."""
    if call.referral_id is None:
        return to_json({"type": PING, "timestamp": call.at, "data": {}})
    said = told(call.news, call.referral_id, call.stage, call.about)
    data = {**said, "href": f"{public_url.rstrip('/')}{said['href']}"}
    kind = STATUS_CHANGED if call.news in OF_STATUS else TYPE.format(call.news)
    return to_json({"type": kind, "timestamp": call.at, "data": data})


def letter_of(
    call: Call, url: str, secrets: Sequence[str], public_url: str, now: datetime
) -> Letter:
    """A call as a letter for its channel. `webhook-id` is the notice's: whoever is told twice can
    see that it is once. A signature for each secret that still holds."""
    body = body_of(call, public_url)
    name = str(call.notice_id)
    signed = [Webhook(secret).sign(name, now, body.decode()) for secret in secrets]
    return Letter(
        SENDER,
        url,
        body,
        {
            "Content-Type": "application/json",
            "User-Agent": f"{SENDER}/1 (+https://www.standardwebhooks.com)",
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signed),
        },
    )
