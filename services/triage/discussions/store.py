"""Every query about discussions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json

from chassis.database import Connection
from chassis.restriction import Seer, hidden, parameters
from chassis.vault import Vault
from contracts.events import Rag
from services.triage.domain import Case, Discussion
from services.triage.domain.discussing import agencies
from services.triage.domain.incidents import Notification

# Keep records of discussions; none is ever changed.
ADD = """
INSERT INTO discussion (discussion_id, referral_id, authority, kind, held_at, recorded_at, staff_id,
                        staff_name, role, agencies, next_on, marac, words)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""

# A referral's discussions, the latest first.
READ = """
SELECT discussion_id, kind, held_at, recorded_at, staff_name, role, agencies, next_on, marac, words
  FROM discussion
 WHERE referral_id = $1 AND authority = $2
 ORDER BY held_at DESC, discussion_id DESC
"""

# What tells of domestic abuse, received from one moment to another, as somebody may see it.
NOTIFICATIONS = f"""
SELECT referral_id, authority, reference, received_at, status, rag, last_discussed_at,
       document -> 'facts' ->> 'source_agency' AS source_agency,
       jsonb_array_length(document -> 'children') AS children,
       jsonb_path_query_array(document, '$.facts.links[*].earlier_referral_id') AS links,
       document -> 'incidents' AS incidents, document -> 'apart' AS apart
  FROM referral
 WHERE authority = ANY ($1) AND domestic_abuse AND received_at >= $2 AND received_at < $3
   AND NOT {hidden("referral.referral_id", 5)}
 ORDER BY received_at, referral_id
 LIMIT $4
"""


async def add(
    connection: Connection, vault: Vault, held: Sequence[tuple[Case, Discussion]]
) -> None:
    """Keep records, their words sealed."""
    ids = sorted({case.referral_id for case, _ in held})
    keys = await vault.keys(connection, ids, create=True)
    rows = []
    for case, one in held:
        words = {
            "attended": one.attended,
            "shared": one.shared,
            "children": one.children,
            "safety_plan": one.safety_plan,
            "safe_contact": one.safe_contact,
        }
        sealed = keys[case.referral_id].seal(
            to_json(words).decode(), f"{one.discussion_id}/discussion"
        )
        rows.append(
            (
                one.discussion_id,
                case.referral_id,
                case.authority,
                one.kind,
                one.held_at,
                one.recorded_at,
                one.person.staff_id,
                one.person.name,
                one.person.role,
                list(agencies(one)),
                one.next_on,
                one.marac,
                sealed,
            )
        )
    await connection.executemany(ADD, rows)


async def read(
    connection: Connection, vault: Vault, referral_id: UUID, authority: str
) -> list[Mapping[str, Any]]:
    """A referral's discussions with their words; those of an erased referral have none."""
    rows = await connection.fetch(READ, referral_id, authority)
    keys = await vault.keys(connection, [referral_id], create=False) if rows else {}
    key = keys.get(referral_id)
    found: list[Mapping[str, Any]] = []
    for row in rows:
        record = dict(row)
        sealed = record.pop("words")
        words = key.open(sealed, f"{record['discussion_id']}/discussion") if key else None
        found.append({**record, "words": from_json(words) if words else None})
    return found


async def notifications(
    connection: Connection,
    authorities: Sequence[str],
    since: datetime,
    until: datetime,
    limit: int,
    seer: Seer,
) -> list[Notification]:
    """What tells of domestic abuse, in the order of receipt, without what is hidden from `seer`."""
    rows = await connection.fetch(
        NOTIFICATIONS, list(authorities), since, until, limit, *parameters(seer)
    )
    return [
        Notification(
            referral_id=row["referral_id"],
            authority=row["authority"],
            reference=row["reference"],
            received_at=row["received_at"],
            source_agency=row["source_agency"],
            status=row["status"],
            rag=Rag(row["rag"]),
            children=row["children"],
            links=tuple(UUID(link) for link in row["links"]),
            discussed_at=row["last_discussed_at"],
            incidents=tuple(UUID(one) for one in row["incidents"] or ()),
            apart=tuple(UUID(one) for one in row["apart"] or ()),
        )
        for row in rows
    ]
