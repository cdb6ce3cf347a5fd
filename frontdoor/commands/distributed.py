"""Commands of the distributed edition: serve, restored, forgotten, keyring; and migrate, which both
editions have."""

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from chassis.telemetry import logs
from chassis.vault import KeyRing
from frontdoor.catalogue import SERVICES
from frontdoor.commands.site import (
    data_option,
    database_option,
    service_option,
    service_settings,
    site_of,
)


@click.command("serve")
@click.argument("service", type=click.Choice(SERVICES), envvar="FRONTDOOR_SERVICE")
def serve(service: str) -> None:
    """Run one service of the distributed edition until it is stopped. Its settings come from the
    environment (docs/distributed.md). It is ready once `frontdoor migrate --pre` is done."""
    from frontdoor.distributed.kafka import KafkaStream
    from frontdoor.distributed.serving import serve as run

    settings = service_settings()
    logs.configure(json=not sys.stdout.isatty(), environment=settings.environment)
    try:
        run(service, settings, KafkaStream(settings))
    except FileNotFoundError:
        raise click.ClickException(
            f"FRONTDOOR_KEYRING: no key ring at {settings.keyring}. Make one with "
            "`frontdoor keyring new`, once, before the first start"
        ) from None


@click.command("migrate")
@data_option
@database_option
@service_option
@click.option("--pre", is_flag=True, help="Only what comes before new code.")
@click.option("--post", is_flag=True, help="Only what comes after old code has gone.")
def migrate(data: Path, database: str | None, service: str | None, pre: bool, post: bool) -> None:
    """Bring the database's schema up to date, and for a service of the distributed edition make
    and check the topic."""
    site = site_of(data, database, service)
    both = pre == post
    with site.started():
        applied = site.migrate(pre=pre or both, post=post or both)
    for revision in applied:
        click.echo(revision)
    if not applied:
        click.echo("Nothing to do.")
    if service is not None and (pre or both):
        _make_topic(service_settings())


def _make_topic(settings: Any) -> None:
    from chassis.errors import Unavailable
    from chassis.stream.kafka import topic

    try:
        asyncio.run(topic.make(settings))
    except topic.WrongTopic as wrong:
        raise click.ClickException(str(wrong)) from None
    except Unavailable:
        raise click.ClickException("the broker cannot be reached") from None
    click.echo(f"topic {settings.kafka_topic}: as it should be")


@click.command("restored")
@click.option("--service", envvar="FRONTDOOR_SERVICE", type=click.Choice(SERVICES), required=True)
def restored(service: str) -> None:
    """Say that a service's database was restored from a backup, before the service starts: its
    events then come from a new epoch of its source. Once for each restore."""
    from frontdoor.distributed.site import ServiceSite

    epoch = ServiceSite(service, service_settings()).next_epoch()
    click.echo(f"{service}/{epoch}")


@click.command("forgotten")
@click.option("--service", envvar="FRONTDOOR_SERVICE", type=click.Choice(SERVICES), required=True)
def forgotten(service: str) -> None:
    """After a restore: one line for each event that the service said after the backup and no longer
    knows. Others do. Whoever works with these referrals has to look at them again."""
    from chassis.errors import Unavailable

    settings = service_settings()
    try:
        found = asyncio.run(_forgotten(settings, service))
    except Unavailable as away:
        raise click.ClickException(away.detail) from None
    for one in found:
        click.echo(json.dumps(asdict(one), default=str))


async def _forgotten(settings: Any, service: str) -> list[Any]:
    from chassis.database import Database
    from frontdoor.distributed.forgotten import forgotten as read

    database = Database(settings.database_url.get_secret_value(), schema=service, most=1)
    await database.open()
    try:
        return await read(settings, database, service)
    finally:
        await database.close()


@click.group("keyring")
def keyring() -> None:
    """The keys that open every text."""


@keyring.command("new")
@click.argument("paths", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
def keyring_new(paths: tuple[Path, ...]) -> None:
    """Make a key ring in each of PATHS where there is none. One that is there is left alone."""
    for path in paths:
        there = path.exists()
        KeyRing.load_or_create(path)
        click.echo(f"{path}: {'was there' if there else 'made'}")


COMMANDS = (serve, migrate, restored, forgotten, keyring)
