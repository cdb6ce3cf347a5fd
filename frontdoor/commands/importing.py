"""Commands that bring data in: import, postcodes import, directory import, schools
import."""

import asyncio
import contextlib
import hashlib
import io
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import click
import httpx2
from prometheus_client.parser import text_string_to_metric_families

from chassis.clock import system_clock
from chassis.database import Database
from chassis.identity import Caller, SigningKey
from chassis.settings import Settings
from chassis.stream.bell import Bell
from chassis.stream.postgres import PostgresSource
from chassis.vault import BlindIndex, KeyRing
from contracts.registry import type_of
from frontdoor.commands.site import Site, on_site
from frontdoor.wiring import Wiring
from policy.loading import PackSet, load_packs
from services.intake.accounts import store as accounts
from services.intake.directory import reading as local_services
from services.intake.directory import store as service_store
from services.intake.importing.beside import beside
from services.intake.importing.importer import Importer, Lag, TriageStandsStill, no_lag
from services.intake.importing.rows import WrongHeader, rows_of
from services.intake.importing.store import Progress, Run
from services.intake.postcodes import directory
from services.intake.receiving import Receiving
from services.intake.schools import register
from services.triage.handlers import HANDLERS as TRIAGE_HANDLERS

OWNER = "intake"


@click.command("import")
@on_site
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--authority", required=True, help="Whose front door the referrals are for.")
@click.option("--client-id", required=True, help="The partner's client on whose behalf they come.")
@click.option(
    "--historic",
    is_flag=True,
    help="Referrals of an earlier system: no clock starts and nobody is told.",
)
@click.option(
    "--errors",
    "errors_file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Where refused rows are said, as JSON lines; else FILE.errors.jsonl.",
)
@click.option(
    "--triage-metrics",
    default=None,
    help="Where triage's /metrics is, in the distributed edition: a live import waits for it.",
)
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=max(1, (os.cpu_count() or 2) - 1),
    show_default="one fewer than this machine's cores",
    help="How many processes read rows, beside the one that stores them.",
)
def import_file(
    site: Site,
    file: Path,
    authority: str,
    client_id: str,
    historic: bool,
    errors_file: Path | None,
    triage_metrics: str | None,
    processes: int,
) -> None:
    """Take referrals from a file of JSON lines, or CSV with a header (.csv).

    A stopped import is started again with the same words and goes on where it stopped. Prints what
    became of the rows, and exits 0; refused rows are in the file of errors. A live import waits
    while triage has much to answer, and stops where triage answers nothing.
    """
    packs = load_packs(Settings().packs)
    if authority not in packs.authorities:
        raise click.ClickException(f"--authority: there is no pack for {authority}")
    size = file.stat().st_size
    run = Run(_fingerprint(file), authority, client_id, historic)
    errors = errors_file or file.with_name(f"{file.name}.errors.jsonl")

    async def work() -> Progress:
        urls = site.start()
        if OWNER not in urls:
            raise click.ClickException("referrals are intake's: --service intake")
        async with (
            receiving_at(urls[OWNER], site.ring(), packs) as receiving,
            _lag(urls, triage_metrics, historic=historic) as lag,
        ):
            caller, agency, organisation = await _sender(receiving, client_id)
            index = BlindIndex(site.ring().index_key)
            with (
                beside(processes, run, agency, organisation, index) as reading,
                file.open("rb") as content,
                errors.open("a", encoding="utf-8") as said,
                click.progressbar(length=size, label=file.name) as bar,
            ):
                return await Importer(
                    receiving=receiving,
                    run=run,
                    caller=caller,
                    read=reading.read,
                    refused=lambda one: _keep(said, one),
                    done=lambda _: bar.update(max(0, content.tell() - bar.pos)),
                    lag=lag,
                    waiting=lambda behind: click.echo(
                        f"waiting: triage has {behind} events to answer", err=True
                    ),
                ).take(rows_of(file.name, content))

    try:
        with site.started():
            done = asyncio.run(work())
    except WrongHeader as wrong:
        raise click.ClickException(f"{file.name}: {wrong}") from wrong
    except TriageStandsStill as still:
        raise click.ClickException(
            f"triage has {still.behind} events to answer, and answers none: does the house run? "
            "What was taken is kept. Start it, and this import again."
        ) from still
    click.echo(
        json.dumps(
            {
                "rows": done.rows,
                "taken": done.taken,
                "repeated": done.repeated,
                "refused": done.refused,
                "errors": str(errors) if done.refused else None,
            }
        )
    )


@asynccontextmanager
async def receiving_at(url: str, ring: KeyRing, packs: PackSet) -> AsyncIterator[Receiving]:
    """Intake's way in, in this process, beside whatever else runs on its database."""
    database = Database(url, schema=OWNER)
    await database.open()
    reads = httpx2.AsyncClient()
    wiring = Wiring(
        settings=Settings(),
        policy=packs,
        clock=system_clock,
        ring=ring,
        signing=SigningKey.derived(ring.token_key),
        bell=Bell(),
        source_of=lambda of, consumer, types: PostgresSource(of, consumer, types, system_clock),
    )
    try:
        running = await wiring.wire(OWNER, database, reads)
        commands = asyncio.create_task(running.kernel.run_commands())
        try:
            yield running.state["receiving"]
        finally:
            commands.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await commands
    finally:
        await reads.aclose()
        await database.close()


