"""Commands of the distributed edition: serve, restored, forgotten, keyring; and migrate, which both
editions have."""

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from chassis.settings import Settings
from chassis.telemetry import logs
from chassis.vault import KeyServiceAway, NoSuchKey, RingFile, key_service_of
from chassis.vault.store import count_wrapped
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
    except KeyServiceAway as away:
        raise click.ClickException(f"FRONTDOOR_KEY_SERVICE_URL: {away}. Not started") from None


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
    from chassis.stream.kafka.clients import StreamRefused

    try:
        asyncio.run(topic.make(settings))
    except topic.WrongTopic as wrong:
        raise click.ClickException(str(wrong)) from None
    except StreamRefused as refused:
        raise click.ClickException(refused.why) from None
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
    """Make a key ring in each of PATHS where there is none, wrapped where FRONTDOOR_KEY_SERVICE_URL
    names a key service. One that is there is left alone."""
    service = key_service_of(Settings())
    for path in paths:
        there = path.exists()
        RingFile(path, service).load_or_create()
        click.echo(f"{path}: {'was there' if there else 'made'}")


@keyring.command("rotate")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def keyring_rotate(path: Path) -> None:
    """Add a key to the ring in PATH and use it from now on. Running processes take it up within half
    a minute and wrap with it what older keys wrap; no text is touched, and nothing stops."""
    name = RingFile(path, key_service_of(Settings())).rotate()
    click.echo(f"{name} is in use. Back up {path} now: newer texts are of no use without it.")


@keyring.command("wrap")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def keyring_wrap(path: Path) -> None:
    """Have the key service wrap the keys of the plain ring in PATH."""
    service = key_service_of(Settings())
    if service is None:
        raise click.ClickException("FRONTDOOR_KEY_SERVICE_URL names no key service")
    RingFile(path, service).keep(RingFile(path).load(), over=True)
    click.echo(f"{path} is wrapped. It opens nothing without the key service.")


@keyring.command("retire")
@data_option
@database_option
@service_option
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("name")
def keyring_retire(
    data: Path, database: str | None, service: str | None, path: Path, name: str
) -> None:
    """Take the key NAME out of the ring in PATH. Refused while it still wraps anything. A backup that
    was made before it was rotated needs the ring as it was then."""
    from frontdoor.commands.operating import in_every_service

    async def count(_name: str, connection: Any) -> int:
        return await count_wrapped(connection, name)

    if sum(in_every_service(site_of(data, database, service), count)):
        raise click.ClickException(f"{name} still wraps keys: wait until they are wrapped anew")
    try:
        RingFile(path, key_service_of(Settings())).retire(name)
    except NoSuchKey:
        raise click.ClickException(f"{name} is in use, or is not in the ring") from None
    click.echo(f"{name} is gone from {path}.")


COMMANDS = (serve, migrate, restored, forgotten, keyring)
