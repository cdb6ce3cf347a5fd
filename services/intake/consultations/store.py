"""Every query about consultations."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from chassis.database import Connection
from chassis.vault import Vault
from services.intake.consultations.domain import Consultation, State

# What every query about questions reads.
_COLUMNS = """
SELECT consultation_id, authority, organisation_id, client_id, asked_at, due_at, explanation,
       pack_version, state, concerns, refer, clauses, answered_at, answered_by, answer_clauses,
       answer_refer, draft_id, overdue_at, answer_services, help_ask_at, help_answer,
       help_said_at
  FROM consultation
"""

# Keep a question.
ADD = """
INSERT INTO consultation (consultation_id, authority, organisation_id, client_id, asked_at, due_at,
                          explanation, pack_version, state, concerns, refer, clauses)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""

# Keep words about a question, sealed with its own key.
ADD_WORDS = """
INSERT INTO consultation_words (consultation_id, kind, sealed) VALUES ($1, $2, $3)
"""

# One question of an organisation, held until the transaction ends.
LOCK_OWN = f"{_COLUMNS} WHERE consultation_id = $1 AND organisation_id = $2 FOR UPDATE"

# One question of an organisation.
READ_OWN = f"{_COLUMNS} WHERE consultation_id = $1 AND organisation_id = $2"

# One question for staff of some authorities.
READ_FOR_STAFF = f"{_COLUMNS} WHERE consultation_id = $1 AND authority = ANY ($2)"

# One question for staff of some authorities, held until the transaction ends.
LOCK_FOR_STAFF = f"{_COLUMNS} WHERE consultation_id = $1 AND authority = ANY ($2) FOR UPDATE"

# An organisation's questions, the newest first.
LIST_OWN = f"""
{_COLUMNS}
 WHERE organisation_id = $1 AND (asked_at, consultation_id) < ($2, $3)
 ORDER BY asked_at DESC, consultation_id DESC
 LIMIT $4
"""

# Questions of some authorities in one state, what is due first.
LIST_FOR_STAFF = f"""
{_COLUMNS}
 WHERE authority = ANY ($1) AND state = $2 AND (due_at, consultation_id) > ($3, $4)
 ORDER BY due_at, consultation_id
 LIMIT $5
"""

# What was answered or referred, and said of the help.
SAVE = """
UPDATE consultation
   SET state = $2, answered_at = $3, answered_by = $4, answer_clauses = $5, answer_refer = $6,
       draft_id = $7, answer_services = $8, help_ask_at = $9, help_answer = $10,
       help_said_at = $11
 WHERE consultation_id = $1
"""

# Note, once, what nobody answered in time.
NOTE_OVERDUE = """
UPDATE consultation SET overdue_at = $1
 WHERE state = 'asked' AND overdue_at IS NULL AND due_at <= $1
RETURNING consultation_id, authority
"""

# How many questions nobody answered in time.
COUNT_OVERDUE = "SELECT count(*) FROM consultation WHERE state = 'asked' AND due_at <= $1"

# How many said what of the help that an answer named.
COUNT_HELPED = """
SELECT authority, help_answer AS answer, count(*)::integer AS count
  FROM consultation
 WHERE authority = ANY ($1) AND help_said_at >= $2 AND help_said_at < $3
   AND help_answer IS NOT NULL
 GROUP BY authority, help_answer
"""

# Intend to mail whoever asked.
TO_MAIL = """
INSERT INTO consultation_mail (consultation_id, about, due_at)
SELECT $1, about, due_at FROM unnest($2::text[], $3::timestamptz[]) AS new (about, due_at)
"""

# The next to be mailed, unless another process has it.
NEXT_TO_MAIL = """
SELECT consultation_id, about FROM consultation_mail
 WHERE due_at <= $1
 ORDER BY due_at
 LIMIT 1
   FOR UPDATE SKIP LOCKED
"""

# It was mailed, or need not be.
MAILED = "DELETE FROM consultation_mail WHERE consultation_id = $1 AND about = $2"

# It is mailed later.
MAIL_LATER = """
UPDATE consultation_mail SET due_at = $3 WHERE consultation_id = $1 AND about = $2
"""

# The questions that became some referrals, with their own words.
OF_REFERRALS = f"{_COLUMNS} WHERE referral_id = ANY ($1) ORDER BY asked_at"

# A question, whoever asked it.
READ = f"{_COLUMNS} WHERE consultation_id = $1"

# The words about a question.
READ_WORDS = "SELECT kind, sealed FROM consultation_words WHERE consultation_id = $1"


