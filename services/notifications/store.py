"""Every query of notifications."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from pydantic_core import to_json

from chassis.database import Connection
from chassis.restriction import Seer, hidden, parameters
from chassis.stream.kernel import Saved
from chassis.vault import Vault
from services.notifications.digests import store as digests
from services.notifications.domain import (
    ALERTS,
    Audience,
    Case,
    FamilyTold,
    Kind,
    Message,
    Offer,
    State,
)
from services.notifications.helped import store as helped
from services.notifications.news import store as news

# The cases of some referrals.
LOAD = """
SELECT referral_id, authority, reference, received_at, decided, erased, document::text AS document
  FROM referral
 WHERE referral_id = ANY ($1)
"""

# The messages of some referrals, in the order in which they were queued.
LOAD_MESSAGES = """
SELECT message_id, referral_id, kind, audience, cause, about, details, traceparent, state, attempt,
       cuts, returns, queued_at, due_at, claim, sent_at, reason, channel, delivered_at, told_at,
       told_how, told_by, template
  FROM message
 WHERE referral_id = ANY ($1)
 ORDER BY queued_at, message_id
"""

# Write cases as they are now.
SAVE = """
INSERT INTO referral (referral_id, authority, reference, received_at, decided, erased, document)
SELECT referral_id, authority, reference, received_at, decided, erased, document::jsonb
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::boolean[],
              $6::boolean[], $7::text[])
       AS new (referral_id, authority, reference, received_at, decided, erased, document)
    ON CONFLICT (referral_id) DO UPDATE
   SET decided = excluded.decided, erased = excluded.erased, document = excluded.document
"""

# Add messages. What makes one unique is checked here too, under the domain.
ADD_MESSAGES = """
INSERT INTO message (message_id, referral_id, authority, kind, channel, audience, cause, about,
                     details, traceparent, state, place, attempt, cuts, queued_at, due_at)
SELECT message_id, referral_id, authority, kind, channel, audience, cause, about, details::jsonb,
       traceparent, state, place, 0, 0, queued_at, due_at
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[],
              $8::uuid[], $9::text[], $10::text[], $11::text[], $12::smallint[],
              $13::timestamptz[], $14::timestamptz[])
       AS new (message_id, referral_id, authority, kind, channel, audience, cause, about, details,
               traceparent, state, place, queued_at, due_at)
"""

# Write what became of messages. What was sent stays once it is there.
FOLLOW_MESSAGES = """
UPDATE message
   SET state = new.state, attempt = new.attempt, cuts = new.cuts, due_at = new.due_at,
       claim = new.claim, sent_at = new.sent_at, reason = new.reason,
       rendered = coalesce(new.rendered, message.rendered), delivered_at = new.delivered_at,
       told_at = new.told_at, told_how = new.told_how, told_by = new.told_by, channel = new.channel,
       returns = new.returns, template = new.template
  FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::integer[], $5::timestamptz[],
              $6::uuid[], $7::timestamptz[], $8::text[], $9::bytea[], $10::timestamptz[],
              $11::timestamptz[], $12::text[], $13::uuid[], $14::text[], $15::smallint[],
              $16::text[])
       AS new (message_id, state, attempt, cuts, due_at, claim, sent_at, reason, rendered,
               delivered_at, told_at, told_how, told_by, channel, returns, template)
 WHERE message.message_id = new.message_id
"""

# Forget what was sent about erased referrals.
FORGET = "UPDATE message SET rendered = NULL WHERE referral_id = ANY ($1) AND rendered IS NOT NULL"

# Messages that may be sent now, or whose sender's lease has passed: alerts first.
DUE = """
SELECT message_id, referral_id, authority
  FROM message
 WHERE state IN ('queued', 'uncertain', 'sending') AND due_at <= $1
 ORDER BY place, due_at
 LIMIT $2
"""

# Those of some messages that a sender holds.
CLAIMED = "SELECT message_id FROM message WHERE message_id = ANY ($1) AND claim = $2"

# A page of messages for somebody of these authorities after a place in the list.
PAGE = f"""
SELECT message_id, referral_id, authority, kind, channel, audience, state, attempt, reason,
       queued_at, sent_at, delivered_at, told_at, told_how
  FROM message
 WHERE authority = ANY ($1)
   AND ($2::uuid IS NULL OR referral_id = $2)
   AND (queued_at, message_id) > ($3, $4)
   AND NOT {hidden("message.referral_id", 6)}
 ORDER BY queued_at, message_id
 LIMIT $5
