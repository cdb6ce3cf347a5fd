"""Commands about days on which the hub is closed: calendar announce, calendar list."""

from datetime import date, datetime
from pathlib import Path

import click
from pydantic import ValidationError

from chassis.settings import Settings
from frontdoor.commands.site import data_option
from frontdoor.installation import CALENDAR
from policy.announced import EVERYWHERE, announce, read_announced, write_announced
from policy.loading import PackError, load_packs

file_option = click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="FRONTDOOR_CALENDAR",
    default=None,
    help="The file of announced days, where it isn't in the installation's folder.",
)


@click.group("calendar")
def calendar() -> None:
    """Bank holidays and closures that were announced after the packs were written."""


@calendar.command("announce")
@data_option
@file_option
@click.option("--authority", default=EVERYWHERE, show_default=True, help="Whose hub is closed.")
@click.option(
    "--closure", is_flag=True, help="The authority's own, which holds no statutory clock."
)
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.argument("name")
def announce_day(
    data: Path, file: Path | None, authority: str, closure: bool, day: datetime, name: str
) -> None:
    """Say that a day, 2026-05-08, is closed, and what it is called. Open clocks are counted again
    when Frontdoor is started the next time, each with an event and an audit entry."""
    path = file or data / CALENDAR
    packs = Settings().packs
    try:
        known = load_packs(packs).authorities
        if authority not in {EVERYWHERE, *known}:
            raise click.ClickException(f"--authority: there is no pack for {authority!r}")
        days = announce(read_announced(path), authority, day.date(), name, closure=closure)
        load_packs(packs, announced=days)
    except (PackError, ValidationError) as error:
        raise click.ClickException(str(error)) from None
    path.parent.mkdir(parents=True, exist_ok=True)
    write_announced(path, days)
    click.echo(f"{path}: {day:%Y-%m-%d} {name}. Start Frontdoor again to have it counted.")


@calendar.command("list")
@data_option
@file_option
def list_days(data: Path, file: Path | None) -> None:
    """Show what was announced, by day."""
    lines: list[tuple[date, str]] = []
    for authority, each in read_announced(file or data / CALENDAR).items():
        for kind, days in (("bank holiday", each.bank_holidays), ("closure", each.closures)):
            lines += [(day, f"{authority}, {kind}: {name}") for day, name in days.items()]
    for day, words in sorted(lines):
        click.echo(f"{day} {words}")


COMMANDS = (calendar,)
