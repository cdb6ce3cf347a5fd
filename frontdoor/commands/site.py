"""Where a command works: an installation on this machine, or one service of the distributed edition
by its settings. Both offer the same."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import wraps
from pathlib import Path
from typing import Any, Protocol

import click
from pydantic import ValidationError

from chassis.settings import Settings
from chassis.vault import KeyRing
from frontdoor.catalogue import SERVICES

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
service_option = click.option(
    "--service",
    envvar="FRONTDOOR_SERVICE",
    type=click.Choice(SERVICES),
    default=None,
    help="One service of the distributed edition, by its settings, instead of --data.",
)


class Site(Protocol):
    """What commands work on."""

    def start(self) -> Mapping[str, str]:
        """Where each service's tables are, as its own role."""
        ...

    def owner_urls(self) -> Mapping[str, str]:
        """Where each service's tables are, as whoever may do what the command does."""
        ...

    def owner_url(self) -> str:
        """Where the tables are, as whoever may change the schema."""
        ...

    def migrate(self, *, pre: bool, post: bool) -> list[str]:
        """Change the schema; the revisions that were applied."""
        ...

    def ring(self) -> KeyRing:
        """The key ring."""
        ...

    def started(self) -> AbstractContextManager[None]:
        """While a command works."""
        ...


def on_site(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options that say where it works, and itself a `site`."""

    @wraps(command)
    def with_site(*, data: Path, database: str | None, service: str | None, **given: Any) -> None:
        command(site=site_of(data, database, service), **given)

    for option in (service_option, database_option, data_option):
        with_site = option(with_site)
    return with_site


def site_of(data: Path, database: str | None, service: str | None) -> Site:
    """The place that the options name. Raises click.ClickException."""
    if service is not None:
        from frontdoor.distributed.site import ServiceSite

        return ServiceSite(service, service_settings())
    from frontdoor.installation import Installation

    return Installation.at(data, database)


def service_settings() -> Any:
    """The settings of one service, from the environment. Raises click.ClickException for what is
    missing or wrong, without repeating a value."""
    from frontdoor.distributed.settings import ServiceSettings

    try:
        return ServiceSettings()
    except ValidationError as wrong:
        raise click.ClickException("; ".join(map(_said, wrong.errors()))) from None


def _said(one: Mapping[str, Any]) -> str:
    said = str(one["msg"]).removeprefix("Value error, ")
    # What is wrong with several settings together stands at none of them, and names them itself.
    return f"FRONTDOOR_{str(one['loc'][0]).upper()}: {said}" if one["loc"] else said


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
