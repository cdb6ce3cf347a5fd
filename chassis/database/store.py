"""The query about a database's own state."""

from collections import defaultdict

from chassis.database.pool import Connection

# Which `pre` revisions were applied, in the log's schema and in the service's own, where the
# chassis's tables stand beside its own.
REVISIONS = """
SELECT 'event_stream' AS part, version_num FROM event_stream.migration_service_pre
 UNION ALL SELECT 'chassis', version_num FROM migration_chassis_pre
 UNION ALL SELECT 'service', version_num FROM migration_service_pre
"""


async def revisions(connection: Connection) -> dict[str, frozenset[str]]:
    """The revisions of each part of the schema. Raises asyncpg.UndefinedTableError where it was
    never made."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in await connection.fetch(REVISIONS):
        found[row["part"]].add(row["version_num"])
    return {part: frozenset(names) for part, names in found.items()}