"""

# One message for somebody of these authorities, with what was sent.
READ = f"""
SELECT message_id, referral_id, authority, kind, channel, audience, state, attempt, reason,
       queued_at, sent_at, delivered_at, told_at, told_how, rendered
  FROM message
 WHERE message_id = $1 AND authority = ANY ($2)
   AND NOT {hidden("message.referral_id", 3)}
"""

# How many messages are on their way, by state, and since when.
COUNT_WAITING = """
SELECT state, count(*) AS messages, min(queued_at) AS since
  FROM message
 WHERE state IN ('queued', 'uncertain', 'sending')
 GROUP BY state
"""


@dataclass(frozen=True, slots=True)
class Document:
    """The part of a case that is read and written whole."""

    pack_version: str
    source_agency: str
    children: tuple[UUID, ...]
    restricted: bool
    offers: tuple[Offer, ...]
    family: FamilyTold | None = None


_DOCUMENT = TypeAdapter(Document)
_PARTS = tuple(part.name for part in fields(Document))


class NotificationsStore:
    """Notifications' state (a Store of the kernel), the sender's queue, and what staff read."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    # --- the kernel's ------------------------------------------------------------------------

    async def load(self, connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Case]:
        rows = await connection.fetch(LOAD, list(ids))
        messages: dict[UUID, list[Message]] = {row["referral_id"]: [] for row in rows}
        if rows:
            for row in await connection.fetch(LOAD_MESSAGES, list(messages)):
                messages[row["referral_id"]].append(_message(dict(row)))
        return {row["referral_id"]: _case(dict(row), messages[row["referral_id"]]) for row in rows}

    async def save(self, connection: Connection, changes: Sequence[Saved[Case]]) -> None:
        await self._save_cases(connection, [each for each in changes if _is_new_case(each)])
        added, followed = [], []
        for each in changes:
            before = {
                message.message_id: message
                for message in (each.previous.messages if each.previous else ())
            }
            for message in each.state.messages:
                if message.message_id not in before:
                    added.append((each.state, message))
                elif message is not before[message.message_id]:
                    followed.append((each.state, message))
        await self._add(connection, added)
        # A message can be queued and followed in one batch only when it is withdrawn at once.
        followed += [pair for pair in added if pair[1].state is not State.QUEUED]
        await self._follow(connection, followed)
        told = [
            (each.state, notice)
            for each in changes
            for notice in each.state.notices
            if not each.state.erased
        ]
        await news.add(connection, told)
        await digests.save(connection, [each.state for each in changes])
        await helped.save(connection, [each.state for each in changes])
        erased = [each for each in changes if each.state.erased]
        if erased:
            ids = [each.referral_id for each in erased]
            await connection.execute(FORGET, ids)
            await news.forget(connection, ids)
            await digests.forget(connection, ids)
            await self._vault.destroy(connection, ids, erased[0].now)

    async def _save_cases(self, connection: Connection, changes: Sequence[Saved[Case]]) -> None:
        if not changes:
            return
        rows = [
            (
                case.referral_id,
                case.authority,
                case.reference,
                case.received_at,
                case.decided,
                case.erased,
                _DOCUMENT.dump_json(
                    Document(**{name: getattr(case, name) for name in _PARTS})
                ).decode(),
            )
            for case in (each.state for each in changes)
        ]
        await connection.execute(SAVE, *_columns(rows))

    async def _add(self, connection: Connection, added: Sequence[tuple[Case, Message]]) -> None:
        if not added:
            return
        rows = [
            (
                message.message_id,
                case.referral_id,
                case.authority,
                message.kind,
                message.channel,
                message.audience,
                message.cause,
                message.about,
                to_json(message.details).decode() if message.details is not None else None,
                message.traceparent,
                State.QUEUED,
                0 if message.kind in ALERTS else 1,
                message.queued_at,
                message.due_at,
            )
            for case, message in added
        ]
        await connection.execute(ADD_MESSAGES, *_columns(rows))

    async def _follow(
        self, connection: Connection, followed: Sequence[tuple[Case, Message]]
    ) -> None:
        if not followed:
            return
        sealed = await self._sealed(connection, followed)
        rows = [
            (
                message.message_id,
                message.state,
                message.attempt,
                message.cuts,
                message.due_at,
                message.claim,
                message.sent_at,
                message.reason,
                sealed.get(message.message_id),
                message.delivered_at,
                message.told_at,
                message.told_how,
                message.told_by,
                message.channel,
                message.returns,
                message.template,
            )
            for _, message in sorted(followed, key=lambda pair: pair[1].message_id)
        ]
        await connection.execute(FOLLOW_MESSAGES, *_columns(rows))

    async def _sealed(
        self, connection: Connection, followed: Sequence[tuple[Case, Message]]
    ) -> dict[UUID, bytes]:
        """What was sent, sealed, by message."""
        rendered = [
            (case, message, message.rendered)
            for case, message in followed
            if message.rendered is not None and not case.erased
        ]
        if not rendered:
            return {}
        keys = await self._vault.keys(
            connection, sorted({case.referral_id for case, _, _ in rendered}), create=True
        )
        return {
            message.message_id: keys[case.referral_id].seal(text, _field(message.message_id))
            for case, message, text in rendered
            if case.referral_id in keys
        }

    # --- the sender's ------------------------------------------------------------------------

    async def due(
        self, connection: Connection, now: datetime, limit: int
    ) -> dict[UUID, tuple[UUID, str]]:
        """Messages that need a sender: their referral and its authority."""
        rows = await connection.fetch(DUE, now, limit)
        return {row["message_id"]: (row["referral_id"], row["authority"]) for row in rows}

    async def claimed(
        self, connection: Connection, message_ids: Sequence[UUID], token: UUID
    ) -> set[UUID]:
        """Those of `message_ids` that the sender with `token` really holds."""
        rows = await connection.fetch(CLAIMED, list(message_ids), token)
        return {row["message_id"] for row in rows}

    async def waiting(self, connection: Connection) -> dict[str, tuple[int, datetime]]:
        """How many messages are on their way, by state, and since when the first is."""
        rows = await connection.fetch(COUNT_WAITING)
        return {row["state"]: (row["messages"], row["since"]) for row in rows}

    # --- staff's -----------------------------------------------------------------------------

    async def page(
        self,
        connection: Connection,
        authorities: Sequence[str],
        referral_id: UUID | None,
        after: tuple[datetime, UUID],
        limit: int,
        seer: Seer,
    ) -> list[Mapping[str, Any]]:
        """A page of messages, in the order of queueing."""
        rows = await connection.fetch(
            PAGE, list(authorities), referral_id, *after, limit, *parameters(seer)
        )
        return [dict(row) for row in rows]

    async def read(
        self, connection: Connection, message_id: UUID, authorities: Sequence[str], seer: Seer
    ) -> tuple[Mapping[str, Any], str | None] | None:
        """One message, and what was sent (JSON) unless that was erased or never was."""
        row = await connection.fetchrow(READ, message_id, list(authorities), *parameters(seer))
        if row is None:
            return None
        keys = await self._vault.keys(connection, [row["referral_id"]], create=False)
        key = keys.get(row["referral_id"])
        sealed = row["rendered"]
        return dict(row), key.open(sealed, _field(message_id)) if key and sealed else None


