"""The sample accounts of a new installation: partner organisations and staff, with secrets that
are made at first start and written to credentials.json."""

import asyncio
import json
import secrets
from collections.abc import Collection
from importlib import resources
from typing import Any

from chassis.clock import system_clock
from chassis.database import Connection
from chassis.ids import new_id
from frontdoor.house import House
from frontdoor.installation import Installation, write_private
from services.intake.accounts import store
from services.intake.accounts.registering import add_partner, add_staff


def samples(name: str) -> Any:
    """A file of frontdoor/samples, read."""
    return json.loads((resources.files("frontdoor") / "samples" / name).read_text("utf-8"))


async def ensure_accounts(
    house: House, installation: Installation, authorities: Collection[str]
) -> bool:
    """Make the sample accounts of a new installation. False when it has accounts already.

    The file is written before the commit: a start that is killed between the two leaves a file
    that the next start replaces, never accounts whose secrets nobody knows.
    """
    database = house.databases["intake"]
    async with database.connection() as connection:
        if await store.any_account(connection):
            return False
    async with database.transaction() as connection:
        made = await make_samples(connection, house.parts.ring.token_key, authorities)
        await asyncio.to_thread(write_private, installation.credentials, made)
    return True


async def make_samples(
    connection: Connection, pepper: bytes, authorities: Collection[str]
) -> dict[str, list[dict[str, Any]]]:
    """Make the sample accounts of some authorities; how to sign in with each."""
    now = system_clock()
    people = [
        one for one in samples("staff.json") if not set(one["authorities"]).isdisjoint(authorities)
    ]
    partners: list[dict[str, Any]] = []
    staff: list[dict[str, Any]] = []
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
    passwords = [secrets.token_urlsafe(12) for _ in people]
    for one, password in zip(people, passwords, strict=True):
        await add_staff(
            connection,
            username=one["username"],
            password=password,
            roles=one["roles"],
            qualifications=one["qualifications"],
            authorities=one["authorities"],
            ids=new_id,
            now=now,
        )
        staff.append(
            {
                "username": one["username"],
                "password": password,
                "role": one["roles"][0],
                "authorities": one["authorities"],
            }
        )
    return {"partners": partners, "staff": staff}
