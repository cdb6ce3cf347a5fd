"""Every query about how long referrals are kept."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import asyncpg

from chassis.database import Connection
from chassis.restriction import Seer, hidden, parameters
from contracts.codes import DestroyedBecause, HeldBecause, LegalStatus
from services.intake.retaining.domain import Hold, Keeping, Proposal

COLUMNS = """
    referral_id, authority, keep_until, held_because, held_by, held_at, proposed_because,
    legal_status, proposed_by, proposed_at, confirmed_by
"""

# Ask that it be worked out how long referrals are kept.
ASK = """
INSERT INTO to_retain (referral_id, authority)
SELECT * FROM unnest($1::uuid[], $2::text[])
    ON CONFLICT DO NOTHING
"""

# Ask it anew for what was worked out by another version of an authority's pack.
ASK_AGAIN = """
INSERT INTO to_retain (referral_id, authority)
SELECT referral_id, authority FROM retention
 WHERE authority = $1 AND pack_version <> $2 AND keep_until IS NOT NULL
    ON CONFLICT DO NOTHING
"""

# Take some of what is asked for, unless another process has them.
TAKE = """
DELETE FROM to_retain
 WHERE referral_id IN (SELECT referral_id FROM to_retain
                        WHERE authority = ANY ($1) LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING referral_id
"""

# Write until when referrals are kept.
NOTE = """
INSERT INTO retention (referral_id, authority, keep_until, pack_version)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::date[], $4::text[])
    ON CONFLICT (referral_id) DO UPDATE
   SET keep_until = excluded.keep_until, pack_version = excluded.pack_version
"""

# Begin to keep one of which nothing was worked out yet.
BEGIN = """
INSERT INTO retention (referral_id, authority) VALUES ($1, $2) ON CONFLICT DO NOTHING
"""

# How one referral is kept, held by this transaction.
LOCK = f"SELECT {COLUMNS} FROM retention WHERE referral_id = $1 FOR UPDATE"

# How one referral is kept.
READ = f"SELECT {COLUMNS} FROM retention WHERE referral_id = $1"

# Write how one referral is kept from now on.
WRITE = """
UPDATE retention
   SET held_because = $2, held_by = $3, held_at = $4, proposed_because = $5, legal_status = $6,
       proposed_by = $7, proposed_at = $8, confirmed_by = $9
 WHERE referral_id = $1
"""

# A page of what need not be kept any longer, after a place in it.
DUE = f"""
SELECT {COLUMNS}, reference
  FROM retention JOIN referral USING (referral_id, authority)
 WHERE authority = ANY ($1) AND keep_until <= $2 AND (keep_until, referral_id) > ($3, $4)
   AND NOT {hidden("retention.referral_id", 6)}
 ORDER BY keep_until, referral_id
 LIMIT $5
"""

# What two people have decided to destroy and is still there.
CONFIRMED = f"SELECT {COLUMNS} FROM retention WHERE confirmed_by IS NOT NULL LIMIT 100"


async def ask(connection: Connection, referrals: Sequence[tuple[UUID, str]]) -> None:
    """Ask for (referral, authority)."""
    if referrals:
        await connection.execute(ASK, [one[0] for one in referrals], [one[1] for one in referrals])


async def ask_again(connection: Connection, authority: str, pack_version: str) -> None:
    """Ask for all that another version of the authority's pack worked out."""
    await connection.execute(ASK_AGAIN, authority, pack_version)


async def take(connection: Connection, authorities: Sequence[str], most: int) -> list[UUID]:
    """Some of what is asked for; it is done when this transaction is."""
    return [row["referral_id"] for row in await connection.fetch(TAKE, list(authorities), most)]


async def note(connection: Connection, worked_out: Sequence[tuple[UUID, str, date, str]]) -> None:
    """Write (referral, authority, keep until, version of the pack)."""
    if worked_out:
        await connection.execute(NOTE, *(list(one) for one in zip(*worked_out, strict=True)))


async def lock(connection: Connection, referral_id: UUID, authority: str) -> Keeping:
    """How a referral is kept, for this transaction to change."""
    await connection.execute(BEGIN, referral_id, authority)
    row = await connection.fetchrow(LOCK, referral_id)
    assert row is not None
    return _keeping(row)


async def read(connection: Connection, referral_id: UUID, authority: str) -> Keeping:
    """How a referral is kept."""
    row = await connection.fetchrow(READ, referral_id)
    return _keeping(row) if row else Keeping(referral_id, authority, None)


async def write(connection: Connection, keeping: Keeping) -> None:
    """Change how a referral is kept."""
    hold, proposal = keeping.hold, keeping.proposal
    await connection.execute(
        WRITE,
        keeping.referral_id,
        *((hold.because, hold.staff_id, hold.at) if hold else (None, None, None)),
        *(
            (proposal.because, proposal.legal_status, proposal.staff_id, proposal.at)
            if proposal
            else (None, None, None, None)
        ),
        keeping.confirmed_by,
    )


async def due(
    connection: Connection,
    authorities: Sequence[str],
    today: date,
    after: tuple[date, UUID],
    limit: int,
    seer: Seer,
) -> list[tuple[Keeping, str]]:
    """At most `limit` referrals, each with its reference, that need not be kept on `today`."""
    rows = await connection.fetch(DUE, list(authorities), today, *after, limit, *parameters(seer))
    return [(_keeping(row), row["reference"]) for row in rows]


async def confirmed(connection: Connection) -> list[Keeping]:
    """Some of those that two people have decided to destroy."""
    return [_keeping(row) for row in await connection.fetch(CONFIRMED)]


def _keeping(row: asyncpg.Record) -> Keeping:
    return Keeping(
        referral_id=row["referral_id"],
        authority=row["authority"],
        keep_until=row["keep_until"],
        hold=(
            Hold(HeldBecause(row["held_because"]), row["held_by"], row["held_at"])
            if row["held_because"]
            else None
        ),
        proposal=(
            Proposal(
                DestroyedBecause(row["proposed_because"]),
                LegalStatus(row["legal_status"]),
                row["proposed_by"],
                row["proposed_at"],
            )
            if row["proposed_because"]
            else None
        ),
        confirmed_by=row["confirmed_by"],
    )
