"""Every query about digests."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.change import Ids
from chassis.database import Connection
from contracts.events import Rag
from services.notifications.digests.domain import Digest, Line
from services.notifications.domain import About, Case, Nudge

# Add lines that are to go. What a replay brings again is there already.
ADD = """
INSERT INTO nudge (cause, clock_id, recipient, referral_id, authority, clock, about, due_at, rag,
                   goes_at)
SELECT cause, clock_id, recipient, referral_id, authority, clock, about, due_at, rag, goes_at
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[],
              $8::timestamptz[], $9::text[], $10::timestamptz[])
       AS new (cause, clock_id, recipient, referral_id, authority, clock, about, due_at, rag,
               goes_at)
    ON CONFLICT (cause, clock_id, recipient) DO NOTHING
"""

# Take back what is not true any more, as far as it has not gone.
SETTLE = "UPDATE nudge SET settled = true WHERE clock_id = ANY ($1) AND NOT settled"

# Forget the lines about erased referrals.
FORGET = "DELETE FROM nudge WHERE referral_id = ANY ($1)"

# Let one at a time gather. The number is this schema's own.
TRY_LOCK = "SELECT pg_try_advisory_xact_lock(7301561, hashtext(current_schema()))"

# Who is to get a digest now. A day's list is an email of its own.
READY = """
SELECT DISTINCT authority, recipient, about = 'today' AS morning
  FROM nudge
 WHERE digest_id IS NULL AND NOT settled AND goes_at <= $1
"""

# Whether an authority's summaries of a week were made.
IS_WEEK_MARKED = "SELECT EXISTS (SELECT FROM week WHERE authority = $1 AND monday = $2)"

# Note that they are, once.
MARK_WEEK = """
INSERT INTO week (authority, monday) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING monday
"""

# What was asked of referrers, and their referrals, since a time.
ASKED = """
SELECT referral_id, about
  FROM message
 WHERE authority = $1 AND kind = 'information_wanted' AND audience = 'referrer'
   AND about IS NOT NULL AND queued_at >= $2
"""

# Which of some things somebody was told that they are asked.
TOLD = "SELECT thing_id FROM asked WHERE thing_id = ANY ($1)"

# Note that they are told now, each once.
NOTE_ASKED = """
INSERT INTO asked (thing_id, authority, staff_id, told_at)
SELECT thing_id, $3, staff_id, $4
  FROM unnest($1::uuid[], $2::uuid[]) AS new (thing_id, staff_id)
    ON CONFLICT (thing_id) DO NOTHING
RETURNING staff_id
"""

# Forget what was told long ago: nobody is asked for so long.
TIDY_ASKED = "DELETE FROM asked WHERE told_at < $1::timestamptz - interval '365 days'"

# Make digests.
MAKE = """
INSERT INTO digest (digest_id, authority, recipient, morning, made_at, state, cuts, due_at)
SELECT digest_id, authority, recipient, morning, $5, 'queued', 0, $5
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[])
       AS new (digest_id, authority, recipient, morning)
"""

# Put every line that is to go into its recipient's digest.
GATHER = """
UPDATE nudge
   SET digest_id = new.digest_id
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[])
       AS new (digest_id, authority, recipient, morning)
 WHERE nudge.digest_id IS NULL AND NOT nudge.settled AND nudge.goes_at <= $5
   AND nudge.authority = new.authority AND nudge.recipient = new.recipient
   AND (nudge.about = 'today') = new.morning
"""

# Claim digests that may go now, or whose sender's lease has passed: nobody knows whether those
# went.
CLAIM = """
UPDATE digest
   SET state = 'sending', claim = $2, due_at = $3,
       cuts = cuts + (state = 'sending')::integer
 WHERE digest_id IN (SELECT digest_id
                       FROM digest
                      WHERE state IN ('queued', 'sending') AND due_at <= $1
                      ORDER BY due_at
                      LIMIT $4
                        FOR UPDATE SKIP LOCKED)
