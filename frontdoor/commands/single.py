"""Commands of the single-machine edition: up, demo, backup, restore."""

import logging
import sys
import tempfile
from pathlib import Path

import click

from chassis.telemetry import logs
from chassis.vault import KeyServiceAway
from frontdoor.commands.site import data_option, database_option, settings_of


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
    from frontdoor.installation import Installation
    from frontdoor.serving import Serve, serve

    logs.configure(json=not sys.stdout.isatty())
    settings = settings_of(port=port, smtp=smtp, authorities=authorities, public_url=public_url)
    installation = Installation.at(data, database)
    click.echo(f"Frontdoor starts at {settings.public_url}", err=True)
    click.echo(f"Accounts, at first start: {installation.credentials}", err=True)
    if not settings.smtp_host:
        click.echo("No --smtp: messages are kept and wait.", err=True)
    try:
        serve(Serve(installation, settings, host, port))
    except KeyServiceAway as away:
        raise click.ClickException(f"FRONTDOOR_KEY_SERVICE_URL: {away}. Not started") from None


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


@click.command("backup")
@data_option
@database_option
@click.option("--to", required=True, type=click.Path(dir_okay=False, path_type=Path))
def backup(data: Path, database: str | None, to: Path) -> None:
    """Write the database to a file, while it runs. The key ring and the list of what was
    erased are not in it: keep copies of keyring.json and erasures.jsonl somewhere else."""
    from frontdoor.backups import backup as write
    from frontdoor.installation import Installation

    installation = Installation.at(data, database)
    with installation.started():
        write(installation, to)
    click.echo(f"{to} written. It is of no use without {installation.folder / 'keyring.json'}.")


@click.command("restore")
@data_option
@database_option
@click.option("--from", "archive", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--keyring", required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--erasures",
    default=None,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The newest list of what was erased; beside the key ring when left out.",
)
def restore(
    data: Path, database: str | None, archive: Path, keyring: Path, erasures: Path | None
) -> None:
    """Make a new installation from a backup, its key ring, and the list of what was erased since.
    Afterwards, `frontdoor up`."""
    from frontdoor.backups import RestoreRefused
    from frontdoor.backups import restore as read
    from frontdoor.installation import Installation

    installation = Installation.at(data, database)
    beside = keyring.with_name(installation.erasures.name)
    erasures = erasures or (beside if beside.exists() else None)
    try:
        with installation.started():
            last = read(installation, archive, keyring, erasures)
    except RestoreRefused:
        raise click.ClickException(f"--data: there is an installation in {data}") from None
    click.echo(f"Restored: everything up to {last.isoformat()}." if last else "Restored.")
    click.echo(
        "What was erased since is erased again at the next start."
        if erasures
        else "No list of what was erased was given: what was erased since is back. Put erasures.jsonl"
        f" into {installation.folder} before you start."
    )
    click.echo(
        "What came later is not in the backup. Partners have to send again what they sent since:"
        " the same idempotency keys do no harm. Decisions made since have to be made again."
        " Messages that went out since may go out once more, under the same Message-ID."
    )


COMMANDS = (up, demo, backup, restore)
