"""Commands for accounts, in both editions: of partners and of staff."""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TextIO, TypeVar

import click

from chassis.clock import system_clock
from chassis.database import Connection, Database
from chassis.errors import DomainError
from chassis.identity import SCOPES
from chassis.identity.keys import BadKey, read_keys
from chassis.ids import new_id
from chassis.settings import Settings
from frontdoor.commands.site import Site, on_site
from policy.loading import load_packs
from services.intake.accounts import store
from services.intake.accounts.registering import (
    add_case_system,
    add_client,
    add_partner,
    add_school,
    add_staff,
    disable,
    disable_staff,
    link_staff,
    register_keys,
    rotate,
    set_lead,
)
from services.intake.vouching import changing
from services.intake.vouching.store import Registered

T = TypeVar("T")

OWNER = "intake"
MOST_READ = 100_000


@click.group("partner")
def partner() -> None:
    """Partner organisations and their clients."""


@partner.command("add")
@on_site
@click.option("--client-id", required=True)
@click.option("--name", default=None, help="The organisation's name.")
@click.option("--agency", default=None, help="Its kind of agency, as a code.")
@click.option("--urn", default=None, help="Instead of both: a school's number in the register.")
@click.option("--email-domain", default=None, help="Full reasons may be emailed to it.")
def partner_add(
    site: Site,
    client_id: str,
    name: str | None,
    agency: str | None,
    urn: str | None,
    email_domain: str | None,
) -> None:
    """Register an organisation, or take a school of the imported register, and print its client's
    secret once."""
    if (urn is None) == (name is None or agency is None):
        raise click.UsageError("say --name and --agency, or --urn")

    async def add(connection: Connection) -> str:
        about: dict[str, Any] = {
            "client_id": client_id,
            "email_domain": email_domain,
            "scopes": sorted(SCOPES),
            "pepper": site.ring().token_key,
            "now": system_clock(),
        }
        if urn is not None:
            return await add_school(connection, urn=urn, **about)
        return await add_partner(
            connection, name=str(name), agency=str(agency), ids=new_id, **about
        )

    click.echo(json.dumps({"client_id": client_id, "client_secret": in_intake(site, add)}))


@partner.command("case-system")
@on_site
@click.option("--client-id", required=True)
@click.option("--name", required=True, help="What the system is called.")
@click.option(
    "--authority", required=True, help="Whose it is: it takes over what is decided there."
)
def partner_case_system(site: Site, client_id: str, name: str, authority: str) -> None:
    """Give an authority's own case system a client, and print its secret once."""
    if authority not in load_packs(Settings().packs).authorities:
        raise click.ClickException(f"--authority: there is no pack for {authority}")

    async def add(connection: Connection) -> str:
        return await add_case_system(
            connection,
            client_id=client_id,
            name=name,
            authority=authority,
            pepper=site.ring().token_key,
            ids=new_id,
            now=system_clock(),
        )

    click.echo(json.dumps({"client_id": client_id, "client_secret": in_intake(site, add)}))


@partner.command("list")
@on_site
def partner_list(site: Site) -> None:
    """Every organisation and its clients, one JSON line each; no secrets."""
    for row in in_intake(site, store.list_clients):
        click.echo(json.dumps(row, default=str))


