"""What the console asks of the other services, always in the name of the person who looks. Only to
sign somebody in it asks in its own.

Names and words are fetched when a page is shown and are never stored here. A service that is away
is a part of a page that says so, never a page that fails.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2

from chassis.errors import Unauthorised, Unavailable
from chassis.telemetry import traces

SECONDS = 5.0
PROVIDER_SECONDS = 20.0
PAGE = 100


@dataclass(frozen=True, slots=True)
class Part:
    """What a service said. `away`: it could not be reached; `missing`: it knows no such thing,
    or does not tell this person.
    """

    data: Mapping[str, Any] = field(default_factory=dict)
    away: bool = False
    missing: bool = False
    etag: str | None = None

    @property
    def items(self) -> list[Mapping[str, Any]]:
        """The rows of a list."""
        rows: list[Mapping[str, Any]] = self.data.get("items", [])
        return rows


@dataclass(frozen=True, slots=True)
class File:
    """An attachment as intake gives it out: to be saved, never shown by a browser. Or a copy of what
    is held about somebody, and how many restricted referrals were `left_out` of it."""

    content: bytes
    media_type: str
    disposition: str
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Opened:
    """All that is known of one referral."""

    form: Part
    case: Part
    clocks: Part
    allocations: Part
    messages: Part
    story: Part = field(default_factory=Part)
    files: Part = field(default_factory=Part)
    checks: Part = field(default_factory=Part)
    disagreements: Part = field(default_factory=Part)
    discussions: Part = field(default_factory=Part)
    tellings: Part = field(default_factory=Part)
    moves: Part = field(default_factory=Part)


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and how long it holds, in seconds."""

    value: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command was not obeyed: problem details (RFC 9457)."""

    status: int
    code: str
    detail: str
    errors: tuple[tuple[str, str], ...] = ()


class Reads:
    """The way to the other services. `client` reaches all of them by path."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def sign_in(self, username: str, password: str) -> Token | None:
        """An access token for a local account, None where name and password do not match.
        Raises httpx2.HTTPError when intake is away or refuses to hear more attempts.
        """
        answer = await self._client.post(
            "/internal/v1/sign-ins",
            json={"username": username, "password": password},
            timeout=SECONDS,
        )
        if answer.status_code in (400, 422):
            return None
        answer.raise_for_status()
        said = answer.json()
        return Token(said["access_token"], int(said["expires_in"]))

    async def openid(self, what: str, body: Mapping[str, Any]) -> Part | Refusal:
        """What intake says of a sign-in at the provider: `begin`, `return` or `leave`. It waits
        for the provider."""
        return await self.ask_house(
            f"/internal/v1/sign-ins/openid:{what}", body, seconds=PROVIDER_SECONDS
        )

    async def open(self, token: str, referral_id: UUID) -> Opened:
        """One referral from all services at once. Raises Unauthorised when `token` holds no
        longer.
        """
        of = {"referral_id": str(referral_id), "limit": PAGE}
        return Opened(
            *await asyncio.gather(
                self._read(token, f"/v1/intake/referrals/{referral_id}"),
                self._read(token, f"/v1/triage/referrals/{referral_id}"),
                self._read(token, "/v1/clocks", of),
                self._read(token, "/v1/allocations", of),
                self._read(token, "/v1/messages", of),
                self._read(token, f"/v1/referrals/{referral_id}/story"),
                self._read(token, f"/v1/intake/referrals/{referral_id}/attachments"),
                self._read(token, f"/v1/triage/referrals/{referral_id}/checks"),
                self._read(token, f"/v1/triage/referrals/{referral_id}/disagreements"),
                self._read(token, f"/v1/triage/referrals/{referral_id}/discussions"),
                self._read(token, f"/v1/allocations/referrals/{referral_id}/tellings"),
                self._read(token, f"/v1/allocations/referrals/{referral_id}"),
            )
        )

    async def file(self, token: str, path: str, *, seconds: float = SECONDS) -> File | None:
        """One file, None where this person may not open it or there is none. Raises Unauthorised,
        Unavailable.
        """
        try:
            answer = await self._client.get(path, headers=_headers(token), timeout=seconds)
        except httpx2.HTTPError:
            raise _away() from None
        if answer.status_code == 401:
            raise _signed_out()
        if answer.status_code in (403, 404, 409):
            return None
        if not answer.is_success:
            raise _away()
        return File(
            answer.content,
            answer.headers["Content-Type"],
            answer.headers.get("Content-Disposition", "attachment"),
            int(answer.headers.get("Frontdoor-Left-Out", "0")),
        )

    async def case(self, token: str, referral_id: UUID) -> Part:
        """One referral as triage knows it."""
        return await self._read(token, f"/v1/triage/referrals/{referral_id}")

    async def part(self, token: str, path: str, query: Mapping[str, Any] | None = None) -> Part:
        """What a service says at a path. Raises Unauthorised when `token` holds no longer."""
        return await self._read(token, path, query)

    async def text(self, token: str, path: str, query: Mapping[str, Any]) -> str:
        """What a service says in plain text. Raises Unauthorised, Unavailable."""
        try:
            answer = await self._client.get(
                path, params=query, headers=_headers(token), timeout=SECONDS
            )
        except httpx2.HTTPError:
            raise _away() from None
        if answer.status_code == 401:
            raise _signed_out()
        if not answer.is_success:
            raise _away()
        return str(answer.text)

    async def order(
        self,
        token: str,
        path: str,
        body: Mapping[str, Any] | None,
        *,
        etag: str | None = None,
        key: str | None = None,
        method: str = "POST",
    ) -> Refusal | None:
        """Send a command. None: it was obeyed. Sent again with the same `key`, it counts once.
        Raises Unauthorised when `token` holds no longer.
        """
        told = await self.told(token, path, body, etag=etag, key=key, method=method)
        return told if isinstance(told, Refusal) else None

    async def told(
        self,
        token: str,
        path: str,
        body: Mapping[str, Any] | None,
        *,
        etag: str | None = None,
        key: str | None = None,
        method: str = "POST",
        seconds: float = SECONDS,
    ) -> Part | Refusal:
        """As `order`, with what the service answers within `seconds`."""
        headers = _headers(token)
        if key:
            headers["Idempotency-Key"] = key
        if etag:
            headers["If-Match"] = etag
        try:
            answer = await self._client.request(
                method, path, json=body, headers=headers, timeout=seconds
            )
        except httpx2.HTTPError:
            return Refusal(503, "away", "The service cannot be reached. Nothing was recorded.")
        if answer.status_code == 401:
            raise _signed_out()
        if not answer.is_success:
            return _refusal(answer)
        return Part(answer.json() if answer.content else {})

    async def looked(self, referral_id: str) -> None:
        """Tell that whoever referred has opened the page of their referral. It is counted, and no
        page waits for it to be possible."""
        await self.ask_house("/internal/v1/notifications/looks", {"referral_id": referral_id})

    async def house(self, path: str) -> Part:
        """What a service tells the house. The console has checked that somebody may know it."""
        try:
            answer = await self._client.get(path, timeout=SECONDS)
        except httpx2.HTTPError:
            return Part(away=True)
        return Part(answer.json()) if answer.is_success else Part(away=True)

    async def ask_house(
        self, path: str, body: Mapping[str, Any], seconds: float = SECONDS
    ) -> Part | Refusal:
        """Ask a service in the console's own name, for somebody who holds a link and no account,
        or for somebody whom the console has checked."""
        try:
            answer = await self._client.post(path, json=body, timeout=seconds)
        except httpx2.HTTPError:
            return Refusal(503, "away", "The service cannot be reached. Nothing was recorded.")
        return Part(answer.json()) if answer.is_success else _refusal(answer)

    async def send_file(self, path: str, body: bytes, headers: Mapping[str, str]) -> Part | Refusal:
        """Hand a file on in the console's own name, for somebody who holds a link."""
        try:
            answer = await self._client.post(path, content=body, headers=headers, timeout=SECONDS)
        except httpx2.HTTPError:
            return Refusal(503, "away", "The service cannot be reached. Nothing was recorded.")
        return Part(answer.json()) if answer.is_success else _refusal(answer)

    async def _read(self, token: str, path: str, query: Mapping[str, Any] | None = None) -> Part:
        try:
            answer = await self._client.get(
                path, params=query, headers=_headers(token), timeout=SECONDS
            )
        except httpx2.HTTPError:
            return Part(away=True)
        if answer.status_code == 401:
            raise _signed_out()
        if answer.status_code in (403, 404):
            return Part(missing=True)
        if not answer.is_success:
            return Part(away=True)
        return Part(answer.json(), etag=answer.headers.get("ETag"))


def _headers(token: str) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {token}"}
    traceparent = traces.current_traceparent()
    if traceparent:
        headers["traceparent"] = traceparent
    return headers


def _signed_out() -> Unauthorised:
    return Unauthorised("signed_out", "Sign in again.")


def _away() -> Unavailable:
    return Unavailable("away", "The service cannot be reached.")


def _refusal(answer: httpx2.Response) -> Refusal:
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    errors = tuple(
        (error.get("pointer", ""), error.get("detail", "")) for error in problem.get("errors", [])
    )
    detail = problem.get("detail") or "The service could not do this. Nothing was recorded."
    return Refusal(answer.status_code, problem.get("code", "unknown"), detail, errors)