def _is_new_case(change: Saved[Case]) -> bool:
    """Whether anything of the case but its messages changed."""
    before, after = change.previous, change.state
    kept = ("decided", "erased", "offers", "restricted", "family")
    return before is None or any(getattr(before, one) != getattr(after, one) for one in kept)


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _field(message_id: UUID) -> str:
    return f"{message_id}/rendered"


def _case(row: Mapping[str, Any], messages: Sequence[Message]) -> Case:
    document = _DOCUMENT.validate_json(row["document"])
    return Case(
        referral_id=row["referral_id"],
        authority=row["authority"],
        reference=row["reference"],
        received_at=row["received_at"],
        decided=row["decided"],
        erased=row["erased"],
        messages=tuple(messages),
        **{name: getattr(document, name) for name in _PARTS},
    )


def _message(row: Mapping[str, Any]) -> Message:
    return Message(
        message_id=row["message_id"],
        kind=Kind(row["kind"]),
        audience=Audience(row["audience"]),
        cause=row["cause"],
        state=State(row["state"]),
        queued_at=row["queued_at"],
        due_at=row["due_at"],
        about=row["about"],
        details=row["details"],
        traceparent=row["traceparent"],
        attempt=row["attempt"],
        cuts=row["cuts"],
        returns=row["returns"],
        claim=row["claim"],
        sent_at=row["sent_at"],
        reason=row["reason"],
        delivered_at=row["delivered_at"],
        told_at=row["told_at"],
        told_how=row["told_how"],
        told_by=row["told_by"],
        channel=row["channel"],
        template=row["template"],
    )