RETURNING digest_id, authority, recipient, morning, made_at, due_at, cuts
"""

# What some digests say now. Who may see a restricted referral hears of it; teams do not.
LINES = """
SELECT nudge.digest_id, nudge.referral_id, referral.reference, nudge.clock, nudge.about,
       nudge.due_at, nudge.rag
  FROM nudge JOIN referral USING (referral_id)
 WHERE nudge.digest_id = ANY ($1) AND NOT nudge.settled AND NOT referral.erased
   AND (nudge.recipient = 'manager' OR NOT (referral.document ->> 'restricted')::boolean)
 ORDER BY nudge.due_at, referral.reference, nudge.clock
"""

# Write what became of a digest, unless another sender has claimed it meanwhile.
RECORD = """
UPDATE digest
   SET state = $3, cuts = $4, due_at = $5, sent_at = $6, reason = $7, claim = NULL
 WHERE digest_id = $1 AND claim = $2
"""

# Note that a day's lists are made; one process does it.
MARK_MORNING = """
INSERT INTO morning (authority, day) VALUES ($1, $2)
    ON CONFLICT (authority, day) DO NOTHING
RETURNING day
"""

# Whether a day's lists were made.
IS_MARKED = "SELECT EXISTS (SELECT 1 FROM morning WHERE authority = $1 AND day = $2)"

# Which of some referrals are known here.
KNOWN = "SELECT referral_id FROM referral WHERE referral_id = ANY ($1)"

# Forget digests that ended long ago.
TIDY_LINES = """
DELETE FROM nudge
 WHERE goes_at < $1 AND (settled OR digest_id IN (
       SELECT digest_id FROM digest WHERE state IN ('sent', 'failed', 'cancelled')))
"""

# Forget the digests that no line stands in any more.
TIDY = """
DELETE FROM digest
 WHERE made_at < $1 AND NOT EXISTS (
       SELECT 1 FROM nudge WHERE nudge.digest_id = digest.digest_id)
"""


async def save(connection: Connection, cases: Sequence[Case]) -> None:
    """Take back what was settled, then add the lines that are new."""
    settled = sorted({one for case in cases for one in case.settled})
    if settled:
        await connection.execute(SETTLE, settled)
    await add(connection, [(case, one) for case in cases for one in case.nudges if not case.erased])


async def add(connection: Connection, nudges: Sequence[tuple[Case, Nudge]]) -> None:
    """Add lines about these cases."""
    await _add(connection, [(one, case.referral_id, case.authority) for case, one in nudges])


async def forget(connection: Connection, referral_ids: Sequence[UUID]) -> None:
    """Forget the lines about these referrals."""
    await connection.execute(FORGET, list(referral_ids))


async def gather(connection: Connection, ids: Ids, now: datetime) -> int:
    """Make a digest of what is to go, for each recipient; how many. 0 while another process does
    it."""
    if not await connection.fetchval(TRY_LOCK):
        return 0
    ready = await connection.fetch(READY, now)
    if ready:
        rows = [(ids(), row["authority"], row["recipient"], row["morning"]) for row in ready]
        columns = [list(column) for column in zip(*rows, strict=True)]
        await connection.execute(MAKE, *columns, now)
        await connection.execute(GATHER, *columns, now)
    return len(ready)


async def claim(
    connection: Connection, now: datetime, token: UUID, until: datetime, most: int
) -> tuple[list[Digest], dict[UUID, list[Line]]]:
    """Digests to be sent by whoever holds `token`, until a time, and what they say."""
    rows = await connection.fetch(CLAIM, now, token, until, most)
    digests = [Digest(**row) for row in rows]
    lines: dict[UUID, list[Line]] = {one.digest_id: [] for one in digests}
    for row in await connection.fetch(LINES, list(lines)) if digests else ():
        rag = Rag(row["rag"]) if row["rag"] else None
        line = Line(**{**row, "about": About(row["about"]), "rag": rag})
        lines[line.digest_id].append(line)
    return digests, lines


async def record(connection: Connection, digest: Digest, token: UUID) -> None:
    """Write what became of a digest that `token` holds."""
    await connection.execute(
        RECORD, digest.digest_id, token, digest.state, digest.cuts, digest.due_at, digest.sent_at,
        digest.reason,
    )  # fmt: skip


async def is_marked(connection: Connection, authority: str, day: date) -> bool:
    """Whether an authority's lists of a day were made."""
    return bool(await connection.fetchval(IS_MARKED, authority, day))


