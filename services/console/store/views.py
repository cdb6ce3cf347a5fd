"""Filters that somebody gave a name. They are the person's own, and no event tells of them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection

MOST = 20

# Keep a view, or give the one of that name other filters. Nothing is kept beyond the most that one
# person may have.
SAVE = """
INSERT INTO saved_view (view_id, authority, staff_id, name, query, saved_at)
SELECT $1, $2, $3, $4, $5, $6
 WHERE (SELECT count(*) FROM saved_view WHERE staff_id = $3 AND name <> $4) < $7
    ON CONFLICT (staff_id, name) DO UPDATE
   SET query = excluded.query, saved_at = excluded.saved_at
RETURNING view_id
"""

# The views of one person, by name.
LIST = """
SELECT view_id, name, query FROM saved_view
 WHERE staff_id = $1 AND authority = ANY ($2)
 ORDER BY name
"""

# Forget a view of one's own.
REMOVE = "DELETE FROM saved_view WHERE view_id = $1 AND staff_id = $2"


@dataclass(frozen=True, slots=True)
class SavedView:
    """A name for some filters. `query` is what stands in the address of the queue."""

    view_id: UUID
    name: str
    query: str


async def save_view(
    connection: Connection,
    view: SavedView,
    *,
    authority: str,
    staff_id: UUID,
    now: datetime,
) -> bool:
    """Keep a view. Whether there was room for it."""
    kept = await connection.fetchval(
        SAVE, view.view_id, authority, staff_id, view.name, view.query, now, MOST
    )
    return kept is not None


async def views_of(
    connection: Connection, staff_id: UUID, authorities: list[str]
) -> list[SavedView]:
    """Somebody's views, by name."""
    return [SavedView(*row) for row in await connection.fetch(LIST, staff_id, authorities)]


async def remove_view(connection: Connection, view_id: UUID, staff_id: UUID) -> None:
    """Forget a view of one's own."""
    await connection.execute(REMOVE, view_id, staff_id)
