"""A summary each week for the safeguarding leads of each organisation that referred: what became of
its referrals, and what is needed of it.

Made once when the hub opens on the first day of its week, and written anew when it goes, from what
intake and triage say then.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.errors import Unavailable
from chassis.rounds import go_round
from chassis.stream.kernel import Service
from chassis.telemetry import logs
from policy.pack import Pack
from policy.working_time import LONDON, Calendar, is_open, opens_next
from services.notifications.digests import store
from services.notifications.digests.domain import Digest
from services.notifications.domain import Case
from services.notifications.reads import Reads, Summary, Unreadable
from services.notifications.rendering.mail import Email
from services.notifications.rendering.pen import Pen
from services.notifications.rendering.templates import WEEK
from services.notifications.rendering.view import hub
from services.notifications.rendering.words import day, moment

EVERY_SECONDS = 60.0
SPAN: Final = timedelta(days=7)
OF_ORGANISATION: Final = "organisation:"
MOST_LINES = 100
STAGES: Final = {
    "received": "waits for a decision",
    "decided": "decided",
    "allocated": "somebody has taken it on",
    "withdrawn": "withdrawn and closed",
}

log = logs.get_logger(__name__)


def week_begins(calendar: Calendar, now: datetime) -> date | None:
    """The Monday of the week whose first opening this is: the hub is open, and was not on a day of
    this week before today. Else None. Weeks and days are London's."""
    if not is_open(calendar, now):
        return None
    today = now.astimezone(LONDON)
    monday = today.date() - timedelta(days=today.weekday())
    opened = opens_next(calendar, datetime(monday.year, monday.month, monday.day, tzinfo=LONDON))
    return monday if opened.astimezone(LONDON).date() == today.date() else None


class Weeks:
    """Looks until cancelled whether a hub's week has begun."""

    def __init__(self, service: Service[Case], reads: Reads) -> None:
        self._service = service
        self._reads = reads

    async def run(self) -> None:
        """Look every minute. While something that it needs is away, wait."""
        await go_round(
            self.step,
            EVERY_SECONDS,
            away=(Unavailable, Unreadable),
            waits=lambda _: log.warning("weekly_summaries_wait"),
        )

    async def step(self) -> int:
        """Make the summaries of every hub whose week has begun and has none yet; how many. Raises
        Unavailable, Unreadable."""
        service, made = self._service, 0
        for pack in service.policy.in_force(service.clock().astimezone(LONDON).date()):
            authority, now = pack.authority, service.clock()
            monday = week_begins(pack.calendar, now)
            if monday is None:
                continue
            async with service.database.connection() as connection:
                if await store.is_week_marked(connection, authority, monday):
                    continue
            found = await self._reads.summaries(authority, now - SPAN)
            of = [f"{OF_ORGANISATION}{one.organisation_id}" for one in found]
            async with service.database.transaction() as connection:
                made += await store.make_week(
                    connection, authority, monday, of, service.ids, service.clock()
                )
        return made


@dataclass(frozen=True, slots=True)
class WeekWriter:
    """Writes summaries."""

    pen: Pen
    reads: Reads

    async def email(
        self, digest: Digest, wanted: Mapping[UUID, Sequence[UUID]], now: datetime
    ) -> Email | None:
        """A summary as an email; None where there is nothing to say any more. `wanted` are the
        requests that the referrer was told of, by referral. Raises CannotWrite, Unavailable,
        Unreadable, and whatever an authority's own template does."""
        organisation_id = UUID(digest.recipient.removeprefix(OF_ORGANISATION))
        found = await self.reads.summaries(digest.authority, digest.made_at - SPAN, organisation_id)
        if not found:
            return None
        (summary,) = found
        of_it = {one.referral_id for one in summary.referrals}
        asked = await self.reads.wanted(
            [one for referral_id, ids in wanted.items() if referral_id in of_it for one in ids]
        )
        due = {
            referral_id: min(dues)
            for referral_id, ids in wanted.items()
            if (
                dues := [
                    asked[one].due_at or now for one in ids if one in asked and asked[one].wanted
                ]
            )
        }
        pack = self.pen.pack(digest.authority, now)
        return self.pen.email(
            WEEK,
            pack,
            view(pack, digest, summary, due),
            message_id=digest.digest_id,
            recipient=summary.address,
            queued_at=digest.made_at,
        )


def view(
    pack: Pack, digest: Digest, summary: Summary, due: Mapping[UUID, datetime]
) -> Mapping[str, Any]:
    """The names that the summary's templates use. `due`: by when an answer is wanted, by
    referral. Nothing of a referral but its reference, where it stands and when it came."""
    shown = sorted(summary.referrals, key=lambda one: (one.referral_id not in due, one.received_at))
    counts = Counter(one.stage for one in summary.referrals)
    begins = digest.made_at.astimezone(LONDON).date()
    return {
        "title": f"Your referrals, week of {day(begins)}",
        "subject": f"Your referrals, week of {day(begins)}",
        "organisation": summary.name,
        "hub": hub(pack.messages),
        "counts": {
            "waiting": counts["received"],
            "decided": counts["decided"] + counts["allocated"],
            "withdrawn": counts["withdrawn"],
            "wanted": len(due),
        },
        "referrals": [
            {
                "reference": one.reference,
                "received": day(one.received_at.astimezone(LONDON).date()),
                "state": STAGES.get(one.stage, one.stage),
                "wanted_by": moment(due[one.referral_id]) if one.referral_id in due else "",
            }
            for one in shown[:MOST_LINES]
        ],
        "more": max(0, len(shown) - MOST_LINES),
    }
