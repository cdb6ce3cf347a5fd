"""Commands of the single-machine edition: up, demo, migrate, partner, user."""

import asyncio
import json
import logging
import secrets
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from chassis.clock import system_clock
from chassis.database import Connection, Database
from chassis.errors import DomainError
from chassis.identity import SCOPES
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.telemetry import logs
from frontdoor.installation import Installation
from policy.loading import load_packs
from services.intake.accounts.registering import add_partner, add_staff

T = TypeVar("T")

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var/frontdoor"),
    show_default=True,
    help="The installation's folder.",
)
database_option = click.option(
    "--database", default=None, help="PostgreSQL's URI, where it is the council's own."
)


@click.command("up")
@data_option
@database_option
@click.option("--port", default=8080, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--smtp", default=None, help="The mail relay, HOST:PORT. Without it mail waits.")
@click.option("--authorities", default="", help="Authorities to serve, separated by commas.")
@click.option("--public-url", default=None, help="Where people reach it.")
def up(
    data: Path,
    database: str | None,
    port: int,
    host: str,
    smtp: str | None,
    authorities: str,
    public_url: str | None,
) -> None:
    """Run everything on this machine until it is stopped."""
    from frontdoor.serving import Serve, serve

    logs.configure(json=not sys.stdout.isatty())
    settings = settings_of(port=port, smtp=smtp, authorities=authorities, public_url=public_url)
    installation = Installation.at(data, database)
    click.echo(f"Frontdoor starts at {settings.public_url}", err=True)
    click.echo(f"Accounts, at first start: {installation.credentials}", err=True)
    if not settings.smtp_host:
        click.echo("No --smtp: messages are kept and wait.", err=True)
    serve(Serve(installation, settings, host, port))


@click.command("demo")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), default=None)
@click.option("--port", default=8080, show_default=True)
@click.option("--once", is_flag=True, help="Play the story, write the summary, and stop.")
@click.option("--summary", type=click.Path(dir_okay=False, path_type=Path), default=None)
def demo(data: Path | None, port: int, once: bool, summary: Path | None) -> None:
    """Run a demonstration with invented authorities, staff, partners and referrals."""
    from frontdoor.demo.running import run

    logs.configure(json=not sys.stdout.isatty(), level=logging.WARNING)
    if once and data is None:
        with tempfile.TemporaryDirectory(prefix="frontdoor-demo-") as folder:
            run(Path(folder), port=port, once=True, summary=summary)
    else:
        run(data or Path("var/demo"), port=port, once=once, summary=summary)


@click.command("migrate")
@data_option
@database_option
@click.option("--pre", is_flag=True, help="Only what comes before new code.")
@click.option("--post", is_flag=True, help="Only what comes after old code has gone.")
def migrate(data: Path, database: str | None, pre: bool, post: bool) -> None:
    """Bring the database's schema up to date."""
    installation = Installation.at(data, database)
    both = pre == post
    with installation.started():
        applied = installation.migrate(pre=pre or both, post=post or both)
    for revision in applied:
        click.echo(revision)
    if not applied:
        click.echo("Nothing to do.")


@click.command("backup")
@data_option
@database_option
@click.option("--to", required=True, type=click.Path(dir_okay=False, path_type=Path))
def backup(data: Path, database: str | None, to: Path) -> None:
    """Write the database to a file, while it runs. The key ring is not in it: keep a copy of
    keyring.json somewhere else."""
    from frontdoor.backups import backup as write

    installation = Installation.at(data, database)
    with installation.started():
        write(installation, to)
    click.echo(f"{to} written. It is of no use without {installation.folder / 'keyring.json'}.")


@click.command("restore")
@data_option
@database_option
@click.option("--from", "archive", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--keyring", required=True, type=click.Path(exists=True, path_type=Path))
def restore(data: Path, database: str | None, archive: Path, keyring: Path) -> None:
    """Make a new installation from a backup and its key ring. Afterwards, `frontdoor up`."""
    from frontdoor.backups import RestoreRefused
    from frontdoor.backups import restore as read

    installation = Installation.at(data, database)
    try:
        with installation.started():
            read(installation, archive, keyring)
    except RestoreRefused:
        raise click.ClickException(f"--data: there is an installation in {data}") from None
    click.echo("Restored.")


@click.group("partner")
def partner() -> None:
    """Partner organisations and their clients."""


@partner.command("add")
@data_option
@database_option
@click.option("--client-id", required=True)
@click.option("--name", required=True, help="The organisation's name.")
@click.option("--agency", required=True, help="Its kind of agency, as a code.")
@click.option("--email-domain", default=None, help="Full reasons may be emailed to it.")
def partner_add(
    data: Path,
    database: str | None,
    client_id: str,
    name: str,
    agency: str,
    email_domain: str | None,
) -> None:
    """Register an organisation, and print its client's secret once."""
    installation = Installation.at(data, database)

    async def add(connection: Connection) -> str:
        return await add_partner(
            connection,
            client_id=client_id,
            name=name,
            agency=agency,
            email_domain=email_domain,
            scopes=sorted(SCOPES),
            pepper=installation.ring().token_key,
            ids=new_id,
            now=system_clock(),
        )

    click.echo(json.dumps({"client_id": client_id, "client_secret": in_intake(installation, add)}))


@click.group("user")
def user() -> None:
    """Local staff accounts."""


@user.command("add")
@data_option
@database_option
@click.option("--username", required=True)
@click.option("--role", "roles", multiple=True, required=True)
@click.option("--qualification", "qualifications", multiple=True)
@click.option("--authority", "authorities", multiple=True, required=True)
def user_add(
    data: Path,
    database: str | None,
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
    installation = Installation.at(data, database)
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

    in_intake(installation, add)
    click.echo(json.dumps({"username": username, "password": password}))


def settings_of(
    *, port: int, smtp: str | None, authorities: str, public_url: str | None
) -> Settings:
    """Settings from the environment, with what the command line says on top."""
    given: dict[str, object] = {"local_accounts": True}
    given["public_url"] = public_url or f"http://localhost:{port}"
    if smtp:
        host, _, number = smtp.rpartition(":")
        if not host or not number.isdigit():
            raise click.ClickException("--smtp: HOST:PORT is wanted")
        given |= {"smtp_host": host, "smtp_port": int(number)}
    if authorities:
        given["authorities"] = tuple(one.strip() for one in authorities.split(",") if one.strip())
    return Settings(**given)  # type: ignore[arg-type]


def in_intake(installation: Installation, work: Callable[[Connection], Awaitable[T]]) -> T:
    """Do something in one transaction of intake's database."""

    async def run() -> T:
        database = Database(installation.start()["intake"], schema="intake")
        await database.open()
        try:
            async with database.transaction() as connection:
                return await work(connection)
        finally:
            await database.close()

    try:
        with installation.started():
            return asyncio.run(run())
    except DomainError as refused:
        raise click.ClickException(refused.detail) from refused


COMMANDS = (up, demo, migrate, backup, restore, partner, user)
