"""What a test asks of a running house, over HTTP or in its database."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import psycopg

from bench.house import HouseProcess, until
from bench.ledger import Account
from bench.people import People
from bench.sink import message_id
from tests.integration.notifications.relay import TestRelay

HIDDEN = re.compile(r'name="form_key" value="([^"]*)"')


async def messages(people: People, referral_id: str) -> list[dict[str, Any]]:
    """The messages of a referral, as staff see them."""
    headers = await people.person("practitioner", people.told.posted[referral_id])
    answer = await people.http.get(f"/v1/messages?referral_id={referral_id}", headers=headers)
    answer.raise_for_status()
    return answer.json()["items"]


def in_state(
    people: People, referral_id: str, kind: str, state: str
) -> Callable[[], Awaitable[bool]]:
    """Whether the referral's message of that kind is in that state now."""

    async def holds() -> bool:
        found = await messages(people, referral_id)
        return any((one["kind"], one["state"]) == (kind, state) for one in found)

    return holds


async def sent(people: People, referral_id: str, kind: str, within: float = 30) -> None:
    """Wait until the message of that kind was sent."""
    await until(in_state(people, referral_id, kind, "sent"), within, f"{kind} sent")


@asynccontextmanager
async def signed_in(people: People, username: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser with somebody signed in to the console."""
    async with httpx2.AsyncClient(
        base_url=people.http.base_url, timeout=10, follow_redirects=True
    ) as browser:
        found = HIDDEN.search((await browser.get("/sign-in")).text)
        assert found
        form = {
            "form_key": found[1],
            "username": username,
            "password": people.password(username),
            "next": "",
            "target": "",
        }
        answer = await browser.post("/sign-in", data=form)
        assert answer.url.path == "/queue", answer.text
        yield browser


def taken(relay: TestRelay) -> Counter[str]:
    """How often the mail server took each message."""
    return Counter({message_id(header): count for header, count in relay.box.ids.items()})


def execute(one: HouseProcess, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Run a statement as the database's superuser."""
    with psycopg.connect(one.owner_url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []


def right(found: Account, people: People) -> None:
    """Nothing is lost, doubled, added or out of order, at any stage."""
    assert found.wrong == [], "\n".join(found.wrong)
    assert (found.lost, found.doubled, found.out_of_order) == (0, 0, 0), found
    every = {
        found.stored, found.rated, found.clocked, found.allocated, found.queued, found.decided,
        found.acknowledged, found.answered,
    }  # fmt: skip
    assert every == {len(people.told.posted)}, (len(people.told.posted), found)
