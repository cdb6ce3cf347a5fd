"""Every query about imports."""

from dataclasses import dataclass
from datetime import datetime

from chassis.database import Connection

# How far an import of this file came.
READ = """
SELECT rows, taken, repeated, refused FROM import_run
 WHERE fingerprint = $1 AND authority = $2 AND client_id = $3 AND historic = $4
"""

# Write how far it came.
SAVE = """
INSERT INTO import_run (fingerprint, authority, client_id, historic, rows, taken, repeated, refused,
                        begun_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
    ON CONFLICT (fingerprint, authority, client_id, historic) DO UPDATE
   SET rows = excluded.rows, taken = excluded.taken, repeated = excluded.repeated,
       refused = excluded.refused, updated_at = excluded.updated_at
"""


@dataclass(frozen=True, slots=True)
class Run:
    """Which import of which file: by its hash, for whom, into whose front door."""

    fingerprint: bytes
    authority: str
    client_id: str
    historic: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How many rows were looked at, and what became of them."""

    rows: int = 0
    taken: int = 0
    repeated: int = 0
    refused: int = 0


async def read(connection: Connection, run: Run) -> Progress:
    """How far it came; nowhere, for a new one."""
    row = await connection.fetchrow(
        READ, run.fingerprint, run.authority, run.client_id, run.historic
    )
    return Progress(**dict(row)) if row else Progress()


async def save(connection: Connection, run: Run, progress: Progress, now: datetime) -> None:
    """Write how far it came."""
    await connection.execute(
        SAVE,
        run.fingerprint,
        run.authority,
        run.client_id,
        run.historic,
        progress.rows,
        progress.taken,
        progress.repeated,
        progress.refused,
        now,
    )