@partner.command("client")
@on_site
@click.option("--beside", required=True, help="A client that the organisation has already.")
@click.option("--client-id", required=True, help="The new client.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(sorted(SCOPES)), required=True)
def partner_client(site: Site, beside: str, client_id: str, scopes: tuple[str, ...]) -> None:
    """Give an organisation another client with scopes of its own, and print its secret once."""

    async def add(connection: Connection) -> str:
        return await add_client(
            connection,
            beside=beside,
            client_id=client_id,
            scopes=scopes,
            pepper=site.ring().token_key,
            now=system_clock(),
        )

    click.echo(json.dumps({"client_id": client_id, "client_secret": in_intake(site, add)}))


@partner.command("rotate")
@on_site
@click.option("--client-id", required=True)
@click.option(
    "--overlap-hours",
    type=click.IntRange(0, 24 * 90),
    default=24,
    show_default=True,
    help="How long the old secret holds beside the new one; 0 where it leaked.",
)
def partner_rotate(site: Site, client_id: str, overlap_hours: int) -> None:
    """Give a client another secret, and print it once."""

    async def change(connection: Connection) -> tuple[str, datetime]:
        return await rotate(
            connection,
            client_id,
            overlap=timedelta(hours=overlap_hours),
            pepper=site.ring().token_key,
            now=system_clock(),
        )

    secret, until = in_intake(site, change)
    told = {"client_id": client_id, "client_secret": secret, "old_secret_until": str(until)}
    click.echo(json.dumps(told))


@partner.command("keys")
@on_site
@click.option("--client-id", required=True)
@click.option(
    "--file",
    "file",
    type=click.File(),
    required=True,
    help="Its key set (JWKS), or one public key in PEM; - reads standard input.",
)
@click.option("--end-secret", is_flag=True, help="Its secrets hold no more.")
def partner_keys(site: Site, client_id: str, file: TextIO, end_secret: bool) -> None:
    """Say with which public keys a client signs (private_key_jwt), in place of those it had."""
    try:
        keys = read_keys(file.read(MOST_READ))
    except BadKey as bad:
        raise click.ClickException(f"--file: {bad}") from bad

    async def change(connection: Connection) -> list[str]:
        return await register_keys(
            connection,
            client_id,
            keys,
            end_secret=end_secret,
            pepper=site.ring().token_key,
            now=system_clock(),
        )

    click.echo(json.dumps({"client_id": client_id, "key_names": in_intake(site, change)}))


@partner.command("provider")
@on_site
@click.option("--client-id", required=True)
@click.option("--issuer", default=None, help="As its tokens say it (iss).")
@click.option("--subject", default=None, help="Who the client is there (sub).")
@click.option("--audience", default=None, help="Whom its tokens are for (aud).")
@click.option("--jwks-url", default=None, help="Where the provider publishes its keys.")
@click.option("--file", "file", type=click.File(), default=None, help="Instead: its keys.")
@click.option("--scope-claim", default=None, help="The claim that narrows the client's scopes.")
@click.option("--end", is_flag=True, help="It vouches for the client no more.")
def partner_provider(
    site: Site,
    client_id: str,
    issuer: str | None,
    subject: str | None,
    audience: str | None,
    jwks_url: str | None,
    file: TextIO | None,
    scope_claim: str | None,
    end: bool,
) -> None:
    """Let a client in by tokens of its organisation's own identity provider, in place of what was
    registered; or no more."""
    if end:
        return in_intake(site, partial(changing.end, client_id=client_id))
    if not (issuer and subject and audience):
        raise click.UsageError("say --issuer, --subject and --audience, or --end")
    try:
        keys = read_keys(file.read(MOST_READ)) if file else []
    except BadKey as bad:
        raise click.ClickException(f"--file: {bad}") from bad
    one = Registered(client_id, issuer, subject, audience, jwks_url, scope_claim, tuple(keys))
    networks = Settings().provider_networks

    async def change(connection: Connection) -> None:
        await changing.register(connection, one, networks, system_clock())

    return in_intake(site, change)


@partner.command("lead")
@on_site
@click.option("--client-id", required=True, help="A client of the organisation.")
@click.option("--email", default=None, help="Its safeguarding leads' address; left out: none.")
def partner_lead(site: Site, client_id: str, email: str | None) -> None:
    """Say where an organisation's safeguarding leads read the week's summary."""

    async def change(connection: Connection) -> None:
        await set_lead(connection, client_id, email)

    in_intake(site, change)


@partner.command("disable")
@on_site
@click.option("--client-id", required=True)
def partner_disable(site: Site, client_id: str) -> None:
    """Let a client in no more."""

    async def change(connection: Connection) -> None:
        await disable(connection, client_id, system_clock())

    in_intake(site, change)


@click.group("user")
def user() -> None:
    """Accounts of staff."""


@user.command("add")
@on_site
@click.option("--username", required=True)
@click.option("--role", "roles", multiple=True, required=True)
@click.option("--qualification", "qualifications", multiple=True)
@click.option("--authority", "authorities", multiple=True)
@click.option("--beside", default=None, help="Who refers: a client of their organisation.")
@click.option("--subject", default=None, help="Who they are at the provider: no password then.")
@click.option("--issuer", default=None, help="The provider; else FRONTDOOR_OPENID_ISSUER.")
def user_add(
    site: Site,
    username: str,
    roles: tuple[str, ...],
    qualifications: tuple[str, ...],
    authorities: tuple[str, ...],
    beside: str | None,
    subject: str | None,
    issuer: str | None,
) -> None:
    """Give somebody an account, and print its password once."""
    if bool(authorities) == bool(beside):
        raise click.UsageError("say --authority, or --beside for somebody who refers")
    unknown = set(authorities) - set(load_packs(Settings().packs).authorities)
    if unknown:
        raise click.ClickException(
            f"--authority: there is no pack for {', '.join(sorted(unknown))}"
        )
    at = (_issuer(issuer), subject) if subject else None
    password = None if at else secrets.token_urlsafe(12)

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
            at=at,
            beside=beside,
        )

    in_intake(site, add)
    told = {"issuer": at[0], "subject": at[1]} if at else {"password": password}
    click.echo(json.dumps({"username": username, **told}))


@user.command("link")
@on_site
@click.option("--username", required=True)
@click.option("--subject", required=True, help="Who they are at the provider.")
@click.option("--issuer", default=None, help="The provider; else FRONTDOOR_OPENID_ISSUER.")
def user_link(site: Site, username: str, subject: str, issuer: str | None) -> None:
    """Say who somebody with an account is at the provider, so that they can sign in there too."""
    at = _issuer(issuer)

    async def link(connection: Connection) -> None:
        await link_staff(connection, username, at, subject)

    in_intake(site, link)


@user.command("disable")
@on_site
@click.option("--username", required=True)
def user_disable(site: Site, username: str) -> None:
    """Let somebody in no more. Whoever is signed in is signed out within seconds."""

    async def change(connection: Connection) -> None:
        await disable_staff(connection, username, system_clock())

    in_intake(site, change)


def _issuer(said: str | None) -> str:
    issuer = said or Settings().openid_issuer
    if issuer is None:
        raise click.UsageError("say --issuer, or set FRONTDOOR_OPENID_ISSUER")
    return issuer


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
