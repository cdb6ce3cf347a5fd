"""Commands about what other systems of an authority know of children."""

import asyncio
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from chassis.clock import system_clock
from chassis.database import Database
from chassis.settings import Settings
from chassis.vault import BlindIndex
from frontdoor.commands.site import Site, on_site
from policy.loading import load_packs
from policy.working_time import LONDON
from services.intake.elsewhere import store, tables, taking

OWNER = "intake"


@click.group("elsewhere")
def elsewhere() -> None:
    """What the authority's other systems know: open cases, plans, legal status, early help."""


@elsewhere.command("import")
@on_site
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--authority", required=True, help="Whose systems they are.")
@click.option(
    "--as-of",
    required=True,
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]),
    help="When the tables were made, in local time. It is shown beside what they say.",
)
def take(site: Site, folder: Path, authority: str, as_of: datetime) -> None:
    """Take the tables of the Standard Safeguarding Dataset from a folder of CSV files.

    What was held before is replaced, all at once. Only digests of numbers, names and birth dates are
    kept, with what is known; no name, number or date of birth.
    """
    if authority not in load_packs(Settings().packs).authorities:
        raise click.ClickException(f"there is no authority {authority} here")
    asked = as_of.replace(tzinfo=LONDON).astimezone(UTC)
    now = system_clock()
    if asked > now:
        raise click.ClickException("--as-of is to come")

    async def work() -> taking.Taken:
        urls = site.start()
        if OWNER not in urls:
            raise click.ClickException("this is intake's: --service intake")
        index = BlindIndex(site.ring().index_key)
        database = Database(urls[OWNER], schema=OWNER, most=1)
        await database.open()
        try:
            found = tables.known(folder)
            return await taking.take(database, index, authority, found, asked, now)
        finally:
            await database.close()

    try:
        with site.started():
            said = asyncio.run(work())
    except tables.NotTheDataset as wrong:
        raise click.ClickException(f"{folder.name}: {wrong}") from wrong
    except store.OlderThanHeld as older:
        raise click.ClickException(f"what is held is of {older.args[0].isoformat()}") from older
    click.echo(json.dumps(asdict(said)))


COMMANDS = (elsewhere,)