class ConsultationStore:
    """Questions and what was said about them."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def add(
        self, connection: Connection, asked: Consultation, words: Mapping[str, str]
    ) -> None:
        """Keep a question with its words."""
        await connection.execute(
            ADD,
            asked.consultation_id,
            asked.authority,
            asked.organisation_id,
            asked.client_id,
            asked.asked_at,
            asked.due_at,
            asked.explanation,
            asked.pack_version,
            asked.state,
            list(asked.concerns),
            asked.refer,
            list(asked.clauses),
        )
        await self.add_words(connection, asked.consultation_id, words)

    async def add_words(
        self, connection: Connection, consultation_id: UUID, words: Mapping[str, str]
    ) -> None:
        """Seal words about a question."""
        keys = await self._vault.keys(connection, [consultation_id], create=True)
        for kind, text in words.items():
            sealed = keys[consultation_id].seal(text, f"consultation/{kind}")
            await connection.execute(ADD_WORDS, consultation_id, kind, sealed)

    async def words(self, connection: Connection, consultation_id: UUID) -> dict[str, str]:
        """What was written, by its kind."""
        keys = await self._vault.keys(connection, [consultation_id], create=False)
        key = keys.get(consultation_id)
        rows = await connection.fetch(READ_WORDS, consultation_id) if key else []
        return {
            row["kind"]: key.open(row["sealed"], f"consultation/{row['kind']}")
            for row in rows
            if key
        }

    async def own(
        self,
        connection: Connection,
        consultation_id: UUID,
        organisation_id: UUID,
        *,
        lock: bool = False,
    ) -> Consultation | None:
        """A question that this organisation asked."""
        row = await connection.fetchrow(
            LOCK_OWN if lock else READ_OWN, consultation_id, organisation_id
        )
        return _consultation(row) if row else None

    async def for_staff(
        self,
        connection: Connection,
        consultation_id: UUID,
        authorities: Sequence[str],
        *,
        lock: bool = False,
    ) -> Consultation | None:
        """A question to one of these authorities."""
        row = await connection.fetchrow(
            LOCK_FOR_STAFF if lock else READ_FOR_STAFF, consultation_id, list(authorities)
        )
        return _consultation(row) if row else None

    async def one(self, connection: Connection, consultation_id: UUID) -> Consultation | None:
        """A question, whoever asked it: for whoever holds its link."""
        row = await connection.fetchrow(READ, consultation_id)
        return _consultation(row) if row else None

    async def to_mail(
        self, connection: Connection, consultation_id: UUID, mails: Sequence[tuple[str, datetime]]
    ) -> None:
        """Intend to mail whoever asked: (about, from when)."""
        abouts, times = [about for about, _ in mails], [due_at for _, due_at in mails]
        await connection.execute(TO_MAIL, consultation_id, abouts, times)

    async def next_to_mail(self, connection: Connection, now: datetime) -> tuple[UUID, str] | None:
        """(question, about) of the next to be mailed, held by this transaction."""
        row = await connection.fetchrow(NEXT_TO_MAIL, now)
        return (row["consultation_id"], row["about"]) if row else None

    async def mailed(self, connection: Connection, consultation_id: UUID, about: str) -> None:
        """It was mailed, or need not be."""
        await connection.execute(MAILED, consultation_id, about)

    async def mail_later(
        self, connection: Connection, consultation_id: UUID, about: str, at: datetime
    ) -> None:
        """It is mailed from then."""
        await connection.execute(MAIL_LATER, consultation_id, about, at)

    async def list_own(
        self,
        connection: Connection,
        organisation_id: UUID,
        before: tuple[datetime, UUID],
        limit: int,
    ) -> list[Consultation]:
        """An organisation's questions, the newest first."""
        rows = await connection.fetch(LIST_OWN, organisation_id, *before, limit)
        return [_consultation(row) for row in rows]

    async def list_for_staff(
        self,
        connection: Connection,
        authorities: Sequence[str],
        state: State,
        after: tuple[datetime, UUID],
        limit: int,
    ) -> list[Consultation]:
        """Questions of some authorities, what is due first."""
        rows = await connection.fetch(LIST_FOR_STAFF, list(authorities), state, *after, limit)
        return [_consultation(row) for row in rows]

    async def save(self, connection: Connection, changed: Consultation) -> None:
        """Write what was answered or referred, and said of the help."""
        await connection.execute(
            SAVE,
            changed.consultation_id,
            changed.state,
            changed.answered_at,
            changed.answered_by,
            list(changed.answer_clauses),
            changed.answer_refer,
            changed.draft_id,
            list(changed.answer_services),
            changed.help_ask_at,
            changed.help_answer,
            changed.help_said_at,
        )

    async def helped(
        self,
        connection: Connection,
        authorities: Sequence[str],
        start: datetime,
        end: datetime,
    ) -> list[Mapping[str, Any]]:
        """What was said of help in a period, `end` not included."""
        rows = await connection.fetch(COUNT_HELPED, list(authorities), start, end)
        return [dict(row) for row in rows]

    async def refer(self, connection: Connection, referred: Consultation, draft_id: UUID) -> None:
        """Write that it goes on as a draft, whose referral it is erased with."""
        await self.save(connection, referred)
        await self._vault.go_with(connection, referred.consultation_id, draft_id)

    async def of_referrals(
        self, connection: Connection, referral_ids: Sequence[UUID]
    ) -> dict[UUID, list[tuple[Consultation, dict[str, str]]]]:
        """The questions that became each referral, with their words."""
        found: dict[UUID, list[tuple[Consultation, dict[str, str]]]] = {}
        for row in await connection.fetch(OF_REFERRALS, list(referral_ids)):
            one = _consultation(row)
            words = await self.words(connection, one.consultation_id)
            if one.draft_id is not None:
                found.setdefault(one.draft_id, []).append((one, words))
        return found

    async def note_overdue(self, connection: Connection, now: datetime) -> list[tuple[UUID, str]]:
        """(question, authority) of each that is newly overdue."""
        rows = await connection.fetch(NOTE_OVERDUE, now)
        return [(row["consultation_id"], row["authority"]) for row in rows]

    async def count_overdue(self, connection: Connection, now: datetime) -> int:
        """How many wait past their time."""
        return int(await connection.fetchval(COUNT_OVERDUE, now))


def _consultation(row: asyncpg.Record) -> Consultation:
    found = dict(row)
    found["state"] = State(found["state"])
    for name in ("concerns", "clauses", "answer_clauses", "answer_services"):
        found[name] = tuple(found[name])
    return Consultation(**found)
