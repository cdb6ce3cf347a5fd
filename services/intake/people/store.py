"""Every query about people: their records, found by keyed digests, and what was found."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from chassis.database import Connection
from chassis.vault import DataKey, Vault
from services.intake.people.matches import Match, Role
from services.intake.people.records import Record, opened, sealed_form

MOST_TRIES = 5

# Ask that the people of new referrals be looked up.
ASK = """
INSERT INTO to_look_up (referral_id, authority, received_at, historic)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::boolean[])
    ON CONFLICT DO NOTHING
"""

# Ask again, once something else is known of people who can be found already.
ASK_AGAIN = """
INSERT INTO to_look_up (referral_id, authority, received_at, indexed)
SELECT referral_id, authority, received_at, true FROM referral WHERE referral_id = ANY ($1)
    ON CONFLICT DO NOTHING
"""

# The next referrals whose people are to be looked up: what somebody has to decide before what an
# earlier system held, which may be a hundred thousand; those that gave trouble last.
NEXT = """
SELECT referral_id FROM to_look_up
 WHERE tries < $1 AND authority = ANY ($2)
 ORDER BY tries, historic, received_at
 LIMIT $3
"""

# How many wait, and since when the first: of new referrals, of an imported history, and of those
# that gave trouble so often that they are not tried any more. Who is looked up again, months after,
# has not waited since their referral was received.
WAITING = """
SELECT CASE WHEN tries >= $1 THEN 'given_up' WHEN historic THEN 'history' ELSE 'new' END AS of,
       count(*)::integer, min(received_at) FILTER (WHERE NOT indexed OR tries > 0) AS since
  FROM to_look_up
 GROUP BY 1
"""

# Take one of them, unless another process has it.
TAKE = """
SELECT authority, received_at, indexed FROM to_look_up
 WHERE referral_id = $1
   FOR UPDATE SKIP LOCKED
"""

# Its people can be found from now on.
INDEXED = "UPDATE to_look_up SET indexed = true WHERE referral_id = $1"

# Its people were looked up.
LOOKED_UP = "DELETE FROM to_look_up WHERE referral_id = $1"

# It gave trouble.
TRIED = "UPDATE to_look_up SET tries = tries + 1 WHERE referral_id = $1"

# Whether the people of a referral are still to be looked up.
WAITS = "SELECT EXISTS (SELECT FROM to_look_up WHERE referral_id = $1)"

# Whom of a referral one finds already.
THERE = "SELECT person_id FROM person WHERE referral_id = $1"

# Keep people; those who are kept already stay.
ADD = """
INSERT INTO person (person_id, authority, referral_id, role, received_at, blocks, sealed)
VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT DO NOTHING
"""

# Count names, in the order in which everybody does.
COUNT = """
INSERT INTO name_count AS known (authority, field, digest, people)
SELECT $1, field, digest, count(*)
  FROM unnest($2::text[], $3::bigint[]) AS new (field, digest)
 GROUP BY field, digest
 ORDER BY field, digest
    ON CONFLICT (authority, field, digest) DO UPDATE SET people = known.people + excluded.people
"""

# How many people have some names.
COUNTS = """
SELECT field, digest, people
  FROM name_count
  JOIN unnest($2::text[], $3::bigint[]) AS asked (field, digest) USING (field, digest)
 WHERE authority = $1
"""

# People of an authority's other referrals who share a key, the newest of them, each with the key
# that opens the record. Who was erased has none.
CANDIDATES = """
SELECT found.*, key_id, wrapped
  FROM (SELECT person_id, referral_id, role, received_at, sealed
          FROM person
         WHERE blocks && $1::bigint[] AND authority = $2 AND referral_id <> $3
         ORDER BY received_at DESC, person_id
         LIMIT $4) AS found
  JOIN vault_key USING (referral_id)
 WHERE wrapped IS NOT NULL
"""

# The people of some referrals.
OF_REFERRALS = """
SELECT person_id, referral_id, role, received_at, sealed
  FROM person
 WHERE referral_id = ANY ($1) AND authority = ANY ($2)
 ORDER BY received_at, person_id
"""

# Write where matches are kept.
NOTE = """
INSERT INTO match (referral_id, person_id, other_person_id, authority, other_referral_id, state)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::text[])
    ON CONFLICT (referral_id, person_id, other_person_id) DO UPDATE SET state = excluded.state
 WHERE match.state <> excluded.state
"""

# Matches that are kept no more.
FORGET = """
DELETE FROM match
 USING unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS gone (referral_id, person_id, other_person_id)
 WHERE match.referral_id = gone.referral_id
   AND match.person_id = gone.person_id
   AND match.other_person_id = gone.other_person_id
