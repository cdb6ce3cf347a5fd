"""Commands for accounts, in both editions: partner add, user add."""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from chassis.clock import system_clock
from chassis.database import Connection, Database
from chassis.errors import DomainError
from chassis.identity import SCOPES
from chassis.ids import new_id
from frontdoor.commands.site import Site, on_site
from policy.loading import load_packs
from services.intake.accounts.registering import add_partner, add_staff

T = TypeVar("T")

OWNER = "intake"


@click.group("partner")
def partner() -> None:
    """Partner organisations and their clients."""


@partner.command("add")
@on_site
@click.option("--client-id", required=True)
@click.option("--name", required=True, help="The organisation's name.")
@click.option("--agency", required=True, help="Its kind of agency, as a code.")
@click.option("--email-domain", default=None, help="Full reasons may be emailed to it.")
def partner_add(
    site: Site,
    client_id: str,
    name: str,
    agency: str,
    email_domain: str | None,
) -> None:
    """Register an organisation, and print its client's secret once."""

    async def add(connection: Connection) -> str:
        return await add_partner(
            connection,
            client_id=client_id,
            name=name,
            agency=agency,
            email_domain=email_domain,
            scopes=sorted(SCOPES),
            pepper=site.ring().token_key,
            ids=new_id,
            now=system_clock(),
        )

    click.echo(json.dumps({"client_id": client_id, "client_secret": in_intake(site, add)}))


@click.group("user")
def user() -> None:
    """Local staff accounts."""


@user.command("add")
@on_site
@click.option("--username", required=True)
@click.option("--role", "roles", multiple=True, required=True)
@click.option("--qualification", "qualifications", multiple=True)
@click.option("--authority", "authorities", multiple=True, required=True)
def user_add(
    site: Site,
    username: str,
    roles: tuple[str, ...],
    qualifications: tuple[str, ...],
    authorities: tuple[str, ...],
) -> None:
    """Give somebody an account, and print its password once."""
    unknown = set(authorities) - set(load_packs().authorities)
    if unknown:
        raise click.ClickException(
            f"--authority: there is no pack for {', '.join(sorted(unknown))}"
        )
    password = secrets.token_urlsafe(12)

    async def add(connection: Connection) -> None:
        await add_staff(
            connection,
            username=username,
            password=password,
            roles=roles,
            qualifications=qualifications,
            authorities=authorities,
            ids=new_id,
            now=system_clock(),
        )

    in_intake(site, add)
    click.echo(json.dumps({"username": username, "password": password}))


def in_intake(site: Site, work: Callable[[Connection], Awaitable[T]]) -> T:
    """Do something in one transaction of intake's database."""

    async def run() -> T:
        urls = site.start()
        if OWNER not in urls:
            raise click.ClickException("accounts are intake's: --service intake")
        database = Database(urls[OWNER], schema=OWNER)
        await database.open()
        try:
            async with database.transaction() as connection:
                return await work(connection)
        finally:
            await database.close()

    try:
        with site.started():
            return asyncio.run(run())
    except DomainError as refused:
        raise click.ClickException(refused.detail) from refused


COMMANDS = (partner, user)
