"""Every query about drafts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from chassis.database import Connection
from chassis.vault import Vault
from services.intake.attachments import store as attachments

# What every query about drafts reads.
_COLUMNS = """
SELECT draft_id, authority, organisation_id, client_id, version, created_at, updated_at,
       expires_at, submitting_until, content, holder
  FROM draft
"""

# Begin a draft.
ADD = """
INSERT INTO draft (draft_id, authority, organisation_id, client_id, version, created_at,
                   updated_at, expires_at, content, holder)
VALUES ($1, $2, $3, $4, 1, $5, $5, $6, $7, $8)
"""

# One draft that a client holds.
READ = f"{_COLUMNS} WHERE draft_id = $1 AND organisation_id = $2 AND client_id = $3"

# The same, held until the transaction ends.
LOCK = f"{READ} FOR UPDATE"

# The drafts that a client holds, those changed last first.
LIST = f"""
{_COLUMNS}
 WHERE organisation_id = $1 AND client_id = $2
 ORDER BY updated_at DESC, draft_id
 LIMIT 200
"""

# Write a draft as it is now.
SAVE = """
UPDATE draft
   SET authority = $2, client_id = $3, version = $4, updated_at = $5, expires_at = $6,
       content = $7, holder = $8
 WHERE draft_id = $1
"""

# Hold a draft while it is submitted, so that nobody changes what is being sent.
HOLD = "UPDATE draft SET submitting_until = $2 WHERE draft_id = $1"

# Forget drafts: thrown away, or become referrals.
FORGET = "DELETE FROM draft WHERE draft_id = ANY ($1)"

# Drafts whose time has passed and that nobody is submitting.
EXPIRED = """
SELECT draft_id, authority FROM draft
 WHERE expires_at <= $1 AND (submitting_until IS NULL OR submitting_until <= $1)
 ORDER BY draft_id
 LIMIT 500
   FOR UPDATE SKIP LOCKED
"""

# Whether a client, or a person who signs in, belongs to an organisation and may still come in.
SAME_ORGANISATION = """
SELECT EXISTS (SELECT FROM client
                WHERE client_id = $1 AND organisation_id = $2 AND disabled_at IS NULL)
    OR EXISTS (SELECT FROM staff
                WHERE username = $1 AND organisation_id = $2 AND disabled_at IS NULL)
"""

# Who holds a draft: an organisation, and its client or person.
HOLDER = "SELECT organisation_id, client_id FROM draft WHERE draft_id = $1"


@dataclass(frozen=True, slots=True)
class Draft:
    """A form that is not sent yet. `content` is JSON as it was posted; `holder` is who works on it,
    in the organisation's own words. Both are personal: never log them."""

    draft_id: UUID
    authority: str
    organisation_id: UUID
    client_id: str
    version: int
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    content: str
    holder: str | None = None
    submitting_until: datetime | None = None


class DraftStore:
    """Drafts, each sealed with its own key: the one that its referral will have."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def add(self, connection: Connection, draft: Draft) -> None:
        """Begin a draft."""
        content, holder = await self._sealed(connection, draft)
        await connection.execute(
            ADD,
            draft.draft_id,
            draft.authority,
            draft.organisation_id,
            draft.client_id,
            draft.created_at,
            draft.expires_at,
            content,
            holder,
        )

    async def read(
        self,
        connection: Connection,
        draft_id: UUID,
        organisation_id: UUID,
        client_id: str,
        *,
        lock: bool = False,
    ) -> Draft | None:
        """A draft that this client holds."""
        row = await connection.fetchrow(
            LOCK if lock else READ, draft_id, organisation_id, client_id
        )
        found = await self._opened(connection, [row] if row else [])
        return found[0] if found else None

    async def held(
        self, connection: Connection, organisation_id: UUID, client_id: str
    ) -> list[Draft]:
        """What a client holds, those changed last first."""
        rows = await connection.fetch(LIST, organisation_id, client_id)
        return await self._opened(connection, rows)

    async def save(self, connection: Connection, draft: Draft) -> None:
        """Write a draft as it is now."""
        content, holder = await self._sealed(connection, draft)
        await connection.execute(
            SAVE,
            draft.draft_id,
            draft.authority,
            draft.client_id,
            draft.version,
            draft.updated_at,
            draft.expires_at,
            content,
            holder,
        )

    async def hold(self, connection: Connection, draft_id: UUID, until: datetime | None) -> None:
        """Hold a draft while it is submitted, or let go of it."""
        await connection.execute(HOLD, draft_id, until)

    async def throw_away(
        self, connection: Connection, draft_ids: Sequence[UUID], now: datetime
    ) -> None:
        """Forget drafts for good: their words can't be read any more."""
        await forget(connection, draft_ids)
        await attachments.forget(connection, draft_ids)
        await self._vault.destroy(connection, draft_ids, now)

    async def files(self, connection: Connection, draft_id: UUID) -> list[UUID]:
        """The files beside a draft."""
        found = await attachments.listed(connection, self._vault, draft_id)
        return [one["attachment_id"] for one in found]

    async def expired(self, connection: Connection, now: datetime) -> list[tuple[UUID, str]]:
        """(draft, authority) of those whose time has passed."""
        return [(row["draft_id"], row["authority"]) for row in await connection.fetch(EXPIRED, now)]

    async def holder(self, connection: Connection, draft_id: UUID) -> tuple[UUID, str] | None:
        """Who holds a draft: an organisation's id, and the name of its client or person."""
        row = await connection.fetchrow(HOLDER, draft_id)
        return (row[0], row[1]) if row else None

    async def same_organisation(
        self, connection: Connection, client_id: str, organisation_id: UUID
    ) -> bool:
        """Whether a client belongs to an organisation."""
        return bool(await connection.fetchval(SAME_ORGANISATION, client_id, organisation_id))

    async def _sealed(self, connection: Connection, draft: Draft) -> tuple[bytes, bytes | None]:
        keys = await self._vault.keys(connection, [draft.draft_id], create=True)
        key = keys[draft.draft_id]
        return (
            key.seal(draft.content, "draft/content"),
            key.seal(draft.holder, "draft/holder") if draft.holder else None,
        )

    async def _opened(self, connection: Connection, rows: Sequence[asyncpg.Record]) -> list[Draft]:
        keys = await self._vault.keys(connection, [row["draft_id"] for row in rows], create=False)
        return [
            Draft(
                **{
                    **dict(row),
                    "content": key.open(row["content"], "draft/content"),
                    "holder": key.open(row["holder"], "draft/holder") if row["holder"] else None,
                }
            )
            for row in rows
            if (key := keys.get(row["draft_id"]))
        ]


async def forget(connection: Connection, draft_ids: Sequence[UUID]) -> None:
    """Forget drafts; what became a referral keeps its key."""
    await connection.execute(FORGET, list(draft_ids))
