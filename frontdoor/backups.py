"""Backup and restore of a single-machine installation.

A backup is PostgreSQL's own archive of the database, which any later major can restore. The key
ring is not in it: whoever has both can read every text, so they are kept apart.

A restored database may be older than what others have seen of it. So each service's events come
from a new epoch of its source, and no consumer takes a new event for one it has handled.
"""

import shutil
import subprocess
from pathlib import Path

import psycopg

from chassis.database.embedded import PROGRAMS
from frontdoor.catalogue import SERVICES
from frontdoor.installation import Installation

# Where a service's source stands after this restore.
NEXT_EPOCH = """
INSERT INTO event_stream.source_epoch AS known (service, epoch) VALUES (%s, 2)
    ON CONFLICT (service) DO UPDATE SET epoch = known.epoch + 1
RETURNING epoch
"""

# The marks by which a service counts its own events and locks its cases go with it, and with them
# what is parked.
MOVE_MARKS = "UPDATE mark SET source = %s WHERE consumer = %s AND source = %s"


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


def restore(installation: Installation, archive: Path, keyring: Path) -> None:
    """Make a new installation from a backup and its key ring.

    Raises RestoreRefused where `installation` is not new, subprocess.CalledProcessError when the
    archive cannot be read.
    """
    place = installation.folder / "keyring.json"
    if place.exists() or (installation.folder / "postgres").exists():
        raise RestoreRefused
    shutil.copyfile(keyring, place)
    place.chmod(0o600)
    url = installation.owner_url()
    _run("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error",
         "--single-transaction", f"--dbname={url}", str(archive))  # fmt: skip
    with psycopg.connect(url) as connection:
        for service in SERVICES:
            row = connection.execute(NEXT_EPOCH, (service,)).fetchone()
            assert row is not None
            epoch = int(row[0])
            connection.execute(f'SET LOCAL search_path = "{service}"')
            connection.execute(
                MOVE_MARKS, (f"{service}/{epoch}", service, f"{service}/{epoch - 1}")
            )
    installation.migrate(pre=True, post=True)


def _run(program: str, *arguments: str) -> None:
    subprocess.run([str(PROGRAMS / program), *arguments], check=True)
