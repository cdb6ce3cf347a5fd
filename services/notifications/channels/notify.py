"""Emails and text messages through GOV.UK Notify, with its own client.

Notify keeps no promise about a message that is sent twice: it sends it twice. So every message
carries its id as Notify's `reference`, and whatever may have been sent before is looked for by that
reference first. A conversation that ends where nobody can tell is given some time before anybody
looks, so that Notify has settled what it was doing.

Templates in Notify hold no words of their own: `((subject))` and `((body))` for an email, `((body))`
for a text message. So nothing goes there but what was written here.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from queue import SimpleQueue
from typing import TypeVar

import requests
from notifications_python_client.errors import APIError
from notifications_python_client.notifications import NotificationsAPIClient
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from services.notifications.channels.port import (
    Away,
    Cut,
    Delivery,
    Letter,
    NotTaken,
    Taken,
)

T = TypeVar("T")

NOT_LET_IN = 403
BAD_REQUEST = 400
TOO_MANY = 429
SERVER_FAULT = 500
# How a refusal begins that is about the recipient. Any other tells of our settings, not of the
# message.
OF_THE_RECIPIENT = ("email_address", "phone_number")
RATE_PAUSE = timedelta(seconds=10)
PROBE = "frontdoor-probe"

# The client writes what Notify answered into its log, and that may repeat an address.
logging.getLogger("notifications_python_client").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """A service of GOV.UK Notify. `seconds` bounds one conversation."""

    key: str
    url: str
    email_template: str | None
    text_template: str | None
    lanes: int = 4
    seconds: float = 15.0


class NotifyChannel:
    """Hands letters to GOV.UK Notify: a recipient that begins with `+` gets a text message."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._threads = ThreadPoolExecutor(account.lanes, "notify")
        self._clients: SimpleQueue[NotificationsAPIClient] = SimpleQueue()
        for _ in range(account.lanes):
            self._clients.put(
                NotificationsAPIClient(account.key, account.url, timeout=0.8 * account.seconds)
            )
        self._places = asyncio.Semaphore(account.lanes)
        self._well = False

    @property
    def lanes(self) -> int:
        """How many letters it can hand over at the same time."""
        return self._account.lanes

    async def reachable(self) -> bool:
        """Whether Notify lets us in now: asked again only after it did not."""
        if not self._well:
            ended = await self._converse(lambda client: bool(_found(client, PROBE)))
            self._well = isinstance(ended, bool)
        return self._well

    async def hand_over(self, letter: Letter) -> Delivery:
        """Hand over one letter; one that may have been sent before is looked for first."""
        plain = letter.plain
        if plain is None:
            return NotTaken("no_plain_words", permanent=True)
        if plain.again:
            there = await self._converse(lambda client: _found(client, plain.reference))
            if not isinstance(there, bool):
                return self._ended(Away(there.reason))
            if there:
                return Taken()
        sent = await self._converse(lambda client: self._send(client, letter))
        return self._ended(Taken() if isinstance(sent, bool) else sent)

    async def close(self) -> None:
        """Let go of every connection."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _ended(self, delivery: Delivery) -> Delivery:
        self._well = not isinstance(delivery, Away)
        return delivery

    def _send(self, client: NotificationsAPIClient, letter: Letter) -> bool:
        plain, account = letter.plain, self._account
        assert plain is not None
        if letter.recipient.startswith("+"):
            client.send_sms_notification(
                phone_number=letter.recipient,
                template_id=account.text_template,
                personalisation={"body": plain.text},
                reference=plain.reference,
            )
        else:
            client.send_email_notification(
                email_address=letter.recipient,
                template_id=account.email_template,
                personalisation={"subject": plain.subject, "body": plain.text},
                reference=plain.reference,
            )
        return True

    async def statuses(self, status: str, pages: int) -> list[tuple[str, str]]:
        """References and statuses of what Notify says has ended so (`failed`, `delivered`), the
        newest first, some pages of 250. Nothing while Notify is away."""

        def ask(client: NotificationsAPIClient) -> list[tuple[str, str]]:
            found: list[tuple[str, str]] = []
            older_than = None
            for _ in range(pages):
                page = client.get_all_notifications(status=status, older_than=older_than)
                listed = page["notifications"]
                found += [(one["reference"], one["status"]) for one in listed if one["reference"]]
                if not listed or not page["links"].get("next"):
                    break
                older_than = listed[-1]["id"]
            return found

        ended = await self._converse(ask, seconds=self._account.seconds * pages)
        return ended if isinstance(ended, list) else []

    async def _converse(
        self,
        speak: Callable[[NotificationsAPIClient], T],
        *,
        seconds: float | None = None,
    ) -> T | NotTaken | Cut | Away:
        """One conversation, in a thread: the client waits for its answers."""

        def run() -> T | NotTaken | Cut | Away:
            with self._client() as client:
                try:
                    return speak(client)
                except APIError as fault:
                    return _meant(fault, self._settled())
                except (KeyError, TypeError, ValueError):
                    return Cut("answer_unclear", self._settled())

        async with self._places:
            running = asyncio.get_running_loop().run_in_executor(self._threads, run)
            try:
                async with asyncio.timeout(seconds or self._account.seconds):
                    return await asyncio.shield(running)
            except TimeoutError:
                return Cut("timeout", self._settled())

    def _settled(self) -> timedelta:
        return timedelta(seconds=2 * self._account.seconds)

    @contextmanager
    def _client(self) -> Iterator[NotificationsAPIClient]:
        # A client is for one thread at a time; there are as many as threads.
        client = self._clients.get()
        try:
            yield client
        finally:
            self._clients.put(client)


def _found(client: NotificationsAPIClient, reference: str) -> bool:
    """Whether Notify has a message of this reference."""
    return bool(client.get_all_notifications(reference=reference)["notifications"])


def _meant(fault: APIError, settled: timedelta) -> NotTaken | Cut | Away:
    """What a conversation that went wrong means. After a fault of its own nobody can tell whether
    Notify kept the message."""
    if fault.response is None:
        return _broken(fault.__cause__, settled)
    status = fault.status_code
    reason = f"notify_{status}"
    if status in {401, NOT_LET_IN}:
        return Away(reason)
    if status == TOO_MANY:
        return NotTaken(reason, permanent=False, after=RATE_PAUSE)
    if status == BAD_REQUEST:
        said = fault.message if isinstance(fault.message, list) else []
        words = [str(one.get("message", "")) for one in said if isinstance(one, dict)]
        theirs = any(each.startswith(OF_THE_RECIPIENT) for each in words)
        return NotTaken("bad_recipient" if theirs else reason, permanent=theirs)
    if status >= SERVER_FAULT or status < BAD_REQUEST:
        return Cut(reason, settled)
    return NotTaken(reason, permanent=False)


def _broken(cause: BaseException | None, settled: timedelta) -> Cut | Away:
    """What a connection that broke means: whether there ever was one."""
    if isinstance(cause, requests.exceptions.SSLError | requests.ConnectTimeout):
        return Away("no_connection")
    inner = cause.args[0] if isinstance(cause, requests.ConnectionError) and cause.args else None
    why = inner.reason if isinstance(inner, MaxRetryError) else inner
    if isinstance(why, NewConnectionError | ConnectTimeoutError):
        return Away("no_connection")
    return Cut("broken_off", settled)
