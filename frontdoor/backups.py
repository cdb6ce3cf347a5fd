"""Backup and restore of a single-machine installation.

A backup is PostgreSQL's own archive of the database, which any later major can restore. The key
ring is not in it: whoever has both can read every text, so they are kept apart.
"""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from chassis.database.embedded import PROGRAMS
from frontdoor.catalogue import SERVICES
from frontdoor.epochs import newest, next_epoch
from frontdoor.installation import Installation


class RestoreRefused(Exception):
    """There is something where the restored installation would go."""


def backup(installation: Installation, to: Path) -> None:
    """Write the database to `to`, whole or not at all, while it runs.

    Raises subprocess.CalledProcessError when PostgreSQL cannot be reached.
    """
    part = to.with_suffix(".part")
    url = installation.owner_url()
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges",
         f"--file={part}", url)  # fmt: skip
    part.chmod(0o600)
    part.replace(to)


def restore(
    installation: Installation, archive: Path, keyring: Path, erasures: Path | None = None
) -> datetime | None:
    """Make a new installation from a backup, its key ring and the list of what was erased since,
    which is erased again at the next start. When the last thing happened that the backup knows of,
    in UTC.

    Raises RestoreRefused where `installation` is not new, subprocess.CalledProcessError when the
    archive cannot be read.
    """
    place = installation.folder / "keyring.json"
    if place.exists() or (installation.folder / "postgres").exists():
        raise RestoreRefused
    shutil.copyfile(keyring, place)
    place.chmod(0o600)
    if erasures is not None:
        shutil.copyfile(erasures, installation.erasures)
        installation.erasures.chmod(0o600)
    url = installation.owner_url()
    _run("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error",
         "--single-transaction", f"--dbname={url}", str(archive))  # fmt: skip
    with psycopg.connect(url) as connection:
        last = newest(connection)
        for service in SERVICES:
            next_epoch(connection, service)
    installation.migrate(pre=True, post=True)
    return last.astimezone(UTC) if last else None


def _run(program: str, *arguments: str) -> None:
    subprocess.run([str(PROGRAMS / program), *arguments], check=True)
