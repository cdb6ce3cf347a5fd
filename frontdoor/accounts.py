"""The sample accounts of a new installation: partner organisations and their people, and staff, with
secrets that are made at first start and written to credentials.json."""

import asyncio
import json
import os
import secrets
from collections.abc import AsyncIterator, Collection
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from typing import Any

from chassis.clock import system_clock
from chassis.database import Connection
from chassis.identity.secrets import slow_hash
from chassis.ids import new_id
from frontdoor.house import House
from frontdoor.installation import Installation, write_private
from services.intake.accounts import store
from services.intake.accounts.registering import add_partner, add_staff


def samples(name: str) -> Any:
    """A file of frontdoor/samples, read."""
    return json.loads((resources.files("frontdoor") / "samples" / name).read_text("utf-8"))


class Passwords:
    """Passwords for people of partner organisations, and for the sample staff who work for some
    authorities alone. Hashing them takes seconds, and has begun when this is made: in threads, one
    for each core, beside whatever else a first start does."""

    def __init__(self, authorities: Collection[str]) -> None:
        self.people = [
            one
            for one in (*samples("staff.json"), *samples("referrers.json"))
            if set(one["authorities"]) <= set(authorities)
        ]
        self._threads = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="hash")
        self._made = [
            (password, self._threads.submit(slow_hash, password))
            for password in (secrets.token_urlsafe(12) for _ in self.people)
        ]

    async def each(self) -> AsyncIterator[tuple[dict[str, Any], str, str]]:
        """Every person with a password and its hash."""
        for one, (password, hashing) in zip(self.people, self._made, strict=True):
            yield one, password, await asyncio.wrap_future(hashing)

    def close(self) -> None:
        """Begin no more of them."""
        self._threads.shutdown(wait=False, cancel_futures=True)


async def ensure_accounts(
    house: House,
    installation: Installation,
    authorities: Collection[str],
    passwords: Passwords | None = None,
) -> bool:
    """Make the sample accounts of a new installation, with `passwords` where they were begun
    before. False when it has accounts already.

    The file is written before the commit: a start that is killed between the two leaves a file
    that the next start replaces, never accounts whose secrets nobody knows.
    """
    database = house.databases["intake"]
    async with database.connection() as connection:
        if await store.any_account(connection):
            return False
    async with database.transaction() as connection:
        made = await make_samples(connection, house.parts.ring.token_key, authorities, passwords)
        await asyncio.to_thread(write_private, installation.credentials, made)
    return True


async def make_samples(
    connection: Connection,
    pepper: bytes,
    authorities: Collection[str],
    passwords: Passwords | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Make the sample accounts of some authorities; how to sign in with each."""
    now = system_clock()
    passwords = passwords or Passwords(authorities)
    partners: list[dict[str, Any]] = []
    staff: list[dict[str, Any]] = []
    referrers: list[dict[str, Any]] = []
    for one in samples("organisations.json"):
        secret = await add_partner(
            connection,
            client_id=one["slug"],
            name=one["name"],
            agency=one["agency"],
            email_domain=one["email_domain"],
            scopes=one["scopes"],
            pepper=pepper,
            ids=new_id,
            now=now,
        )
        partners.append(
            {
                "client_id": one["slug"],
                "client_secret": secret,
                "organisation": one["name"],
                "email_domain": one["email_domain"],
                "agency": one["agency"],
            }
        )
    async for one, password, hashed in passwords.each():
        await add_staff(
            connection,
            username=one["username"],
            password=password,
            roles=one["roles"],
            qualifications=one["qualifications"],
            authorities=one["authorities"],
            ids=new_id,
            now=now,
            hashed=hashed,
            beside=one.get("beside"),
        )
        signs_in = {"username": one["username"], "password": password, "role": one["roles"][0]}
        if "beside" in one:
            referrers.append({**signs_in, "client_id": one["beside"]})
        else:
            staff.append({**signs_in, "authorities": one["authorities"]})
    passwords.close()
    return {"partners": partners, "staff": staff, "referrers": referrers}