@asynccontextmanager
async def _lag(
    urls: Mapping[str, str], metrics: str | None, *, historic: bool
) -> AsyncIterator[Lag]:
    """How far triage is behind: asked of its cursor on a single machine, else of its metrics."""
    if historic:
        yield no_lag
    elif "triage" in urls:
        database = Database(urls["triage"], schema="triage", most=1)
        await database.open()
        types = tuple(type_of(data).type for data in TRIAGE_HANDLERS)
        source = PostgresSource(database, "triage", types, system_clock)

        async def by_cursor() -> int:
            return (await source.lag()).events

        try:
            yield by_cursor
        finally:
            await database.close()
    elif metrics:
        async with httpx2.AsyncClient(timeout=10) as http:

            async def by_metrics() -> int:
                answer = await http.get(metrics)
                answer.raise_for_status()
                return lag_in(answer.text)

            yield by_metrics
    else:
        raise click.ClickException(
            "--triage-metrics: a live import has to know how far triage is behind"
        )


def lag_in(metrics: str) -> int:
    """How many events triage has yet to answer, by its metrics."""
    return int(
        sum(
            sample.value
            for family in text_string_to_metric_families(metrics)
            for sample in family.samples
            if sample.name == "consumer_lag_events" and sample.labels.get("consumer") == "triage"
        )
    )


async def _sender(receiving: Receiving, client_id: str) -> tuple[Caller, str, str]:
    """On whose behalf rows are sent: their client, its organisation's agency and name."""
    async with receiving.kernel.service.database.connection() as connection:
        client = await accounts.client(connection, client_id)
        organisation = (
            await accounts.organisation(connection, client.organisation_id) if client else None
        )
    if client is None or organisation is None:
        raise click.ClickException("--client-id: there is no such client")
    caller = Caller(
        kind="partner",
        id=organisation.organisation_id,
        name=client_id,
        organisation_id=organisation.organisation_id,
        scopes=frozenset(client.scopes),
    )
    return caller, organisation.agency, organisation.name


def _fingerprint(file: Path) -> bytes:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").digest()


def _keep(file: IO[str], said: Mapping[str, Any]) -> None:
    file.write(json.dumps(said) + os.linesep)
    file.flush()


@asynccontextmanager
async def _intakes(site: Site, what: str) -> AsyncIterator[Database]:
    """Intake's database, where `what` is kept, for one command. Raises click.ClickException."""
    urls = site.start()
    if OWNER not in urls:
        raise click.ClickException(f"{what} are intake's: --service intake")
    database = Database(urls[OWNER], schema=OWNER, most=1)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


@click.group("postcodes")
def postcodes() -> None:
    """The national postcode directory."""


@postcodes.command("import")
@on_site
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def postcodes_import(site: Site, file: Path) -> None:
    """Take the wards of postcodes from the directory's CSV. A stopped import goes on when it is
    started again."""
    fingerprint = _fingerprint(file)
    size = file.stat().st_size

    async def work() -> int:
        async with _intakes(site, "postcodes") as database:
            with (
                file.open("rb") as raw,
                io.TextIOWrapper(raw, encoding="utf-8", newline="") as text,
                click.progressbar(length=size, label=file.name) as bar,
            ):
                return await directory.take(
                    database,
                    fingerprint,
                    directory.lines(text),
                    lambda _: bar.update(max(0, raw.tell() - bar.pos)),
                )

    try:
        with site.started():
            rows = asyncio.run(work())
    except directory.NotADirectory as wrong:
        raise click.ClickException(f"{file.name}: {wrong}") from wrong
    click.echo(json.dumps({"rows": rows}))


@click.group("directory")
def local_directory() -> None:
    """The directory of local services."""


@local_directory.command("import")
@on_site
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--authority", required=True, help="Whose families the services are for.")
def directory_import(site: Site, file: Path, authority: str) -> None:
    """Take a whole directory in Open Referral UK's form: a feed's JSON, or a folder with the CSV
    files of a data package. What it no longer has is marked as ended. Run it again at any time."""
    if authority not in load_packs(Settings().packs).authorities:
        raise click.ClickException(f"there is no authority {authority} here")

    async def work() -> dict[str, int]:
        found = list(local_services.entries(file))
        kept = [one for one in found if one is not None]
        async with (
            _intakes(site, "local services") as database,
            database.transaction() as connection,
        ):
            ended = await service_store.take(connection, authority, kept, system_clock())
        return {
            "services": len(kept),
            "passed_over": len(found) - len(kept),
            "without_a_need": sum(not one.needs for one in kept),
            "ended": ended,
        }

    try:
        with site.started():
            said = asyncio.run(work())
    except local_services.NotADirectory as wrong:
        raise click.ClickException(f"{file.name}: {wrong}") from wrong
    click.echo(json.dumps(said))


@click.group("schools")
def school_register() -> None:
    """The national register of schools."""


@school_register.command("import")
@on_site
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--la", "la_codes", multiple=True, help="Only schools of this LA code; may repeat.")
def schools_import(site: Site, file: Path, la_codes: tuple[str, ...]) -> None:
    """Take schools from the register's CSV as organisations. Run it again at any time: a school
    keeps its id, and one that has closed is marked."""
    size = file.stat().st_size

    async def work() -> register.Taken:
        async with _intakes(site, "schools") as database:
            with (
                file.open("rb") as raw,
                # The register comes in Windows' letters, and other tools write it in UTF-8.
                io.TextIOWrapper(raw, "utf-8-sig", "surrogateescape", newline="") as text,
                click.progressbar(length=size, label=file.name) as bar,
            ):
                return await register.take(
                    database,
                    register.schools(text, la_codes),
                    system_clock(),
                    lambda _: bar.update(max(0, raw.tell() - bar.pos)),
                )

    try:
        with site.started():
            taken = asyncio.run(work())
    except register.NotARegister as wrong:
        raise click.ClickException(f"{file.name}: {wrong}") from wrong
    click.echo(json.dumps(asdict(taken)))


COMMANDS = (import_file, postcodes, local_directory, school_register)
