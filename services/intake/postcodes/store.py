"""Every query about postcodes."""

from collections.abc import Sequence

from chassis.database import Connection

# The wards of some postcodes.
READ = "SELECT postcode, ward FROM postcode WHERE postcode = ANY ($1)"

# Take over what has arrived; the newest directory is right.
TAKE_OVER = """
INSERT INTO postcode (postcode, ward, district, ended)
SELECT DISTINCT ON (postcode) postcode, ward, district, ended FROM postcode_arriving
 ORDER BY postcode, ended
    ON CONFLICT (postcode) DO UPDATE
   SET ward = excluded.ward, district = excluded.district, ended = excluded.ended
"""

# What has been taken over.
CLEAR = "DELETE FROM postcode_arriving"

# How far an import of this file came.
READ_RUN = "SELECT rows FROM postcode_run WHERE fingerprint = $1"

# Write how far it came.
SAVE_RUN = """
INSERT INTO postcode_run (fingerprint, rows) VALUES ($1, $2)
    ON CONFLICT (fingerprint) DO UPDATE SET rows = excluded.rows
"""

Line = tuple[str, str | None, str | None, bool]
"""Postcode, ward, district, whether it is no longer used."""


async def wards(connection: Connection, postcodes: Sequence[str]) -> dict[str, str]:
    """The ward of each postcode that is known and lies in one."""
    rows = await connection.fetch(READ, list(postcodes))
    return {row["postcode"]: row["ward"] for row in rows if row["ward"]}


async def rows_done(connection: Connection, fingerprint: bytes) -> int:
    """How many rows of a file were taken."""
    return int(await connection.fetchval(READ_RUN, fingerprint) or 0)


async def take(
    connection: Connection, fingerprint: bytes, lines: Sequence[Line], rows: int
) -> None:
    """Take lines, and write that the file came as far as `rows`."""
    await connection.copy_records_to_table(
        "postcode_arriving", records=lines, columns=["postcode", "ward", "district", "ended"]
    )
    await connection.execute(TAKE_OVER)
    await connection.execute(CLEAR)
    await connection.execute(SAVE_RUN, fingerprint, rows)
