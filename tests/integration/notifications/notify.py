"""GOV.UK Notify in the test's own loop, as far as we speak with it: it answers as its API does, and
a test chooses its manners."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import jwt

SERVICE, SECRET = str(uuid4()), str(uuid4())
KEY = f"frontdoor_test-{SERVICE}-{SECRET}"
EMAIL_TEMPLATE, TEXT_TEMPLATE = str(uuid4()), str(uuid4())

# What Notify documents for trying it out, with numbers by their last ten digits. With a test key these
# end so, and anything else arrives; here that is under way until a test says more.
SIMULATED = {
    "perm-fail@simulator.notify": "permanent-failure",
    "7700900002": "permanent-failure",
    "temp-fail@simulator.notify": "temporary-failure",
    "7700900003": "temporary-failure",
    "delivered@school.example": "delivered",
    "7700900001": "delivered",
}
# For a live service: taken, and neither sent, kept nor spoken of again.
SMOKE = {
    "simulate-delivered@notifications.service.gov.uk",
    "simulate-delivered-2@notifications.service.gov.uk",
    "simulate-delivered-3@notifications.service.gov.uk",
    "7700900000",
    "7700900111",
    "7700900222",
}
REFUSALS: dict[str, tuple[int, str, str]] = {
    "refuse": (400, "ValidationError", "email_address Not a valid email address"),
    "no_template": (400, "BadRequestError", "Template not found"),
    "put_off": (429, "RateLimitError", "Exceeded rate limit for key type LIVE of 3000 requests"),
    "fault": (500, "Exception", "Internal server error"),
}


@dataclass
class FakeNotify:
    """What it was asked to send; `manner` is for the next thing to be sent, `asked` counts lookups;
    `simulated` is how an address or a number ends."""

    manner: str = "take"
    taken: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    simulated: dict[str, str] = field(default_factory=lambda: dict(SIMULATED))
    port: int = 0
    _server: asyncio.Server | None = None
    _open: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._open.add(task)
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(task)
            writer.transport.abort()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        raw = await reader.readexactly(int(headers.get("content-length", "0")))
        method, target, _ = head[0].split(" ")
        status, body = self._answer(method, urlsplit(target), headers, raw)
        if body is None:
            if status:
                await asyncio.Event().wait()
            return False
        content = json.dumps(body).encode()
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n".encode()
        )
        writer.write(content)
        await writer.drain()
        return True

    def _answer(
        self, method: str, target: Any, headers: dict[str, str], raw: bytes
    ) -> tuple[int, Any]:
        token = headers.get("authorization", "").removeprefix("Bearer ")
        try:
            assert jwt.decode(token, SECRET, algorithms=["HS256"])["iss"] == SERVICE
        except (jwt.PyJWTError, AssertionError):
            return _refusal(403, "AuthError", "Invalid token: API key not found")
        if method == "GET":
            self.asked += 1
            return 200, self._listed(
                {key: value[0] for key, value in parse_qs(target.query).items()}
            )
        if self.manner in REFUSALS:
            return _refusal(*REFUSALS[self.manner])
        if self.manner == "drop":
            return 0, None
        sent = json.loads(raw)
        to = sent.get("email_address") or sent.get("phone_number")
        one = {
            "id": str(uuid4()),
            "reference": sent.get("reference"),
            "status": self.simulated.get(_key(to), "sending"),
            "type": target.path.rpartition("/")[2],
            "to": to,
            "template_id": sent["template_id"],
            "personalisation": sent["personalisation"],
        }
        self.taken.append(one)
        if self.manner == "take_and_vanish":
            return 1, None
        return 201, {
            "id": one["id"],
            "reference": one["reference"],
            "content": {},
            "uri": "",
            "template": {},
        }

    def _listed(self, asked: dict[str, str]) -> dict[str, Any]:
        def fits(one: dict[str, Any]) -> bool:
            wanted = asked.get("status")
            failed = wanted == "failed" and one["status"].endswith("-failure")
            return ("reference" not in asked or one["reference"] == asked["reference"]) and (
                wanted in (None, one["status"]) or failed
            )

        keys = ("id", "reference", "status", "type")
        kept = [one for one in reversed(self.taken) if _key(one["to"]) not in SMOKE]
        found = [{key: one[key] for key in keys} for one in kept if fits(one)]
        return {"notifications": found, "links": {"current": "/v2/notifications"}}


def _key(to: str) -> str:
    """An address, or a number's last ten digits."""
    return to if "@" in to else to[-10:]


def _refusal(status: int, error: str, message: str) -> tuple[int, Any]:
    return status, {"status_code": status, "errors": [{"error": error, "message": message}]}
