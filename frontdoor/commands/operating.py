"""Commands for operators: audit verify, dead-letters, openapi."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import click

from chassis.audit import AuditEntry, verify
from chassis.audit import append as append_audit
from chassis.clock import system_clock
from chassis.database import Connection, Database
from chassis.settings import Settings
from chassis.stream import parked, store
from frontdoor.commands.site import Site, on_site
from policy.loading import load_packs
from services.triage.store import read_discard

T = TypeVar("T")


@click.group("audit")
def audit() -> None:
    """The audit trail."""


@audit.command("verify")
@on_site
def audit_verify(site: Site) -> None:
    """Walk every service's chain of hashes. Exits 1 where one does not hold."""

    async def check(name: str, connection: Connection) -> dict[str, Any]:
        found = await verify(connection)
        return {
            "service": name,
            "holds": found.holds,
            "sealed": found.sealed,
            "not_yet_sealed": found.unsealed,
            "broken_at": found.broken_at,
            "newest_hash": found.newest_hash,
        }

    found = in_every_service(site, check)
    for one in found:
        click.echo(json.dumps(one))
    if not all(one["holds"] for one in found):
        sys.exit(1)


@click.group("dead-letters")
def dead_letters() -> None:
    """Events that a consumer could not answer and put aside, with their referral."""


@dead_letters.command("list")
@on_site
def dead_letters_list(site: Site) -> None:
    """One line for each referral with parked events: why, since when, how many."""
    authorities = load_packs(Settings().packs).authorities

    async def listed(name: str, connection: Connection) -> list[dict[str, Any]]:
        rows = await store.list_parked(connection, name, authorities)
        return [{"consumer": name, **row} for row in rows]

    for rows in in_every_service(site, listed):
        for row in rows:
            click.echo(json.dumps(row, default=str))


@dead_letters.command("show")
@on_site
@click.argument("referral_id", type=click.UUID)
def dead_letters_show(site: Site, referral_id: UUID) -> None:
    """The parked events of one referral, in order: what each is and why it waits, not what it
    says."""

    async def shown(name: str, connection: Connection) -> list[dict[str, Any]]:
        rows = await parked.shown(connection, name, referral_id)
        return [{"consumer": name, **row} for row in rows]

    for rows in in_every_service(site, shown):
        for row in rows:
            click.echo(json.dumps(row, default=str))


@dead_letters.command("replay")
@on_site
@click.argument("referral_id", type=click.UUID)
def dead_letters_replay(site: Site, referral_id: UUID) -> None:
    """Ask the consumers to try a referral's parked events again, in order. They do so within a
    second of running; the request is written to the audit trail."""

    async def asked(name: str, connection: Connection) -> bool:
        events = await store.read_parked(connection, name, referral_id)
        if not events or not await store.ask_replay(connection, name, referral_id):
            return False
        entry = AuditEntry("replay_asked", None, events[0].authority, referral_id)
        await append_audit(connection, [entry], system_clock())
        return True

    found = in_every_service(site, asked)
    if not any(found):
        raise click.ClickException("nothing of this referral is parked")
    click.echo("Asked. The consumers try again within a second of running.")


@dead_letters.command("discard")
@on_site
@click.argument("referral_id", type=click.UUID)
@click.option(
    "--decision", "discard_id", type=click.UUID, required=True, help="The practitioner's decision."
)
@click.option(
    "--triage-database", default=None, help="PostgreSQL's URI of triage, where it is elsewhere."
)
def dead_letters_discard(
    site: Site, referral_id: UUID, discard_id: UUID, triage_database: str | None
) -> None:
    """Discard the event that a qualified practitioner decided to (`POST
    /v1/triage/referrals/ID/parked-discard`), and have those behind it tried again. Refused without
    that decision; written to the audit trail."""

    async def carried_out(urls: Mapping[str, str]) -> str:
        triage = triage_database or urls.get("triage")
        if triage is None:
            raise click.ClickException("say with --triage-database where decisions are kept")
        async with one_of("triage", triage) as connection:
            decided = await read_discard(connection, discard_id)
        if decided is None or decided.referral_id != referral_id:
            raise click.ClickException("nobody has decided that of this referral")
        if decided.consumer not in urls:
            raise click.ClickException(f"that is for {decided.consumer}'s database")
        async with one_of(decided.consumer, urls[decided.consumer]) as connection:
            try:
                await parked.discard(connection, decided, system_clock())
            except parked.NotDiscarded as why:
                raise click.ClickException(str(why)) from why
        return decided.consumer

    with site.started():
        consumer = asyncio.run(carried_out(site.owner_urls()))
    click.echo(f"Discarded. {consumer} tries what stood behind it within a second of running.")


@click.command("openapi")
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--check", is_flag=True, help="Change nothing; exit 1 if a file is out of date.")
def openapi(folder: Path, check: bool) -> None:
    """Write each service's OpenAPI file."""
    from frontdoor.openapi import files

    stale = []
    for name, content in files().items():
        path = folder / name
        if check:
            if not path.exists() or path.read_text("utf-8") != content:
                stale.append(name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
    if stale:
        click.echo(f"out of date: {', '.join(stale)}")
        sys.exit(1)


def in_every_service(site: Site, work: Callable[[str, Connection], Awaitable[T]]) -> list[T]:
    """Do something in a transaction of each service's schema that the site has."""

    async def run() -> list[T]:
        found = []
        for name, url in site.owner_urls().items():
            async with one_of(name, url) as connection:
                found.append(await work(name, connection))
        return found

    with site.started():
        return asyncio.run(run())


@asynccontextmanager
async def one_of(name: str, url: str) -> AsyncIterator[Connection]:
    """A transaction in one service's schema."""
    database = Database(url, schema=name, most=1)
    await database.open()
    try:
        async with database.transaction() as connection:
            yield connection
    finally:
        await database.close()


COMMANDS = (audit, dead_letters, openapi)