async def list_day(
    connection: Connection, authority: str, day: date, found: Mapping[UUID, Sequence[Nudge]]
) -> bool:
    """Add the lines of a day's lists, by referral. False when somebody did it before."""
    if await connection.fetchval(MARK_MORNING, authority, day) is None:
        return False
    known = {row["referral_id"] for row in await connection.fetch(KNOWN, sorted(found))}
    await _add(
        connection,
        [
            (nudge, referral_id, authority)
            for referral_id, nudges in found.items()
            if referral_id in known
            for nudge in nudges
        ],
    )
    return True


async def is_week_marked(connection: Connection, authority: str, monday: date) -> bool:
    """Whether an authority's summaries of a week were made."""
    return bool(await connection.fetchval(IS_WEEK_MARKED, authority, monday))


async def make_week(
    connection: Connection,
    authority: str,
    monday: date,
    recipients: Sequence[str],
    ids: Ids,
    now: datetime,
) -> int:
    """Make a week's summaries, for each recipient one; how many. 0 when somebody did it before."""
    if await connection.fetchval(MARK_WEEK, authority, monday) is None:
        return 0
    made = [ids() for _ in recipients]
    alike = [authority] * len(made)
    await connection.execute(MAKE, made, alike, list(recipients), [False] * len(made), now)
    return len(made)


async def told(connection: Connection, thing_ids: Sequence[UUID]) -> set[UUID]:
    """Which of some offers and actions somebody was told of."""
    return {row["thing_id"] for row in await connection.fetch(TOLD, list(thing_ids))}


async def make_asked(
    connection: Connection,
    authority: str,
    of: Mapping[UUID, UUID],
    prefix: str,
    ids: Ids,
    now: datetime,
) -> int:
    """Make an email for everybody who is asked something that nobody told them of yet, `of`: by what
    they are asked. How many."""
    rows = await connection.fetch(NOTE_ASKED, list(of), list(of.values()), authority, now)
    people = sorted({row["staff_id"] for row in rows})
    if people:
        made = [ids() for _ in people]
        recipients = [f"{prefix}{one}" for one in people]
        alike = [authority] * len(made)
        await connection.execute(MAKE, made, alike, recipients, [False] * len(made), now)
    return len(people)


async def asked(connection: Connection, authority: str, since: datetime) -> dict[UUID, list[UUID]]:
    """The requests that an authority's referrers were told of, by referral."""
    found: dict[UUID, list[UUID]] = {}
    for row in await connection.fetch(ASKED, authority, since):
        found.setdefault(row["referral_id"], []).append(row["about"])
    return found


async def tidy(connection: Connection, before: datetime) -> None:
    """Forget what ended before a time."""
    await connection.execute(TIDY_LINES, before)
    await connection.execute(TIDY, before)
    await connection.execute(TIDY_ASKED, before)


async def _add(connection: Connection, added: Sequence[tuple[Nudge, UUID, str]]) -> None:
    if not added:
        return
    rows: list[tuple[Any, ...]] = [
        (one.cause, one.clock_id, one.recipient, referral_id, authority, one.clock, one.about,
         one.due_at, one.rag, one.goes_at)
        for one, referral_id, authority in added
    ]  # fmt: skip
    await connection.execute(ADD, *[list(column) for column in zip(*rows, strict=True)])