"""

# Later referrals that keep a match with this one.
KEPT_ELSEWHERE = """
SELECT DISTINCT referral_id FROM match WHERE other_referral_id = $1 AND authority = ANY ($2)
"""


async def ask_for_look_ups(
    connection: Connection, referrals: Sequence[tuple[UUID, str, datetime, bool]]
) -> None:
    """Queue new referrals (id, authority, received at, whether an earlier system held it)."""
    if referrals:
        await connection.execute(ASK, *(list(column) for column in zip(*referrals, strict=True)))


async def ask_again(connection: Connection, referrals: Sequence[UUID]) -> None:
    """Have the people of referrals looked up again."""
    await connection.execute(ASK_AGAIN, list(referrals))


async def note_matches(connection: Connection, matches: Sequence[tuple[str, UUID, Match]]) -> None:
    """Note (authority, referral, match), so that the other referral finds them."""
    if matches:
        await connection.execute(
            NOTE,
            [referral_id for _, referral_id, _ in matches],
            [match.person_id for _, _, match in matches],
            [match.other_person_id for _, _, match in matches],
            [authority for authority, _, _ in matches],
            [match.other_referral_id for _, _, match in matches],
            [match.state for _, _, match in matches],
        )


async def forget_matches(connection: Connection, gone: Sequence[tuple[UUID, UUID, UUID]]) -> None:
    """Forget (referral, person, other person)."""
    if gone:
        await connection.execute(FORGET, *(list(column) for column in zip(*gone, strict=True)))


class PeopleStore:
    """People sealed with their referral's key, and the queue of look-ups."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def next(
        self, connection: Connection, authorities: Sequence[str], most: int
    ) -> list[UUID]:
        """Referrals of these authorities whose people are to be looked up, in this order."""
        rows = await connection.fetch(NEXT, MOST_TRIES, list(authorities), most)
        return [row["referral_id"] for row in rows]

    async def waiting(
        self, connection: Connection, now: datetime
    ) -> Mapping[str, tuple[int, datetime]]:
        """How many wait to be looked up, and since when the first: `new`, `history` and
        `given_up`."""
        rows = await connection.fetch(WAITING, MOST_TRIES)
        found = {row["of"]: (row["count"], row["since"] or now) for row in rows}
        return {of: found.get(of, (0, now)) for of in ("new", "history", "given_up")}

    async def take(
        self, connection: Connection, referral_id: UUID
    ) -> tuple[str, datetime, bool] | None:
        """(authority, received at, whether its people can be found), held by this transaction;
        None when it is done, or somebody else does it."""
        row = await connection.fetchrow(TAKE, referral_id)
        return (row["authority"], row["received_at"], row["indexed"]) if row else None

    async def looked_up(self, connection: Connection, referral_id: UUID) -> None:
        await connection.execute(LOOKED_UP, referral_id)

    async def tried(self, connection: Connection, referral_id: UUID) -> None:
        await connection.execute(TRIED, referral_id)

    async def waits(self, connection: Connection, referral_id: UUID) -> bool:
        """Whether its look-up is still to come."""
        return bool(await connection.fetchval(WAITS, referral_id))

    async def there(self, connection: Connection, referral_id: UUID) -> set[UUID]:
        """The people of a referral who can be found already."""
        return {row["person_id"] for row in await connection.fetch(THERE, referral_id)}

    async def add(
        self,
        connection: Connection,
        authority: str,
        referral_id: UUID,
        people: Sequence[tuple[Record, Sequence[int]]],
        names: Sequence[tuple[str, int]],
    ) -> None:
        """Keep the people of a referral, each with the digests of its keys, and count their
        (field, digest) names. A referral that was erased gets nobody."""
        keys = await self._vault.keys(connection, [referral_id], create=False)
        if referral_id in keys and people:
            await connection.executemany(
                ADD,
                [
                    (
                        record.person_id,
                        authority,
                        referral_id,
                        record.role,
                        record.received_at,
                        list(blocks),
                        keys[referral_id].seal(
                            sealed_form(record.person), _field(record.person_id)
                        ),
                    )
                    for record, blocks in people
                ],
            )
            await connection.execute(
                COUNT, authority, [field for field, _ in names], [digest for _, digest in names]
            )
        await connection.execute(INDEXED, referral_id)

    async def counts(
        self, connection: Connection, authority: str, names: Sequence[tuple[str, int]]
    ) -> Mapping[tuple[str, int], int]:
        """How many people have each (field, digest)."""
        rows = await connection.fetch(
            COUNTS, authority, [field for field, _ in names], [digest for _, digest in names]
        )
        return {(row["field"], row["digest"]): row["people"] for row in rows}

    async def candidates(
        self,
        connection: Connection,
        authority: str,
        referral_id: UUID,
        blocks: Sequence[int],
        most: int,
    ) -> list[Record]:
        """People of other referrals who share one of the keys, opened; at most `most`."""
        rows = await connection.fetch(CANDIDATES, list(blocks), authority, referral_id, most)
        return [
            _record(row, self._vault.unwrapped(row["referral_id"], row["key_id"], row["wrapped"]))
            for row in rows
        ]

    async def people_of(
        self, connection: Connection, referral_ids: Sequence[UUID], authorities: Sequence[str]
    ) -> list[Record]:
        """The people of some referrals of these authorities, opened."""
        rows = await connection.fetch(OF_REFERRALS, list(referral_ids), list(authorities))
        return await self._opened(connection, rows)

    async def kept_elsewhere(
        self, connection: Connection, referral_id: UUID, authorities: Sequence[str]
    ) -> list[UUID]:
        """Later referrals in whose cases matches with this one are kept."""
        rows = await connection.fetch(KEPT_ELSEWHERE, referral_id, list(authorities))
        return [row["referral_id"] for row in rows]

    async def _opened(self, connection: Connection, rows: Sequence[asyncpg.Record]) -> list[Record]:
        if not rows:
            return []
        keys = await self._vault.keys(
            connection, list({row["referral_id"] for row in rows}), create=False
        )
        return [
            _record(row, keys[row["referral_id"]]) for row in rows if row["referral_id"] in keys
        ]


def _record(row: asyncpg.Record, key: DataKey) -> Record:
    return Record(
        row["person_id"],
        row["referral_id"],
        Role(row["role"]),
        row["received_at"],
        opened(key.open(row["sealed"], _field(row["person_id"]))),
    )


def _field(person_id: UUID) -> str:
    return f"{person_id}/person"
