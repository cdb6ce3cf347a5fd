"""Every query about links that are mailed."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from services.notifications.form_links.domain import FormLink, LinkState

# Let one form, and one address, be counted by one at a time. The number is these queries' own.
LOCK = "SELECT pg_advisory_xact_lock(7301562)"

# How many were asked for since a time, of one form and to one address.
COUNT = """
SELECT count(*) FILTER (WHERE form_digest = $1), count(*) FILTER (WHERE address_digest = $2)
  FROM form_link
 WHERE asked_at > $3 AND (form_digest = $1 OR address_digest = $2)
"""

# Intend to mail a link.
ADD = """
INSERT INTO form_link (link_id, authority, until, asked_at, due_at, state, cuts, about,
                       form_digest, address_digest, key_id, sealed_words)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""

# Claim links that may go now, or whose sender's lease has passed: nobody knows whether those went.
CLAIM = """
UPDATE form_link
   SET state = 'sending', claim = $2, due_at = $3,
       cuts = cuts + (state = 'sending')::integer
 WHERE link_id IN (SELECT link_id
                     FROM form_link
                    WHERE state IN ('queued', 'sending') AND due_at <= $1
                    ORDER BY due_at
                    LIMIT $4
                      FOR UPDATE SKIP LOCKED)
RETURNING link_id, authority, until, asked_at, due_at, state, cuts, about, reason, key_id,
          sealed_words
"""

# Write what became of a link, unless another sender has claimed it; over, its words go.
RECORD = """
UPDATE form_link
   SET state = $3, cuts = $4, due_at = $5, reason = $6, claim = NULL,
       key_id = CASE WHEN $7 THEN NULL ELSE key_id END,
       sealed_words = CASE WHEN $7 THEN NULL ELSE sealed_words END
 WHERE link_id = $1 AND claim = $2
"""

# Forget what ended, once it need not be counted any more.
TIDY = "DELETE FROM form_link WHERE asked_at < $1 AND state NOT IN ('queued', 'sending')"


async def counted(
    connection: Connection, form_digest: bytes, address_digest: bytes, since: datetime
) -> tuple[int, int]:
    """How many were asked for since a time, of a form and to an address. Whoever asks at the same
    time waits."""
    await connection.execute(LOCK)
    row = await connection.fetchrow(COUNT, form_digest, address_digest, since)
    return (row[0], row[1]) if row else (0, 0)


async def add(
    connection: Connection, link: FormLink, digests: tuple[bytes, bytes], sealed: tuple[str, bytes]
) -> None:
    """Intend to mail a link. `digests` are those of the form and of the address; `sealed` are the
    words, with the name of the key that seals them."""
    await connection.execute(
        ADD, link.link_id, link.authority, link.until, link.asked_at, link.due_at, link.state,
        link.cuts, link.about, *digests, *sealed,
    )  # fmt: skip


async def claim(
    connection: Connection, now: datetime, token: UUID, until: datetime, most: int
) -> list[tuple[FormLink, tuple[str, bytes]]]:
    """Links to be mailed by whoever holds `token`, until a time, each with its sealed words."""
    return [
        (
            FormLink(
                link_id=row["link_id"],
                authority=row["authority"],
                until=row["until"],
                asked_at=row["asked_at"],
                due_at=row["due_at"],
                state=LinkState(row["state"]),
                cuts=row["cuts"],
                about=row["about"],
                reason=row["reason"],
            ),
            (row["key_id"], row["sealed_words"]),
        )
        for row in await connection.fetch(CLAIM, now, token, until, most)
    ]


async def record(connection: Connection, link: FormLink, token: UUID) -> None:
    """Write what became of a link that `token` holds."""
    await connection.execute(
        RECORD, link.link_id, token, link.state, link.cuts, link.due_at, link.reason,
        link.state.is_over,
    )  # fmt: skip


async def tidy(connection: Connection, before: datetime) -> None:
    """Forget what was asked for before a time and is over."""
    await connection.execute(TIDY, before)
